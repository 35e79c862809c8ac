"""Charts of the data before training."""
