"""What a plan consists of: what is asked, done and inflicted, all of it checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chaos_mcp.adapters.world import Bounds

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from chaos_mcp.adapters.world import World
    from chaos_mcp.experiment.load import Loaded
    from chaos_mcp.experiment.model import BlastRadius, Experiment
    from chaos_mcp.experiment.substitute import Scope
    from chaos_mcp.faults.base import Fault
    from chaos_mcp.project import Project
    from chaos_mcp.score.model import Settings
    from chaos_mcp.terms import Verdict, When

    Ask = Callable[[World], Awaitable[Any]]
    Judge = Callable[[Any], tuple[Verdict, str]]


@dataclass(frozen=True, slots=True)
class Call:
    """A probe or an action, ready to be called once the system's names are known."""

    name: str
    words: str
    """What it does, for the dry run: `http GET http://…`."""
    prepare: Callable[[Scope], Ask]
    """Resolve the late names; raise `ActivityFailed` if what comes out is wrong."""
    timeout: float | None = None
    before: float = 0.0
    """Seconds to wait first."""
    after: float = 0.0
    written: Any = None
    """The entry of the experiment that it was made of, for controls."""


@dataclass(frozen=True, slots=True)
class Question:
    """A probe, and which answers are all right."""

    call: Call
    judge: Judge | None = None
    """None: any answer will do."""
    doubt: Callable[[Any], Call] | None = None
    """A tolerance that is itself a probe, made to judge an answer."""
    expected: str = ""
    every: float = 1.0
    when: tuple[When, ...] = ("before", "during", "after")
    background: bool = False


@dataclass(frozen=True, slots=True)
class Deed:
    """An action."""

    call: Call
    background: bool = False


@dataclass(frozen=True, slots=True)
class Harm:
    """A fault, when it comes, and for how long it stands."""

    id: str
    name: str
    kind: str
    make: Callable[[Scope], Fault]
    undo_in_words: str
    targets: tuple[str, ...] = ()
    at: float | None = None
    hold: float | None = None
    probability: float = 1.0
    chance: str = ""
    """What it draws its targets from: the seed, and which fault of the run it is."""
    most: int | None = None
    """How many targets it may have."""
    drawn: float = 0.0
    """What the seed drew for it: it is left out if that is not below `probability`."""
    prove: Question | None = None

    @property
    def skipped(self) -> bool:
        """Tell whether the draw leaves it out."""
        return self.drawn >= self.probability


Step = Question | Deed | Harm


@dataclass(frozen=True, slots=True)
class Guard:
    """A safeguard on a probe."""

    name: str
    question: Question
    every: float


@dataclass(frozen=True, slots=True)
class TrafficGuard:
    """A safeguard on a workload's failures."""

    name: str
    workload: str
    limit: float | None
    """Failures as a share of requests that must not be exceeded."""
    alpha: float
    """The chance, at most, of stopping a run that is at the limit."""
    in_a_row: int | None


@dataclass(frozen=True, slots=True)
class Traffic:
    """A workload, before the system's names are known."""

    name: str
    rate: float
    deadline: float
    requests: Callable[[Scope], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Timing:
    """How long each phase takes, in seconds."""

    baseline: float = 0.0
    recovery: float | None = None
    """The most that recovery may take; None: nobody waits for it."""
    hold: float = 5.0
    deadline: float | None = None
    longest: float | None = None
    """How long faults may stand, counted from the first injection."""
    every: float = 1.0
    """How often the hypothesis is asked while faults stand."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a run will do, with every name resolved and every argument checked."""

    loaded: Loaded
    project: Project
    seed: int
    hypothesis: tuple[Question, ...]
    safeguards: tuple[Guard | TrafficGuard, ...]
    steps: tuple[Step, ...]
    rollbacks: tuple[Question | Deed, ...]
    workloads: tuple[Traffic, ...]
    timing: Timing
    settings: Settings
    scope: Scope
    proxied: bool = False
    """Whether a proxy server is needed."""
    toxiproxy: str = ""
    """The URL of the Toxiproxy to use; empty: the embedded one."""
    dynamic: Mapping[str, Call] = field(default_factory=dict)
    """Configuration that probes give at the start of the run."""
    ready: Mapping[str, Question] = field(default_factory=dict)
    """By process: how to see that it is ready."""

    @property
    def experiment(self) -> Experiment:
        """Return what the user wrote."""
        return self.loaded.experiment

    @property
    def may_leave_something(self) -> bool:
        """Tell whether a run that dies could leave a fault, or a part of its own."""
        system = self.experiment.system
        harms = any(isinstance(step, Harm) for step in self.steps)
        parts = system and (system.processes or system.containers)
        return harms or self.proxied or bool(parts)


def bounds_of(radius: BlastRadius, run: str = "") -> Bounds:
    """Return what the faults of a run may choose from."""
    return Bounds(run=run, protect=radius.protect, targets=radius.targets)
