"""The run told to people and machines: one format a module."""
