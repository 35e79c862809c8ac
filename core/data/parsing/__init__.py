"""From the text of a table to dates, numbers and the roles of its columns."""
