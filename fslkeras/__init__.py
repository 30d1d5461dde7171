"""Few-shot learning in Keras: episodes as training examples, and the layers that answer them."""

import os

# Read once, when TensorFlow is first imported: no information lines from its C++ code in a notebook's cells.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def _import_keras_quietly():
    # While its libraries load, TensorFlow 2.21 writes to stderr that there is no GPU, whatever the level above: the level is
    # not yet read then. Python's own exceptions are raised as ever.
    try:
        stderr = os.dup(2)
    except OSError:  # a process without stderr has nothing to keep quiet
        import keras  # noqa: F401

        return
    try:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        import keras  # noqa: F401
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)


_import_keras_quietly()

from fslkeras import corruptions, datasets, encoders, layers, losses, networks  # noqa: E402
from fslkeras.episodes import Episodes, Pairs  # noqa: E402
from fslkeras.evaluation import EvaluationResult, FewShotClassifier, evaluate  # noqa: E402

__all__ = [
    "Episodes",
    "EvaluationResult",
    "FewShotClassifier",
    "Pairs",
    "corruptions",
    "datasets",
    "encoders",
    "evaluate",
    "layers",
    "losses",
    "networks",
]
