"""What is started for a run: processes, containers, proxies."""

from typing import Annotated, Literal

from chaos_mcp.checked.fields import field
from chaos_mcp.checked.marks import Within
from chaos_mcp.experiment.model.calls import ProbeCall
from chaos_mcp.experiment.model.part import Part, PartName, Positive
from chaos_mcp.experiment.units import Duration, Size
from chaos_mcp.experiment.words import Word


class Process(Part):
    """A process that the run starts, waits for, and ends."""

    name: PartName
    command: Annotated[tuple[Word, ...], Within(min_length=1)]
    env: dict[str, Word] = field(default_factory=dict)
    cwd: str | None = None
    """Where it runs; by default, the chaos project's directory."""
    ready: ProbeCall | None = None
    """Asked until it holds; by default, its port accepts connections."""
    within: Duration = 15.0
    """How long it may take to become ready."""


class Health(Part):
    """How the engine itself sees whether a container is healthy."""

    command: Annotated[tuple[Word, ...], Within(min_length=1)]
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
    command: tuple[Word, ...] = ()
    env: dict[str, Word] = field(default_factory=dict)
    port: Positive | None = None
    """Where it listens inside; `${NAME.address}` is where that is reached from here."""
    cpus: Annotated[float, Within(gt=0)] | None = None
    """Cores that it may use."""
    memory: Size | None = None
    """Memory that it may use; it gets no swap."""
    labels: dict[str, Word] = field(default_factory=dict)
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
