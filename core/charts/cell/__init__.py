"""Charts of the inside of a recurrent cell."""
