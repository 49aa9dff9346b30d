"""A control as third parties write them, which notes what it is called with."""

from typing import Any

from chaoslib.exceptions import InterruptExecution

CALLS: list[tuple[str, dict[str, Any]]] = []
INTERRUPT_AT: list[str] = []


def _note(called: str, **given: Any) -> None:
    CALLS.append((called, given))
    if called in INTERRUPT_AT:
        msg = f"enough at {called}"
        raise InterruptExecution(msg)


def configure_control(
    experiment: Any, configuration: Any, secrets: Any, greeting: str = ""
) -> None:
    _note(
        "configure",
        title=experiment["title"],
        configuration=configuration,
        secrets=secrets,
        greeting=greeting,
    )


def cleanup_control() -> None:
    _note("cleanup")


def before_experiment_control(context: Any, **_: Any) -> None:
    _note("before_experiment", title=context["title"])


def after_experiment_control(context: Any, state: Any, **_: Any) -> None:
    _note("after_experiment", title=context["title"], status=state["status"])


def before_hypothesis_control(context: Any, configuration: Any, **_: Any) -> None:
    _note("before_hypothesis", title=context["title"], configuration=configuration)


def after_hypothesis_control(context: Any, state: Any, **_: Any) -> None:
    _note("after_hypothesis", title=context["title"], met=state["steady_state_met"])


def before_method_control(context: Any, **_: Any) -> None:
    _note("before_method", title=context["title"])


def after_method_control(state: Any, **_: Any) -> None:
    _note("after_method", runs=[run["activity"]["name"] for run in state])


def before_rollback_control(context: Any, **_: Any) -> None:
    _note("before_rollback", title=context["title"])


def after_rollback_control(state: Any, **_: Any) -> None:
    _note("after_rollback", runs=[run["activity"]["name"] for run in state])


def before_activity_control(
    context: Any, experiment: Any, secrets: Any, **_: Any
) -> None:
    _note(
        "before_activity",
        name=context["name"],
        title=experiment["title"],
        secrets=secrets,
    )


def after_activity_control(
    context: Any, state: Any, greeting: str = "", **_: Any
) -> None:
    _note(
        "after_activity",
        name=context["name"],
        output=state["output"],
        status=state["status"],
        greeting=greeting,
    )
