"""Each chart as a tuple of plain numbers, a function that computes it and one that draws it."""
