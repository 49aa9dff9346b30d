"""What all runs on this machine share: who runs, who holds what, whether to halt."""
