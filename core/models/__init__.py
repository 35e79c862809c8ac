"""Neural networks and their heads; the only room that defines torch modules."""
