"""The panels of the Compare page: which runs it is about, and what each part of it shows."""
