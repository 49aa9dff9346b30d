"""What an experiment is: the keys people write, and what each may hold."""

from typing import Annotated, Any, Literal

from chaos_mcp.checked.fields import field
from chaos_mcp.checked.marks import OneOf, Told, Within
from chaos_mcp.checked.model import Model
from chaos_mcp.experiment.units import Duration, Rate, Share, Size
from chaos_mcp.terms import When

NAME = r"^[^\x00-\x1f\x7f]{1,200}$"
PART_NAME = r"^[A-Za-z][A-Za-z0-9_-]{0,62}$"

Name = Annotated[str, Within(pattern=NAME)]
PartName = Annotated[str, Within(pattern=PART_NAME)]
Positive = Annotated[int, Within(gt=0)]


def _kebab(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


class Part(Model, extra="forbid", alias=_kebab):
    """A piece of an experiment: frozen, and refusing keys that it does not know."""


class _Call(Part, extra="allow"):
    """An entry in the short form: what is not a key of ours is an argument."""

    name: Name = ""
    """What the report calls it; by default, what is called."""
    timeout: Duration | None = None

    @property
    def arguments(self) -> dict[str, Any]:
        """Return the keys that belong to what is called."""
        return dict(self.model_extra or {})


class ProbeCall(_Call):
    """A question to the system: `probe: http`, its arguments, what to expect."""

    probe: str
    expect: Any = None
    every: Duration | None = None
    """How often it is asked where it is asked again and again."""
    when: tuple[When, ...] | None = None
    background: bool = False

    @property
    def judged(self) -> bool:
        """Tell whether an expectation was written, be it `null`."""
        return "expect" in self.model_fields_set


class ActionCall(_Call):
    """Something done to the system: `action: shop.reset` and its arguments."""

    action: str
    background: bool = False


class FaultCall(_Call):
    """A harm that is taken back: `fault: network.partition` and its arguments."""

    fault: str
    at: Duration | None = None
    """When it begins, counted from the beginning of the inject phase."""
    for_: Duration | None = None
    """How long it stands; to the end of the inject phase if not said."""
    probability: Share = 1.0
    """The chance that it is injected at all, drawn from the run's seed."""
    prove: ProbeCall | None = None
    """A probe that shows that it bit, where the fault's own proof is not enough."""


class Pauses(Part):
    """Seconds to wait before and after an activity (Chaos Toolkit)."""

    before: float | str = 0
    after: float | str = 0


class PythonProvider(Part):
    """A function in an importable module (Chaos Toolkit)."""

    type: Literal["python"]
    module: str
    func: str
    arguments: dict[str, Any] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    timeout: float | str | None = None


class ProcessProvider(Part):
    """A command (Chaos Toolkit); a string of arguments goes through the shell."""

    type: Literal["process"]
    path: str
    arguments: str | list[Any] | dict[str, Any] = ()  # type: ignore[assignment]
    timeout: float | str | None = None
    secrets: tuple[str, ...] = ()


class HttpProvider(Part):
    """An HTTP request (Chaos Toolkit)."""

    type: Literal["http"]
    url: str
    method: str = "GET"
    headers: dict[str, Any] | None = None
    arguments: Any = None
    timeout: float | str | list[float] | None = None
    verify_tls: bool | str = field(default=True, alias="verify_tls")
    max_retries: int | str = field(default=0, alias="max_retries")
    secrets: tuple[str, ...] = ()


Provider = Annotated[PythonProvider | ProcessProvider | HttpProvider, OneOf("type")]


class ControlProvider(Part):
    """The module that has a control's functions (Chaos Toolkit)."""

    type: Literal["python"]
    module: str
    arguments: dict[str, Any] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()


class Control(Part):
    """Functions called before and after each part of a run (Chaos Toolkit)."""

    name: str
    provider: ControlProvider
    automatic: bool = True
    scope: Literal["before", "after"] | None = None


class Activity(Part):
    """A probe or an action in Chaos Toolkit's form."""

    type: Literal["probe", "action"]
    name: Name
    provider: Provider
    tolerance: Any = None
    pauses: Pauses | None = None
    background: bool = False
    controls: tuple[Control, ...] = ()
    configuration: Any = None
    secrets: Any = None
    every: Duration | None = None
    when: tuple[When, ...] | None = None

    @property
    def judged(self) -> bool:
        """Tell whether a tolerance was written."""
        return "tolerance" in self.model_fields_set


class Ref(Part):
    """The name of an activity that stands elsewhere in the file (Chaos Toolkit)."""

    ref: str


FORMS = ("fault:", "probe:", "action:", "ref:", "activity:")
"""Tags of the forms. Their colons tell them from keys in the locations of errors."""


def _form(value: Any) -> str | None:
    """Tell in which of its forms an entry is written."""
    keys = value if isinstance(value, dict) else getattr(value, "model_fields_set", ())
    for form in ("fault", "probe", "action", "ref"):
        if form in keys:
            return f"{form}:"
    return "activity:" if "type" in keys or "provider" in keys else None


Step = Annotated[
    FaultCall | ProbeCall | ActionCall | Ref | Activity,
    Told(_form, "fault:", "probe:", "action:", "ref:", "activity:"),
]
Question = Annotated[
    ProbeCall | Ref | Activity, Told(_form, "probe:", "ref:", "activity:")
]
Deed = Annotated[
    ActionCall | ProbeCall | Ref | Activity,
    Told(_form, "action:", "probe:", "ref:", "activity:"),
]


class Hypothesis(Part):
    """What should stay true."""

    title: str = "the steady state holds"
    probes: tuple[Question, ...] = ()
    when: tuple[When, ...] | None = None
    """When it is judged: before, during and after, unless said otherwise."""
    every: Duration = 1.0
    """How often it is asked while faults stand."""
    controls: tuple[Control, ...] = ()


class Process(Part):
    """A process that the run starts, waits for, and ends."""

    name: PartName
    command: Annotated[tuple[str, ...], Within(min_length=1)]
    env: dict[str, str] = field(default_factory=dict)
    cwd: str | None = None
    """Where it runs; by default, the chaos project's directory."""
    ready: ProbeCall | None = None
    """Asked until it holds; by default, its port accepts connections."""
    within: Duration = 15.0
    """How long it may take to become ready."""


class Health(Part):
    """How the engine itself sees whether a container is healthy."""

    command: Annotated[tuple[str, ...], Within(min_length=1)]
    """Run inside it; exit code 0 means healthy."""
    every: Duration = 1.0
    timeout: Duration = 1.0
    retries: Positive = 3
    """Failures in a row that make it unhealthy."""


class Container(Part):
    """A container that the run makes, waits for, and removes."""

    name: PartName
    """Also its name on the network that all containers of the run are on."""
    image: str | None = None
    """An image that the engine has."""
    image_from: Literal["host"] | None = None
    """`host`: this machine's own programs and this project, to be read only."""
    command: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    port: Positive | None = None
    """Where it listens inside; `${NAME.address}` is where that is reached from here."""
    cpus: Annotated[float, Within(gt=0)] | None = None
    """Cores that it may use."""
    memory: Size | None = None
    """Memory that it may use; it gets no swap."""
    labels: dict[str, str] = field(default_factory=dict)
    restart: Literal["no", "on-failure", "always"] = "no"
    """Whether the engine starts it again when it ends by itself."""
    health: Health | None = None
    ready: ProbeCall | None = None
    """Asked until it holds; by default, it is healthy, or its port answers."""
    within: Duration = 20.0
    """How long it may take to become ready."""

    def checked(self) -> None:
        """Refuse what has no image, or two."""
        if (self.image is None) == (self.image_from is None):
            msg = "say either `image` or `image-from: host`"
            raise ValueError(msg)


class Proxy(Part):
    """A proxy through which faults on the network go."""

    name: PartName
    upstream: str
    listen: str = "127.0.0.1:0"


class Toxiproxy(Part):
    """A Toxiproxy that runs already, used instead of the embedded one."""

    url: str


class System(Part):
    """What is started for the run and torn down after it."""

    processes: tuple[Process, ...] = ()
    containers: tuple[Container, ...] = ()
    proxies: tuple[Proxy, ...] = ()
    toxiproxy: Toxiproxy | None = None


class Request(Part):
    """One HTTP request of a workload."""

    method: str = "GET"
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    json_: Any = field(default=None, alias="json")
    body: str | None = None
    expect: tuple[int, ...] | int | None = None
    """The statuses that count as success; by default, all below 400."""
    weight: Annotated[float, Within(gt=0)] = 1.0
    """How often it is drawn, relative to the others of its mix."""


class Slo(Part):
    """The service-level objective: what customers were promised."""

    latency: Duration | None = None
    availability: Share = 0.99


class Workload(Part):
    """Traffic at a constant rate, sent whether or not the system keeps up."""

    name: PartName
    http: Request | None = None
    mix: tuple[Request, ...] = ()
    rate: Rate
    slo: Slo = field(default_factory=Slo)
    deadline: Duration = 2.0
    """A request without an answer by then has failed."""

    def checked(self) -> None:
        """Refuse what has no request, or requests in two ways."""
        if bool(self.http) == bool(self.mix):
            msg = "write either `http` (one request) or `mix` (a list of them)"
            raise ValueError(msg)

    @property
    def requests(self) -> tuple[Request, ...]:
        """Return the requests that it draws from."""
        return (self.http,) if self.http else self.mix


class Limits(_Call):
    """A safeguard: what must stay true, or the run stops and undoes everything."""

    probe: str | None = None
    expect: Any = None
    every: Duration = 1.0
    workload: str | None = None
    max_failure_rate: Share | None = None
    confidence: Share = 0.99
    """The chance, at least, that a run at the very limit is not stopped for it."""
    in_a_row: Positive | None = None
    """So many failures one after another stop the run, whatever the rate."""
    type: Literal["probe"] | None = None
    provider: Provider | None = None
    tolerance: Any = None

    def checked(self) -> None:
        """Refuse what watches nothing, or two things at once."""
        kinds = [k for k in ("probe", "workload", "provider") if getattr(self, k)]
        if len(kinds) != 1:
            msg = "a safeguard watches either a `probe` or a `workload`"
            raise ValueError(msg)
        if self.workload and self.max_failure_rate is None and self.in_a_row is None:
            msg = "say `max-failure-rate` or `in-a-row`"
            raise ValueError(msg)


class BlastRadius(Part):
    """How much may be touched, and for how long."""

    max_targets: Positive | None = None
    max_duration: Duration | None = None
    targets: tuple[str, ...] = ()
    """Names of what may be touched; anything if empty."""
    protect: tuple[str, ...] = ()
    """Names, or patterns such as `db-*`, of what is never chosen as a target."""


class Baseline(Part):
    """The time before the first fault, in which normal is measured."""

    for_: Duration | None = None
    """Five seconds where there is a workload, nothing where there is none."""
    warm_up: Duration = 1.0
    """How much of its beginning is not counted."""


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
