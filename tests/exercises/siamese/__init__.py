"""Answers to the exercises of chapter 1: one module each, with the name of the check's."""
