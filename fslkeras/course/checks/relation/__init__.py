"""The exercises of chapter 3, Relation networks: one module each, and the predictions."""
