"""What this project does to the demo shop; experiments name these functions."""
