"""Answers to the exercises of the appendix on photographs: a module each, named as the check's."""
