"""From a frame to windows: labels, borders between parts, scaling."""
