"""How an activity is called: a Python function, a command, an HTTP request."""
