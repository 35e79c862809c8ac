"""From a frame to windows: labels, splits, scaling, and checks for leakage."""
