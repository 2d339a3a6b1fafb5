"""How days and numbers are written in each language, where we differ from the framework."""
