"""What happened: the record of a run, and pure readings of it."""
