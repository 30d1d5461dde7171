"""Few-shot learning in Keras: episodes as training examples, and the layers that answer them."""

import importlib

# Each is loaded when it is first used. So `import fslkeras` does nothing but import: Keras and its backend start when the program,
# which may still want to choose a backend, first asks for something that needs them.
_MODULES = ("datasets", "encoders", "layers", "losses", "metrics", "networks")
_MEMBERS = {
    "Episodes": "episodes",
    "EvaluationResult": "evaluation",
    "FewShotClassifier": "classifier",
    "Pairs": "episodes",
    "evaluate": "evaluation",
}
__all__ = sorted([*_MODULES, *_MEMBERS])


def __getattr__(name):
    if name in _MODULES:
        return importlib.import_module(f"fslkeras.{name}")
    if name in _MEMBERS:
        return getattr(importlib.import_module(f"fslkeras.{_MEMBERS[name]}"), name)
    raise AttributeError(f"module 'fslkeras' has no attribute {name!r}")


def __dir__():
    return __all__
