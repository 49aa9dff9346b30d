"""Built-in harms, one a module; each can be taken back."""
