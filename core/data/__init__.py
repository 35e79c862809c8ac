"""Where a series comes from and the one shape that it takes: samples, files, Yahoo, the frame contract, its quality."""
