"""The only modules that import other people's SDKs."""
