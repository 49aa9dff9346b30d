"""Let everything pass: for trying the plumbing out."""

from chaos_mcp.proxy.toxics.base import Stage


class Noop(Stage):
    """Does nothing."""
