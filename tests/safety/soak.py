"""Kill many runs at random, and count what is left: `python -m tests.safety.soak`.

Each run breaks three things at once, and is killed, stopped, or killed together with
its guardian at a random moment. What it broke is then looked at from outside.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tests.echo import echo_server
from tests.safety.bench import LEASE, Bench, Nursery
from tests.safety.conftest import Everything

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.safety.bench import Victim

LONGEST = 1.2
"""Seconds within which a run that nobody kills is over, on an idle machine."""


def kill(victim: Victim) -> None:
    os.kill(victim.pid, signal.SIGKILL)


def stop(victim: Victim) -> None:
    os.kill(victim.pid, signal.SIGSTOP)
    victim.wait(LEASE * 3)
    victim.kill()


def interrupt(victim: Victim) -> None:
    os.kill(victim.pid, signal.SIGTERM)


def both(victim: Victim) -> None:
    """Kill the guardian, then the runner: nobody is left but `chaos recover`."""
    run = victim.run
    for pid in guardians(run) if run else ():
        os.kill(pid, signal.SIGKILL)
    os.kill(victim.pid, signal.SIGKILL)
    victim.wait()
    victim.recover()


def guardians(run: Path) -> list[int]:
    """Return the guardians of a run, by what they were called with."""
    wanted = str(run).encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"chaos_mcp.engine.guardian" in words and wanted in words:
            found.append(int(folder.name))
    return found


DEEDS: tuple[Callable[[Victim], None], ...] = (kill, kill, kill, stop, interrupt, both)


def once(bench: Bench, chance: random.Random) -> str:
    """Let one run die at random; return what went wrong then."""
    deed, moment = chance.choice(DEEDS), chance.uniform(0, LONGEST)
    victim = bench.start()
    try:
        victim.wait(moment)
        with suppress(ProcessLookupError):  # it was over
            deed(victim)
        how = f"{deed.__name__} after {moment:.3f} s"
        if not victim.until(victim.as_before):
            return f"{how}: the world is not as before\n{victim.told()}"
        if not victim.until(victim.closed):
            return f"{how}: the journal says that something is open\n{victim.told()}"
    finally:
        victim.close()
    return ""


def main() -> int:
    """Run as many as are wanted; the exit code is 1 if anything was left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=int, nargs="?", default=1000)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 2**32)
    options = parser.parse_args()
    chance = random.Random(options.seed)  # noqa: S311 - for repeating, not for secrets
    nursery, began = Nursery(), time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="soak-") as folder,
        echo_server() as upstream,
        ThreadPoolExecutor(max_workers=3) as pool,
    ):
        bench = Bench(nursery, Path(folder), lambda at: Everything(at, upstream))
        results = pool.map(
            lambda seed: once(bench, random.Random(seed)),  # noqa: S311 - as above
            [chance.getrandbits(32) for _ in range(options.runs)],
        )
        failed = [result for result in results if result]
    nursery.close()
    took = time.monotonic() - began
    sys.stdout.write("\n\n".join([*failed, ""]))
    sys.stdout.write(
        f"{options.runs} runs in {took:.0f} s, seed {options.seed}: "
        f"{len(failed)} left something\n"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
