"""Collects the answers in the exercises' modules, as different learners would write them.

RIGHT holds a list of answers for each exercise, WRONG a list of (answer, words from its reason).
"""

RIGHT, WRONG = {}, {}


def right(exercise):
    return lambda answer: RIGHT.setdefault(exercise, []).append(answer) or answer


def wrong(exercise, because):
    return lambda answer: WRONG.setdefault(exercise, []).append((answer, because)) or answer
