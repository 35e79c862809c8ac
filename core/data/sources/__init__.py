"""Where series come from: bundled samples, Yahoo Finance, Korean sites, FRED, files."""
