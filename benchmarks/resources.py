"""What looking at resources costs: `python -m benchmarks.resources`.

Starts processes that do nothing, and looks at all of them and at the runner, over and
over, as a run does once a second. What counts is the processor time of a look, journal
line included, as a share of the second for which it does.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import anyio

from chaos_mcp.adapters.world import World
from chaos_mcp.engine.resources import EVERY, Resources
from chaos_mcp.events import PartStarted
from chaos_mcp.journal.log import Journal
from chaos_mcp.machine.identity import identity_of

ASKED = 0.002
LOOKS = 500
SLEEP = (sys.executable, "-c", "import time; time.sleep(600)")
PARTS = (1, 4, 10)


def cost(parts: int, looks: int) -> float:
    """Return the share of a core that looking at so many processes takes."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        journal = Journal(folder, "bench")
        stack.callback(journal.close)
        for number in range(parts):
            child = stack.enter_context(subprocess.Popen(SLEEP))
            stack.callback(child.kill)
            who = {"process": identity_of(child.pid).as_json()}
            started = PartStarted(part="process", name=f"part {number}", detail=who)
            journal.record(started)
        return anyio.run(_looking, Resources(journal, World().containers), looks)


async def _looking(resources: Resources, looks: int) -> float:
    await resources.look()
    began = time.process_time()
    for _ in range(looks):
        await resources.look()
    return (time.process_time() - began) / looks / EVERY


def main() -> int:
    """Print the table; return 1 if a usual system costs more than asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--looks", type=int, default=LOOKS)
    looks = parser.parse_args().looks
    found = {parts: cost(parts, looks) for parts in PARTS}
    for parts, share in found.items():
        sys.stdout.write(f"{parts:3} processes: {share:.3%} of one core\n")
    return int(found[4] > ASKED)


if __name__ == "__main__":
    sys.exit(main())
