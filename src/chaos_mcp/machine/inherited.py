"""What processes that we start find in their environment: ours, but not our secrets."""

from __future__ import annotations

import os

PRIVATE = "CHAOS_NOTIFY"
"""How variables begin that only we have a use for: `notify` reads its keys there."""


def inherited() -> dict[str, str]:
    """Return the environment for a process under test, or one that asks it.

    What it writes down, such as its environment when it breaks, is kept with the run.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(PRIVATE)
    }
