"""The record of past experiments, and tests that allow for many of them."""
