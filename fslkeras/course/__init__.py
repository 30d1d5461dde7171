"""What only the chapters use: checks, figures, results, sheets of paper, the readiness check.

Importing it starts Keras without TensorFlow's start-up lines, which would fill a notebook's first
cell.
"""

import contextlib
import os


def _start_keras_quietly():
    # TensorFlow reads the level once, when imported, and writes to stderr until then. Python's
    # exceptions still show.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        stderr = os.dup(2)
    except OSError:  # there is no stderr to keep quiet
        return
    try:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        # If this fails, the next import fails, too, and the readiness check says what to do.
        with contextlib.suppress(Exception):
            import keras  # noqa: F401
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)


_start_keras_quietly()


def __getattr__(name):
    if name == "DrawingPad":  # imported at first use, with the widgets it needs
        from fslkeras.course.drawing import DrawingPad

        return DrawingPad
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
