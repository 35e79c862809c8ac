"""Error bands around forecasts."""
