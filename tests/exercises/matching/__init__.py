"""Answers to the exercises of chapter 4: a module each, named as the check's."""
