"""Charts of a series before anything is trained."""
