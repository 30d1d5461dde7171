"""Few-shot learning in Keras, with episodes as training examples."""

import importlib

# Loaded on first use, so that `import fslkeras` starts neither Keras nor its backend, and a program
# can still choose the backend after it.
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
