"""Several processes that share the connections of the same proxies.

One, the parent, has the API: it decides, tells the workers what each proxy is to be,
and answers once all of them have done it. The kernel gives each connection to one of
the workers, who all listen on the same ports (SO_REUSEPORT). Connections have their
numbers from a count that all share, so that every draw is what it is in one process.
"""

from chaos_mcp.proxy.crew.crew import Crew, hired

__all__ = ["Crew", "hired"]
