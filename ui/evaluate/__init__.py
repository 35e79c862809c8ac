"""Panels of the pages that judge a run."""
