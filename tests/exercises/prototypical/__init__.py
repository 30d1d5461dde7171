"""Answers to the exercises of chapter 2: a module each, named as the check's."""
