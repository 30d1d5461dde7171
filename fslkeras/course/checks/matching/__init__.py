"""The exercises of chapter 4, matching networks: one module per exercise."""
