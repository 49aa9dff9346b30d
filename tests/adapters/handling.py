"""A control that registers a handler of events, and notes all that it is told."""

from typing import Any

from chaoslib.run import EventHandlerRegistry, RunEventHandler

from tests.adapters import listening

Told = tuple[str, tuple[Any, ...]]


class Handler(RunEventHandler):  # type: ignore[misc]
    """Notes every event with what can be compared of its arguments."""


def _noting(name: str) -> Any:
    def note(self: Any, *given: Any, **more: Any) -> None:
        del self
        shown = tuple(_shown(one) for one in (*given, *more.values()))
        listening.CALLS.append((name, {"given": shown}))

    return note


def _shown(given: Any) -> Any:
    """Return the same for what is the same, whenever it was."""
    if isinstance(given, list):
        return [_shown(one) for one in given]
    if not isinstance(given, dict):
        return type(given).__name__
    if "steady_state_met" in given:
        return given["steady_state_met"], _shown(given["probes"])
    if "activity" in given:
        return given["activity"]["name"], given["status"], given["output"]
    if "steady_states" in given:
        return "journal", given["deviated"]
    return given.get("title") or given.get("name") or given


for _name in vars(RunEventHandler):
    if not _name.startswith("_"):
        setattr(Handler, _name, _noting(_name))


def configure_control(
    event_registry: EventHandlerRegistry, settings: Any = None, **_: Any
) -> None:
    event_registry.register(Handler())
    listening.CALLS.append(("configure", {"settings": settings}))


def cleanup_control() -> None:
    listening.CALLS.append(("cleanup of the handling", {}))


def before_loading_experiment_control(context: Any, settings: Any) -> None:
    listening.CALLS.append(("loading", {"from": context, "settings": settings}))


def after_loading_experiment_control(context: Any, state: Any) -> None:
    title = state["title"]
    listening.CALLS.append(("loaded", {"from": context, "title": title}))


def before_activity_control(context: Any, settings: Any) -> None:
    given = {"name": context["name"], "settings": settings}
    listening.CALLS.append(("about to", given))
