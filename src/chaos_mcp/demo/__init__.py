"""The system that experiments break: a shop that keeps its prices in a cache.

`python -m chaos_mcp.demo.store` is the cache, `python -m chaos_mcp.demo.shop` the
shop. Neither needs Docker, root or an installed server.
"""
