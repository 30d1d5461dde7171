"""Chapter 3: what a reader is asked to predict, and what is measured."""

from fslkeras.course.checks.predictions import Prediction

PREDICTIONS: dict[str, Prediction] = {}
