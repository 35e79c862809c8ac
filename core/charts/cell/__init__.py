"""Charts of a recurrent cell's gates, states and memory."""
