"""The track record of live forecasts: what is logged of them, how they are scored, and whether the model drifts."""
