"""Charts of how training goes."""
