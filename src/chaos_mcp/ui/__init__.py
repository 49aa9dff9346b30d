"""`chaos ui`: the runs of this machine as web pages, for the person before it alone."""
