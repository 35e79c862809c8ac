"""Headlines, and the sentiment of each session that is computed from them."""
