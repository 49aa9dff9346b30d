"""The Docker Engine, spoken to by its SDK, which is loaded when it is needed."""
