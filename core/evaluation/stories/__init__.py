"""Two stories told with real numbers: where there is skill, and how an illusion of it comes about."""
