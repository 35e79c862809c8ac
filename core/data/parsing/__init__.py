"""From the bytes of a table to dates, numbers and the role of each column."""
