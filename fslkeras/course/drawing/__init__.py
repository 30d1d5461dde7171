"""Drawing with a finger, a mouse or a pen: the notebook's `DrawingPad`.

The web page in docs/demo shares strokes.js and pad.js.
"""

from fslkeras.course.drawing.drawing_pad import DrawingPad

__all__ = ["DrawingPad"]
