"""Where series come from: bundled samples, Yahoo Finance, files."""
