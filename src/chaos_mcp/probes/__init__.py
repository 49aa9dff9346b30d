"""Built-in measurements, one a module; a probe changes nothing."""
