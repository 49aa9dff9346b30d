"""Ask whether something accepts TCP connections at an address."""

from __future__ import annotations

import errno
import time
from typing import TYPE_CHECKING, Any, ClassVar

import anyio
from pydantic import Field

from chaos_mcp.errors import ActivityFailed
from chaos_mcp.probes.base import Probe

if TYPE_CHECKING:
    from chaos_mcp.adapters.world import World

REFUSED = (errno.ECONNREFUSED, errno.ECONNRESET)


class Tcp(Probe):
    """Connect; the answer has `connected` and `latency` (seconds).

    A refusal is an answer, `connected: false`. An address that cannot be found or
    reached is *unknown*.
    """

    kind: ClassVar[str] = "tcp"
    example: ClassVar[str] = """\
probe: tcp
address: 127.0.0.1:6379
expect: {connected: true}
"""

    address: str = Field(pattern=r"^.+:\d{1,5}$", description="`host:port`.")

    async def ask(self, world: World) -> Any:
        """Connect, and hang up at once."""
        del world
        host, _, port = self.address.rpartition(":")
        began = time.perf_counter()
        try:
            stream = await anyio.connect_tcp(host.strip("[]"), int(port))
        except OSError as error:
            if _refused(error):
                return {"connected": False, "latency": _since(began)}
            raise ActivityFailed(f"{self.address}: {error}") from error
        latency = _since(began)
        await stream.aclose()
        return {"connected": True, "latency": latency}


def _since(began: float) -> float:
    return round(time.perf_counter() - began, 6)


def _refused(error: OSError) -> bool:
    """Tell whether every address was refused; several come as a group."""
    cause = error.__cause__
    if isinstance(cause, BaseExceptionGroup):
        return all(
            isinstance(one, OSError) and _refused(one) for one in cause.exceptions
        )
    if isinstance(cause, OSError):
        return _refused(cause)
    return error.errno in REFUSED
