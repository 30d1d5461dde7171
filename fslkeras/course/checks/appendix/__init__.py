"""The exercises of the appendix on photographs: a module each."""
