"""A run that claims what it is told to: `python -m tests.safety.claimer FOLDER`.

Each line of its input is a target; the answer is `won`, or why not. `stand TARGET` lets
a fault on the target be armed, too.
"""

from __future__ import annotations

import sys
from pathlib import Path

from chaos_mcp.engine.status import holds
from chaos_mcp.errors import FaultRefused
from chaos_mcp.journal.log import Journal
from chaos_mcp.machine import index
from tests.journal.story import armed


def main(folder: Path) -> None:
    """Run until the input ends."""
    run = folder.name
    journal = Journal(folder, run)
    index.register(index.entry_of_us(run, folder, run, 10.0, signals=False))
    say("ready")
    for line in sys.stdin:
        *stand, target = line.split()
        answer = claim(run, target)
        if stand:
            journal.record(armed(target))
        say(answer)


def claim(run: str, target: str) -> str:
    """Claim a target; say what came of it."""
    try:
        index.claim(run, target, (target,), holds)
    except FaultRefused as error:
        return str(error)
    return "won"


def say(what: str) -> None:
    """Say one line."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
