"""Chaos experiments that always put the system back, and say how well it coped."""

__version__ = "0.1.0"
