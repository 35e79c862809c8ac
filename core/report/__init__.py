"""What a person takes with them: the report of a run as one HTML file, its script, its tables and charts."""
