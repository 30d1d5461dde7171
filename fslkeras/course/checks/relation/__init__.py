"""The exercises of chapter 3, Relation networks: a module each."""
