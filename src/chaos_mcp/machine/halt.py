"""The halt: one word that stops all runs, and keeps new ones from starting."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

from chaos_mcp.machine.place import alone, put, state_folder

FILE = "halted.json"


@dataclass(frozen=True, slots=True)
class Halt:
    """Why nothing may run, who said so, and since when."""

    reason: str
    by: str
    since: float
    """Seconds since the epoch."""


def halt(reason: str) -> Halt:
    """Let nothing run from now on."""
    made = Halt(reason, _user(), time.time())
    data = {"reason": made.reason, "by": made.by, "since": made.since}
    with alone() as folder:
        put(folder / FILE, json.dumps(data), durable=True)
    return made


def halted() -> Halt | None:
    """Return the halt that stands, if any; one that cannot be read stands, too."""
    try:
        text = (state_folder() / FILE).read_text("utf-8")
    except FileNotFoundError:
        return None
    except OSError as error:
        return Halt(f"{FILE} cannot be read: {error.strerror}", "unknown", 0.0)
    try:
        data = json.loads(text)
        return Halt(str(data["reason"]), str(data["by"]), float(data["since"]))
    except (ValueError, KeyError, TypeError):
        return Halt(f"{FILE} cannot be understood", "unknown", 0.0)


def resume() -> Halt | None:
    """Let runs start again; return the halt that stood."""
    stood = halted()
    with alone() as folder:
        (folder / FILE).unlink(missing_ok=True)
    return stood


def _user() -> str:
    import getpass  # noqa: PLC0415 - only to halt

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"
