"""The panels of the home page: the doors, the last run, the stories, and what the product will not tell."""
