"""The exercises of chapter 2, Prototypical networks: a module each."""
