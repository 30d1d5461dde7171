"""Where the modules of the exercises collect answers, as different learners would write them.

RIGHT holds a list for each exercise, WRONG a list of answers with words of the reason that each is to get.
"""

RIGHT, WRONG = {}, {}


def right(exercise):
    return lambda answer: RIGHT.setdefault(exercise, []).append(answer) or answer


def wrong(exercise, because):
    return lambda answer: WRONG.setdefault(exercise, []).append((answer, because)) or answer
