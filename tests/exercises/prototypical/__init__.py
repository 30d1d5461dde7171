"""Answers to the exercises of chapter 2: one module per check, with its name."""
