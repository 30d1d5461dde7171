"""Answers to the exercises of the appendix on photographs, one module per exercise."""
