"""What happens in a run, told to handlers as chaostoolkit-lib's own runner tells it.

Controls may ask for its `event_registry` when they are configured, and register them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chaos_mcp.adapters.chaostoolkit_runs import Record

Given = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Events:
    """A registry of handlers, and what they are told of."""

    registry: Any
    """chaostoolkit-lib's `EventHandlerRegistry`."""
    experiment: Given
    record: Record

    def running(self, configuration: Given, secrets: Given, settings: Given) -> None:
        """Tell that controls are configured and the run begins."""
        from chaoslib.types import Schedule  # noqa: PLC0415 - 120 ms

        journal, schedule = self.record.journal, Schedule()
        self.registry.running(
            self.experiment, journal, configuration, secrets, schedule, settings
        )

    def begins(self, level: str, about: Given) -> None:
        """Tell that a part of the run begins."""
        registry = self.registry
        match level:
            case "hypothesis" if self.record.judged("before"):
                registry.start_hypothesis_after(self.experiment)
            case "hypothesis":
                registry.start_hypothesis_before(self.experiment)
            case "method":
                registry.start_method(self.experiment)
            case "rollbacks":
                registry.start_rollbacks(self.experiment)
            case "activity":
                registry.start_activity(about)

    def ended(self, level: str, about: Given, state: Any) -> None:
        """Tell that a part of the run ended, and with what."""
        registry, journal = self.registry, self.record.journal
        match level:
            case "hypothesis" if self.record.judged("after"):
                registry.hypothesis_after_completed(self.experiment, state, journal)
            case "hypothesis":
                registry.hypothesis_before_completed(self.experiment, state, journal)
            case "method":
                registry.method_completed(self.experiment, state)
            case "rollbacks":
                registry.rollbacks_completed(self.experiment, journal)
            case "activity":
                registry.activity_completed(about, state)

    def interrupted(self) -> None:
        """Tell that a control wants no more, unless the run is at its end anyway."""
        going = self.record.open
        if "rollbacks" in going or "experiment" not in going:
            return
        self.record.journal["status"] = "interrupted"
        if "method" in going:
            self.registry.method_completed(self.experiment)
        self.registry.interrupted(self.experiment, self.record.journal)

    def finish(self) -> None:
        """Tell that all is over."""
        self.registry.finish(self.record.journal)
