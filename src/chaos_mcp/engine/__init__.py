"""What runs a plan, and what stops it."""
