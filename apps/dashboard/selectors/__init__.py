"""What the pages show, read in a handful of queries whose number does not grow with the rows."""
