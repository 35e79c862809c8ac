"""The two stories on bundled data, step by step."""
