"""Charts of the training process."""
