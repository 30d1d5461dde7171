"""Three figures that the reader moves.

Where no widget can run, in print, on a web page or in a test, a static figure takes their place.
"""

from fslkeras.course.interactive.figures import contrastive, prototypes, softmax

__all__ = ["contrastive", "prototypes", "softmax"]
