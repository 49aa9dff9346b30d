"""What a test was tested under: in its report, in JUnit, in the summary."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from chaos_mcp.events import FaultArmed, FaultProven, FaultVerified

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chaos_mcp.events import Event
    from chaos_mcp.sessions.lazy import Lazy

SEEN = pytest.StashKey[int]()
"""How many events earlier tests have told of."""
FAULT, RUN, EXPERIMENT = "chaos.fault", "chaos.run", "chaos.experiment"


def add(item: pytest.Item, when: str, lazy: Lazy) -> None:
    """Add the faults of a test to its properties, once its fixtures are gone."""
    if when != "teardown" or lazy.session is None:
        return
    stash, events = item.config.stash, lazy.events
    mine = events[stash.get(SEEN, 0) :]
    stash[SEEN] = len(events)
    faults = [*_faults(mine)]
    if faults:
        item.user_properties += [(FAULT, one) for one in faults]
        item.user_properties.append((RUN, str(lazy.session.folder)))


def _faults(events: Sequence[Event]) -> Iterator[str]:
    proven = {one.fault for one in events if isinstance(one, FaultProven)}
    gone = {one.fault for one in events if isinstance(one, FaultVerified)}
    for one in events:
        if isinstance(one, FaultArmed):
            seen = "proven" if one.fault in proven else "unproven"
            end = "taken back" if one.fault in gone else "still stands"
            yield f"{one.name} on {one.target}: {seen}, {end}"


def summary(told: Sequence[tuple[str, object]]) -> Iterator[str]:
    """Yield what was broken in all tests, and where its story is."""
    faults = [str(value) for key, value in told if key == FAULT]
    if faults:
        kinds = Counter(one.partition(" on ")[0] for one in faults)
        shown = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
        left = sum(1 for one in faults if one.endswith("still stands"))
        end = f"{left} STOOD AT THE END OF THEIR TEST" if left else "all taken back"
        yield f"{len(faults)} faults ({shown}): {end}"
    yield from (str(value) for key, value in told if key == EXPERIMENT)
    for folder in sorted({str(value) for key, value in told if key == RUN}):
        yield f"chaos report {folder}"
