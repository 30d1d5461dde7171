"""Answers to the exercises of chapter 4: one module per exercise, named like its check."""
