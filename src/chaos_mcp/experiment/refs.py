"""`ref`: an activity that stands elsewhere in the file, named instead of repeated."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from chaos_mcp.errors import KeyPath, Mistake

HYPOTHESIS = "steady-state-hypothesis"
LISTS = ("perturbations", "rollbacks")
NAMED: tuple[KeyPath, ...] = ((HYPOTHESIS, "probes", 0), *((one, 0) for one in LISTS))
"""Where activities have names."""


def resolve_refs(data: dict[str, Any], mistakes: list[Mistake]) -> dict[str, Any]:
    """Return the data with each `ref` replaced by the activity of that name."""
    named = _named(data)
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


def _named(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the activities that have names; of several, the last counts.

    The hypothesis comes after the method, as it does for Chaos Toolkit.
    """
    return {
        one["name"]: one
        for one in _activities(data)
        if isinstance(one.get("name"), str)
    }


def _activities(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    hypothesis = data.get(HYPOTHESIS)
    probes = hypothesis.get("probes") if isinstance(hypothesis, Mapping) else None
    for entries in (data.get("rollbacks"), data.get("perturbations"), probes):
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
        ref = one.get("ref") if isinstance(one, Mapping) else None
        if isinstance(ref, str) and ref not in named:
            mistakes.append(_unknown(ref, (*path, index, "ref"), named))
        made.append(named.get(ref, one) if isinstance(ref, str) else one)
    return made


def _unknown(name: str, path: KeyPath, named: Mapping[str, Any]) -> Mistake:
    close = difflib.get_close_matches(name, list(named), n=1, cutoff=0.4)
    hint = f'did you mean "{close[0]}"?' if close else ""
    problem = f"no activity is called {name!r}"
    return Mistake(problem, path, hint=hint, misses=NAMED)
