"""An experiment as a whole, and what it says of its own course."""

from typing import Annotated, Any, Literal

from chaos_mcp.checked.fields import field
from chaos_mcp.checked.marks import Within
from chaos_mcp.experiment.model.baseline import Baseline
from chaos_mcp.experiment.model.part import Name, Part
from chaos_mcp.experiment.model.safety import BlastRadius, Limits
from chaos_mcp.experiment.model.steps import Deed, Question, Step
from chaos_mcp.experiment.model.system import System
from chaos_mcp.experiment.model.toolkit import Control
from chaos_mcp.experiment.model.workload import Workload
from chaos_mcp.experiment.units import Duration
from chaos_mcp.terms import When


class Hypothesis(Part):
    """What should stay true."""

    title: str = "the steady state holds"
    probes: tuple[Question, ...] = ()
    when: tuple[When, ...] | None = None
    """When it is judged: before, during and after, unless said otherwise."""
    every: Duration = 1.0
    """How often it is asked while faults stand."""
    controls: tuple[Control, ...] = ()


class Recovery(Part):
    """The time after the last fault, in which the system comes back."""

    within: Duration = 30.0
    """The recovery time objective (RTO)."""
    hold: Duration = 5.0
    """How long it must stay good to count as recovered."""


class Scoring(Part):
    """What the stability score must reach."""

    threshold: Annotated[float, Within(ge=0, le=100)] = 0.0
    detector: str | None = None
    """The hypothesis probe whose first deviation counts as detection."""
    detect_within: Duration | None = None
    correctness: tuple[str, ...] = ()
    """Names of hypothesis probes whose deviation means that data was wrong or lost."""


class Experiment(Part):
    """One experiment, as its author wrote it."""

    schema_: str | None = field(default=None, alias="$schema")
    version: str | None = None
    title: Name
    description: str = ""
    tags: tuple[str, ...] = ()
    contributions: dict[str, Any] = field(default_factory=dict)
    extensions: tuple[dict[str, Any], ...] = ()
    runtime: dict[str, Any] = field(default_factory=dict)
    configuration: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, Any] = field(default_factory=dict)
    controls: tuple[Control, ...] = ()
    system: System | None = None
    workload: tuple[Workload, ...] = ()
    baseline: Baseline = field(default_factory=Baseline)
    hypothesis: Hypothesis | None = field(default=None, alias="steady-state-hypothesis")
    safeguards: tuple[Limits, ...] = ()
    perturbations: tuple[Step, ...] = ()
    blast_radius: BlastRadius = field(default_factory=BlastRadius)
    recovery: Recovery | None = None
    rollbacks: tuple[Deed, ...] = ()
    score: Scoring = field(default_factory=Scoring)
    deadline: Duration | None = None
    """The longest that the whole run may take."""
    seed: int | None = None
    irreversible: bool = False
    dialect: Literal["chaos-mcp", "chaostoolkit"] = field(
        default="chaos-mcp", exclude=True
    )
    """Which of the two wrote it: Chaos Toolkit's files say `method`."""
