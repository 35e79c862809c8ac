"""The panels of the Track record and of the watch list."""
