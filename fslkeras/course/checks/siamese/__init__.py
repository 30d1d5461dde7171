"""The exercises of chapter 1, Siamese networks: one module each."""
