"""Experiment to plan: every name resolved, every argument checked, nothing touched."""
