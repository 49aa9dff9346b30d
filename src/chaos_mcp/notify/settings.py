"""What the channels that are asked for are set to.

Each key of a channel is looked for in `CHAOS_NOTIFY_NAME_KEY`, then in its table, then
where GitHub and others put it. What stands in place of a name is not quoted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chaos_mcp.errors import ChaosError
from chaos_mcp.notify.making import Maker
from chaos_mcp.notify.tables import tables
from chaos_mcp.registry import CHANNELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from chaos_mcp.notify.base import Channel
    from chaos_mcp.notify.tables import Table

NAME = re.compile(r"[a-z][a-z0-9-]{0,40}")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The channels that were asked for, and why some of them cannot be used."""

    channels: tuple[Channel, ...] = ()
    unready: tuple[str, ...] = ()


def channels(
    asked: Sequence[str | Channel], environment: Mapping[str, str], root: Path
) -> Chosen:
    """Return the channels that were asked for, ready to be used.

    Raise `ChaosError` where a setting is wrong. One that is only missing, as secrets
    are in a fork's jobs, makes a channel unready.
    """
    maker, known = Maker(environment, root), tables(root)
    found = [
        maker.made(*_split(one, known)) if isinstance(one, str) else one
        for one in asked
    ]
    return Chosen(
        tuple(one for one in found if not isinstance(one, str)),
        tuple(one for one in found if isinstance(one, str)),
    )


def _split(asked: str, known: Mapping[str, Table]) -> tuple[str, str, Table]:
    """Return a channel's name, the events that it is asked for with, and its table."""
    name, _, events = asked.partition("=")
    if not NAME.fullmatch(name):
        there = ", ".join(sorted({*known, *CHANNELS}))
        raise ChaosError(
            f"notify: a channel is asked for by its name ({there}); it is not shown "
            "what was given instead\n    URLs and keys go into the environment, where "
            "not everybody sees them: docs/howto/notifications.md"
        )
    return name, events, known.get(name, {})
