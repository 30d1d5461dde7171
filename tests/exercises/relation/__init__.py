"""Answers to the exercises of chapter 3: a module each, named as the check's."""
