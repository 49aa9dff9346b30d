"""Entries in Chaos Toolkit's form: activities, their providers, and controls."""

from typing import Annotated, Any, Literal

from chaos_mcp.checked.fields import field
from chaos_mcp.checked.marks import OneOf
from chaos_mcp.experiment.model.part import Name, Part
from chaos_mcp.experiment.units import Duration
from chaos_mcp.terms import When


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
