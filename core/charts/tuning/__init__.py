"""Charts of a search: its history, its points, and which settings matter."""
