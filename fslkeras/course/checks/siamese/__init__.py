"""The exercises of chapter 1, Siamese networks: a module each."""
