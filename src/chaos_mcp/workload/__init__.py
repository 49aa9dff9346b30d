"""Traffic as customers make it, so that there is something to measure."""
