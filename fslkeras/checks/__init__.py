"""The exercises' checks: `checks.prototypes(my_prototypes)` says whether an answer is right, and if not, why."""

from fslkeras.checks.prototypical import accuracy, breakages, distances, prototypes, short_training

__all__ = ["accuracy", "breakages", "distances", "prototypes", "short_training"]
