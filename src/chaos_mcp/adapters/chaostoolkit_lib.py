"""chaostoolkit-lib, called for a run that is ours as its own runner calls it.

All of it is other people's code and may take its time: call it in a thread.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chaos_mcp.adapters.chaostoolkit_events import Events
from chaos_mcp.adapters.chaostoolkit_runs import Record
from chaos_mcp.errors import ChaosError

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(slots=True)
class Library:
    """Calls the controls of an experiment, and those of this user's settings."""

    experiment: dict[str, Any]
    configuration: dict[str, Any]
    secrets: dict[str, Any]
    settings: dict[str, Any] = field(default_factory=dict)
    source: str = ""
    """The file that the experiment was read from."""
    record: Record = field(default_factory=Record)
    events: Events | None = None

    @property
    def everywhere(self) -> bool:
        """Tell whether the settings have controls of every experiment."""
        return bool(self.settings.get("controls"))

    def listens(self, about: dict[str, Any]) -> bool:
        """Tell whether anybody wants to be told about a part of the run."""
        handlers = self.events and self.events.registry.handlers
        own = self.experiment.get("controls") or about.get("controls")
        return bool(self.everywhere or own or handlers)

    def call(self, function: Callable[[], None]) -> None:
        """Call what asks for the settings that were loaded."""
        from chaoslib.settings import loaded_settings  # noqa: PLC0415 - 120 ms

        loaded_settings.set(self.settings)
        function()

    def configure(self) -> None:
        """Load and configure all controls."""
        from chaoslib import control  # noqa: PLC0415 - 120 ms
        from chaoslib.run import EventHandlerRegistry  # noqa: PLC0415 - 120 ms

        registry = EventHandlerRegistry()
        self.events = Events(registry, self.experiment, self.record)
        given = (self.experiment, self.configuration, self.secrets)
        if self.everywhere:
            _or_say("load", lambda: control.load_global_controls(self.settings))
            self._loaded()
            control.initialize_global_controls(
                *given, self.settings, event_registry=registry
            )
        control.initialize_controls(*given, event_registry=registry)
        self.events.running(self.configuration, self.secrets, self.settings)

    def _loaded(self) -> None:
        """Tell that the experiment was loaded, which was done long ago."""
        from chaoslib.control import controls  # noqa: PLC0415 - 120 ms

        with controls(level="loader", context=self.source) as control:
            control.with_state(self.experiment)

    def begin(self, level: str, about: dict[str, Any]) -> None:
        """Tell that a part begins."""
        if level == "activity":
            self._apply(level, about, "before", None)
        if self.events:
            self.events.begins(level, about)
        if level != "activity":
            self._apply(level, about, "before", None)

    def end(self, level: str, about: dict[str, Any], state: Any) -> None:
        """Tell that a part ended, and with what."""
        if level != "activity":
            self._apply(level, about, "after", state)
        if self.events:
            self.events.ended(level, about, state)
        if level == "activity":
            self._apply(level, about, "after", state)

    def _apply(self, level: str, about: dict[str, Any], scope: str, state: Any) -> None:
        from chaoslib.control import apply_controls  # noqa: PLC0415 - 120 ms

        apply_controls(
            level="rollback" if level == "rollbacks" else level,
            experiment=self.experiment,
            context=about,
            scope=scope,
            state=state,
            configuration=self.configuration,
            secrets=self.secrets,
        )

    def interrupted(self) -> None:
        """Tell that a control wants no more."""
        if self.events:
            self.events.interrupted()

    def clean_up(self) -> None:
        """Let all controls clean up, and tell that all is over."""
        from chaoslib import control  # noqa: PLC0415 - 120 ms

        try:
            _or_say("clean up", lambda: control.cleanup_controls(self.experiment))
        finally:
            if self.everywhere:
                control.cleanup_global_controls()
            if self.events:
                self.events.finish()


def _or_say(what: str, function: Callable[[], None]) -> None:
    """Call what lets everything through, as chaostoolkit-lib does at two places."""
    try:
        function()
    except (Exception, SystemExit) as error:
        raise ChaosError(f"a control could not {what}: {error}") from error
