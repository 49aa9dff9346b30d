"""The machine-wide index: which runs there are, where, and what each of them holds."""

from __future__ import annotations

import json
import os
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chaos_mcp.errors import ChaosError, FaultRefused
from chaos_mcp.machine.identity import Identity, identity_from, identity_of
from chaos_mcp.machine.place import alone, put, state_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

RUNS = "runs"
LONGEST = 100
"""Characters of a run's name that its file has."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A run, as the others see it."""

    run: str
    folder: Path
    runner: Identity
    title: str = ""
    began: float = 0.0
    """Seconds since the epoch."""
    lease: float = 0.0
    """Seconds that its faults may stand without a sign of life."""
    takes_signals: bool = False
    """Whether SIGTERM stops the run, and not merely its process."""
    claims: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By fault: the targets that nobody else may touch meanwhile."""
    renewed: float = 0.0
    """When it last gave a sign of life, in seconds since the epoch."""

    @property
    def place(self) -> Path:
        """Return the file that says all this."""
        return _file(self.run)


def register(entry: Entry, *, durable: bool = True) -> None:
    """Let the others know of a run, before it does anything.

    `durable` is for a run that may leave something: who looks for it after the machine
    has crashed is to find the run.
    """
    with alone() as folder:
        (folder / RUNS).mkdir(exist_ok=True)
        _write(entry, durable=durable)


def forget(run: str) -> None:
    """Take a run of which nothing is left out of the index."""
    _file(run).unlink(missing_ok=True)


def renew(entry: Entry) -> None:
    """Give a sign of life that others can see; that it can be seen is not vital."""
    with suppress(OSError, ChaosError):
        os.utime(entry.place)


def entries() -> list[Entry]:
    """Return the runs that are in the index, the oldest first."""
    folder = state_folder() / RUNS
    found = [_read(file) for file in sorted(folder.glob("*.json"))]
    known = [entry for entry in found if entry is not None]
    return sorted(known, key=lambda entry: entry.began)


def claim(
    run: str, fault: str, targets: tuple[str, ...], holds: Callable[[Entry], bool]
) -> None:
    """Take targets for a fault, alone.

    `holds` tells whether a run that is in the index still counts. Raise `FaultRefused`
    if another one has one of the targets.
    """
    with alone():
        for other in entries():
            if other.run != run and (taken := _taken(other, targets)) and holds(other):
                raise FaultRefused(
                    f"{taken} is held by the run {other.run} (chaos status)"
                )
        _claims(run, {fault: targets})


def release(run: str, fault: str) -> None:
    """Give the targets of a fault back; that others can see it is not vital."""
    with suppress(ChaosError), alone():
        _claims(run, {fault: ()})


def has(state: Path, run: str) -> bool:
    """Tell whether a run is in the index that is in some state folder."""
    return _file(run, state).exists()


def _file(run: str, state: Path | None = None) -> Path:
    """Return the file of a run; what it calls itself leads nowhere else."""
    name = re.sub(r"[^\w.-]", "_", run)[:LONGEST]
    return (state or state_folder()) / RUNS / f"{name}.json"


def _taken(other: Entry, targets: tuple[str, ...]) -> str:
    held = {target for each in other.claims.values() for target in each}
    return ", ".join(sorted(held & set(targets)))


def _claims(run: str, changed: Mapping[str, tuple[str, ...]]) -> None:
    entry = _read(_file(run))
    if entry is None:
        return
    claims = {k: v for k, v in {**entry.claims, **changed}.items() if v}
    _write(replace(entry, claims=claims))


def _write(entry: Entry, *, durable: bool = False) -> None:
    data = {
        "run": entry.run,
        "folder": str(entry.folder),
        "runner": entry.runner.as_json(),
        "title": entry.title,
        "began": entry.began,
        "lease": entry.lease,
        "takes_signals": entry.takes_signals,
        "claims": {fault: list(targets) for fault, targets in entry.claims.items()},
    }
    put(entry.place, json.dumps(data), durable=durable)


def _read(file: Path) -> Entry | None:
    """Return an entry; None if it is gone, or no entry."""
    try:
        data = json.loads(file.read_text("utf-8"))
        renewed = file.stat().st_mtime
        return _entry(data, renewed)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _entry(data: Any, renewed: float) -> Entry | None:
    runner = identity_from(data["runner"])
    if runner is None:
        return None
    return Entry(
        run=str(data["run"]),
        folder=Path(data["folder"]),
        runner=runner,
        title=str(data.get("title", "")),
        began=float(data.get("began", 0.0)),
        lease=float(data.get("lease", 0.0)),
        takes_signals=bool(data.get("takes_signals")),
        claims={str(k): tuple(map(str, v)) for k, v in data["claims"].items()},
        renewed=renewed,
    )


def entry_of_us(
    run: str, folder: Path, title: str, lease: float, *, signals: bool
) -> Entry:
    """Return the entry of a run that this process carries out."""
    return Entry(
        run=run,
        folder=folder.resolve(),
        runner=identity_of(os.getpid()),
        title=title,
        began=time.time(),
        lease=lease,
        takes_signals=signals,
    )
