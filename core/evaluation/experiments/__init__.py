"""What was tried before: the record of an experiment, and tests that allow for many of them."""
