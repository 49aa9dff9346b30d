"""What this project measures on the demo shop; experiments name these functions.

Each takes the shop's address, changes nothing, and raises if the shop cannot be asked:
the runner then calls the answer unknown.
"""
