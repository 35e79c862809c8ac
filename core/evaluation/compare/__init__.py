"""Two to four saved runs of one target next to each other, on the test windows that they share."""
