"""Forecasts that need no training; they are always shown beside the model."""
