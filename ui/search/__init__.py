"""The panels of the page Search."""
