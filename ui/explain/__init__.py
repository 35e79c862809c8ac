"""Panels of the pages that explain a run."""
