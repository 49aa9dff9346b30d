"""The experiment as Chaos Toolkit would have written it, for tools that read its files.

They ask every activity for its type and its provider. What was written in our short
form gets a provider that names where its code is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chaos_mcp.report.foreign import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Activity = dict[str, Any]

OURS = {
    "probe": "chaos_mcp.probes",
    "action": "chaos_mcp.actions",
    "fault": "chaos_mcp.faults",
}
NOT_ARGUMENTS = {*OURS, "name", "expect", "at", "for", "timeout", "every", "when"}
NEVER_TO_BE_READ_AGAIN = ("configuration", "secrets", "controls", "extensions")
"""What tools would look up anew, in the environment or a vault."""


def experiment(raw: Any) -> dict[str, Any]:
    """Return an experiment with a method, and every activity with a provider."""
    written: Mapping[str, Any] = raw if isinstance(raw, dict) else {}
    kept = {k: v for k, v in written.items() if k not in NEVER_TO_BE_READ_AGAIN}
    steps = written.get("method", written.get("perturbations"))
    made = {
        "description": "",
        **kept,
        "title": plain(written.get("title") or "(unknown)"),
        "method": list(activities(steps)),
        "rollbacks": list(activities(written.get("rollbacks"))),
    }
    if hypothesis := written.get("steady-state-hypothesis"):
        made["steady-state-hypothesis"] = _hypothesis(hypothesis)
    return made


def known(made: Mapping[str, Any]) -> dict[str, Activity]:
    """Return all activities of such an experiment by their names."""
    hypothesis = made.get("steady-state-hypothesis") or {}
    places = (hypothesis.get("probes", ()), made["method"], made["rollbacks"])
    return {one["name"]: one for place in places for one in place if "name" in one}


def of(kind: str, name: str, what: str = "", **arguments: Any) -> Activity:
    """Return an activity that stands nowhere in the experiment's file."""
    return {
        "type": "probe" if kind == "probe" else "action",
        "name": plain(name),
        "provider": {
            "type": "python",
            "module": OURS[kind],
            "func": what or name,
            "arguments": arguments,
        },
    }


def activities(entries: Any) -> Iterator[Activity]:
    """Yield each entry of a list as an activity with type, name and provider."""
    for entry in entries if isinstance(entries, list | tuple) else ():
        if isinstance(entry, dict):
            yield _activity(entry)


def _hypothesis(written: Any) -> dict[str, Any]:
    hypothesis = dict(written) if isinstance(written, dict) else {}
    probes = [
        {**one, "tolerance": one.get("tolerance", True)}
        for one in activities(hypothesis.get("probes"))
    ]
    title = hypothesis.get("title", "the steady state holds")
    return {**hypothesis, "title": title, "probes": probes}


def _activity(entry: dict[str, Any]) -> Activity:
    kind = next((kind for kind in OURS if kind in entry), "")
    if not kind:
        return dict(entry)
    arguments = {k: v for k, v in entry.items() if k not in NOT_ARGUMENTS}
    called = str(entry[kind])
    made = of(kind, str(entry.get("name") or called), called, **arguments)
    return made | ({"tolerance": entry["expect"]} if "expect" in entry else {})
