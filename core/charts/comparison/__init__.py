"""Charts of several runs next to each other."""
