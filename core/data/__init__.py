"""Where a series comes from and the one shape that it takes: samples, downloads, files, the frame, its quality."""
