"""Hyper-parameter search: a space, trials judged without the test split, a study on disk, and who runs it."""
