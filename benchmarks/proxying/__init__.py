"""What `benchmarks.proxy` is made of: servers, load, and the figures themselves."""
