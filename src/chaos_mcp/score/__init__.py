"""How stable the system stayed: events to a number with its interval, and no clock."""
