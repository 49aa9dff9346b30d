"""Which channels are asked for, and what they are set to.

Names come from `--notify`, else from `CHAOS_NOTIFY`, else from the tables
`[tool.chaos.notify.NAME]` of the project's `pyproject.toml`. Each key of a channel is
looked for in `CHAOS_NOTIFY_NAME_KEY`, then in its table, then where GitHub and others
put it. No secret is ever quoted, nor what somebody may have put in place of a name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chaos_mcp.errors import ChaosError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from pydantic import ValidationError

    from chaos_mcp.notify.base import Channel
    from chaos_mcp.registry import Registry

VARIABLE = "CHAOS_NOTIFY"
NOBODY = "none"
FILE = "pyproject.toml"
NAME = re.compile(r"[a-z][a-z0-9-]{0,40}")
DURATION = "must be a duration such as 10s, up to 5m"
Table = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The channels that were asked for, and why some of them cannot be used."""

    channels: tuple[Channel, ...] = ()
    unready: tuple[str, ...] = ()


def wanted(
    given: Sequence[str], environment: Mapping[str, str], root: Path
) -> tuple[str, ...]:
    """Return what is asked for, as `NAME` or `NAME=EVENT,EVENT`; nothing by default."""
    asked = tuple(given) or tuple(environment.get(VARIABLE, "").split())
    if asked:
        return () if NOBODY in asked else asked
    return tuple(tables(root))


def tables(root: Path) -> dict[str, Table]:
    """Return the settings of a project, by the channels' names.

    They stand in the nearest `pyproject.toml`, from the project's folder upwards.
    """
    places = (folder / FILE for folder in (root, *root.parents))
    file = next((one for one in places if one.is_file()), None)
    if file is None:
        return {}
    try:
        text = file.read_text("utf-8")
        found = _parsed(text) if "chaos" in text else {}
    except (OSError, ValueError) as error:
        raise ChaosError(f"{file}: {error}") from error
    if not all(isinstance(one, dict) for one in found.values()):
        raise ChaosError(f"{file}: tool.chaos.notify holds tables, one a channel")
    return found


def _parsed(text: str) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415 - few projects have settings

    found: Any = tomllib.loads(text)
    for key in ("tool", "chaos", "notify"):
        found = found.get(key, {}) if isinstance(found, dict) else {}
    return found if isinstance(found, dict) else {}


def channels(
    asked: Sequence[str | Channel], environment: Mapping[str, str], root: Path
) -> Chosen:
    """Return the channels that were asked for, ready to be used.

    Raise `ChaosError` where a setting is wrong. One that is only missing, as secrets
    are in a fork's jobs, makes a channel unready.
    """
    from chaos_mcp.registry import Registry  # noqa: PLC0415 - only if asked for

    known = tables(root)
    made: list[Channel] = []
    unready: list[str] = []
    for one in asked:
        if not isinstance(one, str):
            made.append(one)
            continue
        name, events = _split(one, known)
        found = _made(name, events, known.get(name, {}), environment, root, Registry())
        (unready if isinstance(found, str) else made).append(found)  # type: ignore[arg-type]
    return Chosen(tuple(made), tuple(unready))


def _split(asked: str, known: Mapping[str, Table]) -> tuple[str, str]:
    name, _, events = asked.partition("=")
    if not NAME.fullmatch(name):
        there = ", ".join(sorted({*known, "github", "slack", "webhook"}))
        raise ChaosError(
            f"notify: a channel is asked for by its name ({there}); it is not shown "
            "what was given instead\n    URLs and keys go into the environment, where "
            "not everybody sees them: docs/howto/notifications.md"
        )
    return name, events


def _made(
    name: str,
    events: str,
    table: Table,
    environment: Mapping[str, str],
    root: Path,
    registry: Registry,
) -> Channel | str:
    """Return a channel, or why it is not ready."""
    kind = _kind(str(table.get("channel", name)), registry)
    data = {
        **_elsewhere(kind, environment),
        **_resolved(name, table, environment, root),
    }
    data |= dict(_variables(name, kind, environment))
    data |= {"on": events} if events else {}
    missing = [key for key in _required(kind) if key not in data]
    if missing:
        keys = (_usual(name, key, kind, table) for key in missing)
        return f"{name}: not set: {', '.join(keys)}"
    try:
        return kind.model_validate({**data, "name": name})
    except Exception as error:  # pydantic's, which is not loaded here
        if type(error).__name__ != "ValidationError":
            raise
        raise ChaosError(_mistakes(name, error)) from None  # type: ignore[arg-type]


def _kind(name: str, registry: Registry) -> type[Channel]:
    found = registry.find("channel", name)
    if found is None:
        there = ", ".join(registry.names("channel"))
        raise ChaosError(f"notify: there is no such channel (there are: {there})")
    kind: type[Channel] = found.load()
    return kind


def _keys(kind: type[Channel]) -> Iterator[tuple[str, bool]]:
    for field, info in kind.model_fields.items():
        if field != "name":
            yield info.alias or field, info.is_required()


def _required(kind: type[Channel]) -> list[str]:
    return [key for key, needed in _keys(kind) if needed]


def _variable(name: str, key: str) -> str:
    return f"{VARIABLE}_{name}_{key}".replace("-", "_").upper()


def _usual(name: str, key: str, kind: type[Channel], table: Table) -> str:
    """Return the variable in which a key is looked for, as its user knows it."""
    said = table.get(key)
    if isinstance(said, dict) and isinstance(said.get("key"), str):
        variable: str = said["key"]
        return variable
    return next(iter(kind.elsewhere.get(key, ())), _variable(name, key))


def _variables(
    name: str, kind: type[Channel], environment: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield the keys that the environment gives; an empty one is none."""
    for key, _ in _keys(kind):
        if value := environment.get(_variable(name, key), "").strip():
            yield key, value


def _elsewhere(kind: type[Channel], environment: Mapping[str, str]) -> Table:
    """Return the keys that somebody else's variables give."""
    found = {}
    for key, names in kind.elsewhere.items():
        if value := next(filter(None, map(environment.get, names)), ""):
            found[key] = value
    return found


def _resolved(
    name: str, table: Table, environment: Mapping[str, str], root: Path
) -> Table:
    """Return the keys of a table, with what lies elsewhere fetched from there."""
    from chaos_mcp.experiment.configuration import Resolver  # noqa: PLC0415 - as above

    resolver = Resolver(root, environment=environment)
    found = {
        key: value
        for key, value in resolver.secrets(table, {}, ("notify", name)).items()
        if key != "channel" and value not in (None, "")
    }
    wrong = [
        one for one in resolver.mistakes if "the environment has no" not in str(one)
    ]
    if wrong:
        raise ChaosError("\n".join(map(str, wrong)))
    return found


def _mistakes(name: str, error: ValidationError) -> str:
    """Say what is wrong with which key, and nothing of what it held."""
    said = []
    for one in error.errors(include_input=False, include_url=False):
        key = ".".join(map(str, one["loc"][:1]))
        why = DURATION if key == "within" else one["msg"].removeprefix("Value error, ")
        said.append(f"notify.{name}.{key}: {why}")
    return "\n".join(said)
