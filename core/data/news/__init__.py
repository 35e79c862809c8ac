"""Headlines, and the sentiment of each day that is made from them."""
