"""Faults in somebody else's program: a session that takes back whatever it does."""
