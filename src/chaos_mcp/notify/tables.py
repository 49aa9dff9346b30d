"""Which channels are asked for, and the project's settings of them.

They are asked for by `--notify`, else by `CHAOS_NOTIFY`, else by the tables
`[tool.chaos.notify.NAME]` of the project's `pyproject.toml`. Every run asks: so this
loads nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chaos_mcp.errors import ChaosError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

VARIABLE = "CHAOS_NOTIFY"
NOBODY = "none"
FILE = "pyproject.toml"
KEYS = ("tool", "chaos", "notify")
MISSING = "the environment has no"
"""What `Resolver` says of a variable that is not set, which is no mistake here."""
Table = dict[str, Any]


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
        found = _parsed(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ChaosError(f"{file}: {error}") from error
    if not all(isinstance(one, dict) for one in found.values()):
        raise ChaosError(f"{file}: {'.'.join(KEYS)} holds tables, one a channel")
    return found


def resolved(
    name: str, table: Table, environment: Mapping[str, str], root: Path
) -> Table:
    """Return the keys of a table, with what lies elsewhere fetched from there.

    Raise `ChaosError` if that cannot be; a variable that is not set is left out.
    """
    from chaos_mcp.experiment.configuration import Resolver  # noqa: PLC0415 - if any

    resolver = Resolver(root, environment=environment)
    values = resolver.secrets(table, {}, ("notify", name))
    wrong = [str(one) for one in resolver.mistakes if MISSING not in one.problem]
    if wrong:
        raise ChaosError("\n".join(wrong))
    given = ((key, value) for key, value in values.items() if key != "channel")
    return {key: value for key, value in given if value not in (None, "")}


def _parsed(text: str) -> dict[str, Any]:
    if not all(key in text for key in KEYS):
        return {}
    import tomllib  # noqa: PLC0415 - few projects have settings

    found: Any = tomllib.loads(text)
    for key in KEYS:
        found = found.get(key, {}) if isinstance(found, dict) else {}
    return found if isinstance(found, dict) else {}
