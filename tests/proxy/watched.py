"""The proxy server, which writes down at SIGUSR1 what it holds: for the soak."""

import asyncio
import gc
import json
import os
import signal
import sys

from chaos_mcp.proxy.__main__ import main


def told(*_: object) -> None:
    """Write the tasks, timers and objects that are left once garbage is away."""
    gc.collect()
    tasks = asyncio.all_tasks()
    held = {"tasks": len(tasks), "objects": len(gc.get_objects())}
    os.write(1, json.dumps(held).encode() + b"\n")


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, told)
    sys.exit(main())
