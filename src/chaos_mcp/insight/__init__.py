"""What a run teaches: what each fault did to traffic, and what follows from it."""
