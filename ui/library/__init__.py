"""The panels of the Runs page: the table of all runs, its filters, and what is done with the ticked ones."""
