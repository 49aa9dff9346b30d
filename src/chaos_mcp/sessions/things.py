"""What a session has started for a program: proxies and processes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy between a program and something that it uses."""

    name: str
    listen: str
    """Where to connect to instead, as `host:port`."""
    upstream: str
    """Where that leads, as `host:port`."""

    @property
    def host(self) -> str:
        """Return the host of `listen`."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """Return the port of `listen`."""
        return int(self.listen.rpartition(":")[2])


@dataclass(frozen=True, slots=True)
class Part:
    """A process that the session has started, and ends."""

    name: str
    address: str
    """Where it was told to listen (`HOST` and `PORT`), as `host:port`."""
    pid: int

    @property
    def host(self) -> str:
        """Return the host of `address`."""
        return self.address.rpartition(":")[0]

    @property
    def port(self) -> int:
        """Return the port of `address`."""
        return int(self.address.rpartition(":")[2])


@dataclass(frozen=True, slots=True)
class Effect:
    """A fault of a session, as far as it has come."""

    id: str
    kind: str
    target: str
    proven: bool
    evidence: Any
    """What showed that it bit."""
    gone: bool
    """Whether it was taken back, and seen to be gone."""
