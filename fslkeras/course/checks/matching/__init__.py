"""The exercises of chapter 4, Matching networks: a module each."""
