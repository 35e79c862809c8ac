"""Every job on the screen: who started it, how far it is, and what becomes of its result."""
