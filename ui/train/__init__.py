"""Panels of the Train page."""
