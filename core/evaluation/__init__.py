"""Scores, tests of significance and the verdict."""
