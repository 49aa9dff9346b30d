"""How one shop is set up."""

from dataclasses import dataclass
from pathlib import Path

from chaos_mcp.demo.arguments import Address


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the shop's cache and database are, and how patient it is, in seconds."""

    cache: Address
    cache_timeout: float
    database: Path
    fallback: bool
    breaker_failures: int
    breaker_rest: float
    disk: int | None = None
    """Bytes for which the database's directory counts as a disk; None: it is one."""
    ballast: int = 0
