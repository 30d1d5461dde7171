"""Answers to the exercises of chapter 1: a module each, named as the check's."""
