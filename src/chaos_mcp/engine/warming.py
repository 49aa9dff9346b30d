"""What a guardian loads before it is needed.

A disk that a fault has filled or frozen cannot be loaded from.
"""

from __future__ import annotations

import codecs
import gc
import os

os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
"""Looking for them takes as long as all else, and none has a say in an undo."""


def load() -> None:
    """Load what guarding any run needs."""
    import anyio  # noqa: PLC0415 - the point of this

    from chaos_mcp.engine import recover  # noqa: F401, PLC0415 - as above
    from chaos_mcp.events import EVENT  # noqa: PLC0415 - as above
    from chaos_mcp.faults import base  # noqa: F401, PLC0415 - as above
    from chaos_mcp.journal import authority  # noqa: F401, PLC0415 - as above

    codecs.lookup("ascii")  # a module, too
    EVENT.rebuild()
    anyio.run(anyio.sleep, 0)


def warm(kinds: list[str], server: str) -> None:
    """Load all that undoing these faults can need."""
    from chaos_mcp.adapters import reach  # noqa: PLC0415 - the point of this
    from chaos_mcp.registry import Registry, fault_called  # noqa: PLC0415 - as above

    load()
    registry = Registry()
    for kind in kinds:
        fault = fault_called(kind, registry)
        fault.model_rebuild()
        fault.warm()
    for one in filter(None, server.split(",")):
        reach.load(one)
    gc.freeze()  # what is loaded stays, and need not be looked at again
