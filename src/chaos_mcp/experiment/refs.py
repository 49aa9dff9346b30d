"""`ref`: an activity that stands elsewhere in the file, named instead of repeated."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from chaos_mcp.errors import KeyPath, Mistake

HYPOTHESIS = "steady-state-hypothesis"
LISTS = ("perturbations", "rollbacks")


def resolve_refs(data: dict[str, Any], mistakes: list[Mistake]) -> dict[str, Any]:
    """Return the data with each `ref` replaced by the activity of that name."""
    named = {one["name"]: one for one in _activities(data) if "name" in one}
    resolved = dict(data)
    for key in LISTS:
        if isinstance(data.get(key), list):
            resolved[key] = _resolved(data[key], (key,), named, mistakes)
    hypothesis = data.get(HYPOTHESIS)
    if isinstance(hypothesis, Mapping) and isinstance(hypothesis.get("probes"), list):
        path = (HYPOTHESIS, "probes")
        probes = _resolved(hypothesis["probes"], path, named, mistakes)
        resolved[HYPOTHESIS] = {**hypothesis, "probes": probes}
    return resolved


def _activities(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    hypothesis = data.get(HYPOTHESIS)
    probes = hypothesis.get("probes") if isinstance(hypothesis, Mapping) else None
    for entries in (probes, *(data.get(key) for key in LISTS)):
        for one in entries if isinstance(entries, list) else ():
            if isinstance(one, Mapping) and "ref" not in one:
                yield one


def _resolved(
    entries: list[Any],
    path: KeyPath,
    named: Mapping[str, Any],
    mistakes: list[Mistake],
) -> list[Any]:
    made = []
    for index, one in enumerate(entries):
        if not isinstance(one, Mapping) or "ref" not in one:
            made.append(one)
        elif one["ref"] in named:
            made.append(named[one["ref"]])
        else:
            mistakes.append(_unknown(str(one["ref"]), (*path, index, "ref"), named))
    return made


def _unknown(name: str, path: KeyPath, named: Mapping[str, Any]) -> Mistake:
    close = difflib.get_close_matches(name, list(named), n=1, cutoff=0.4)
    hint = f'did you mean "{close[0]}"?' if close else ""
    return Mistake(f"no activity is called {name!r}", path, hint=hint)
