"""Names to faults, probes, actions, reports, channels, each with its origin."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cached_property, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from chaos_mcp.errors import ChaosError
from chaos_mcp.faults import BUILT_IN as FAULTS
from chaos_mcp.probes import BUILT_IN as PROBES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from importlib.metadata import EntryPoint

    from chaos_mcp.project import Project

Sort = Literal["fault", "probe", "action", "report", "channel"]
Origin = Literal["built in", "installed", "this project"]

SORTS: tuple[Sort, ...] = ("fault", "probe", "action", "report", "channel")
GROUPS: Mapping[Sort, str] = {
    "fault": "chaos_mcp.faults",
    "probe": "chaos_mcp.probes",
    "action": "chaos_mcp.actions",
    "report": "chaos_mcp.reports",
    "channel": "chaos_mcp.channels",
}
FOLDERS: Mapping[Sort, Literal["probes", "actions"]] = {
    "probe": "probes",
    "action": "actions",
}
PYTHON = {"python": "chaos_mcp.providers.python:function_of"}
REPORTS: Mapping[str, str] = {
    "terminal": "chaos_mcp.report.terminal",
    "html": "chaos_mcp.report.html",
    "md": "chaos_mcp.report.markdown",
    "junit": "chaos_mcp.report.junit",
    "journal": "chaos_mcp.report.chaostoolkit",
    "json": "chaos_mcp.report.result",
    "csv": "chaos_mcp.report.samples_csv",
    "resources-csv": "chaos_mcp.report.resources_csv",
    "openmetrics": "chaos_mcp.report.openmetrics",
    "otlp": "chaos_mcp.report.otlp",
    "otlp-metrics": "chaos_mcp.report.otlp_metrics",
    "perfetto": "chaos_mcp.report.perfetto",
    "svg": "chaos_mcp.report.svg",
    "png": "chaos_mcp.report.png",
    "pdf": "chaos_mcp.report.pdf",
}
"""The modules of report formats; each has a function `render`."""
CHANNELS: Mapping[str, str] = {
    "webhook": "chaos_mcp.notify.webhook:Webhook",
    "slack": "chaos_mcp.notify.slack:Slack",
    "github": "chaos_mcp.notify.github:GitHub",
}
"""The classes of channels by which news of runs are told."""
CATALOGUES: Mapping[Sort, Mapping[str, str]] = {
    "fault": FAULTS,
    "probe": {**PROBES, **PYTHON},
    "action": {name: PROBES[name] for name in ("http", "process")} | PYTHON,
    "report": REPORTS,
    "channel": CHANNELS,
}
"""What is built in. Asking over HTTP and doing something over HTTP are one thing."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing that can be called by its name."""

    sort: Sort
    name: str
    origin: Origin
    source: str
    """Where it comes from: a module, a package, a file."""
    load: Callable[[], Any]
    """Give the class of a fault or probe, the function, the module of a report."""


class Registry:
    """All that experiments of one project can call."""

    def __init__(self, project: Project | None = None) -> None:
        self.project = project

    def find(self, sort: Sort, name: str) -> Entry | None:
        """Return what is called so, or None.

        Raise `ChaosError` if two things are, naming where both come from.
        """
        found = list(self._called(sort, name))
        if len(found) > 1:
            places = " and ".join(f"{one.source} ({one.origin})" for one in found)
            raise ChaosError(f"two {_noun(sort)}s are called {name!r}: {places}")
        return found[0] if found else None

    def get(self, sort: Sort, name: str) -> Entry:
        """Return what is called so; raise `ChaosError` if nothing is, or two are."""
        found = self.find(sort, name)
        if found is None:
            near = self.nearest(sort, name)
            hint = f"did you mean {near!r}?" if near else f"see `chaos list {sort}s`"
            raise ChaosError(f"no {_noun(sort)} is called {name!r}; {hint}")
        return found

    def nearest(self, sort: Sort, name: str) -> str | None:
        """Return the name most like one that does not exist."""
        close = difflib.get_close_matches(name, self.names(sort), n=1, cutoff=0.5)
        return close[0] if close else None

    def names(self, sort: Sort) -> list[str]:
        """Return all names of a sort, in order."""
        return sorted({entry.name for entry in self.entries(sort)})

    def entries(self, sort: Sort) -> Iterator[Entry]:
        """Yield all of a sort: built in, installed, this project's."""
        yield from self._built_in(sort)
        yield from self._installed[sort]
        yield from self._own(sort)

    def _called(self, sort: Sort, name: str) -> Iterator[Entry]:
        yield from (one for one in self._built_in(sort) if one.name == name)
        yield from (one for one in self._installed[sort] if one.name == name)
        if self.project and sort in FOLDERS:
            folder = FOLDERS[sort]
            function = self.project.function(folder, name)
            if function:
                yield self._entry(sort, name, function)

    def _built_in(self, sort: Sort) -> Iterator[Entry]:
        for name, place in CATALOGUES[sort].items():
            module, _, attribute = place.partition(":")
            load = partial(_get, module, attribute)
            yield Entry(sort, name, "built in", module, load)

    @cached_property
    def _installed(self) -> dict[Sort, list[Entry]]:
        from importlib.metadata import entry_points  # noqa: PLC0415 - 15 ms

        found: dict[Sort, list[Entry]] = {}
        for sort, group in GROUPS.items():
            found[sort] = [
                Entry(sort, one.name, "installed", one.value, partial(_load, sort, one))
                for one in entry_points(group=group)
            ]
        return found

    def _own(self, sort: Sort) -> Iterator[Entry]:
        if self.project and sort in FOLDERS:
            for name, function in self.project.functions(FOLDERS[sort]):
                yield self._entry(sort, name, function)

    def _entry(self, sort: Sort, name: str, function: Callable[..., Any]) -> Entry:
        file = f"{FOLDERS[sort]}/{name.partition('.')[0]}.py"
        return Entry(sort, name, "this project", file, lambda: function)


def fault_of(spec: Mapping[str, Any], registry: Registry) -> Any:
    """Make a fault again from the JSON that stands in `fault.armed`.

    What is built in is taken without a look at what else is installed: it may be
    urgent.
    """
    kind = spec.get("fault")
    if not isinstance(kind, str):
        raise ChaosError("the journal does not say which fault it is")
    fault = _loaded(kind, _loading(kind, registry))
    return fault.model_validate({k: v for k, v in spec.items() if k != "fault"})


def fault_called(kind: str, registry: Registry) -> Any:
    """Return the class of a fault; what is built in is taken without another look.

    Raise `ChaosError` if nothing is called so.
    """
    return (_built_in_fault(kind) or registry.get("fault", kind).load)()


def _loading(kind: str, registry: Registry) -> Callable[[], Any]:
    if load := _built_in_fault(kind):
        return load
    if entry := registry.find("fault", kind):
        return entry.load
    raise ChaosError(f"no fault is called {kind!r} here; install what it came from")


def _loaded(kind: str, load: Callable[[], Any]) -> Any:
    """Return the class of a fault, which may be somebody else's and broken."""
    try:
        found = load()
    except ChaosError:  # which says all of this already
        raise
    except (Exception, SystemExit) as error:
        why = f"{type(error).__name__}: {error}"
        raise ChaosError(f"the fault {kind!r} cannot be loaded: {why}") from error
    if not hasattr(found, "model_validate"):
        raise ChaosError(f"what is called {kind!r} is no fault")
    return found


def _built_in_fault(kind: str) -> Callable[[], Any] | None:
    if kind not in FAULTS:
        return None
    module, _, attribute = FAULTS[kind].partition(":")
    return partial(_get, module, attribute)


def _get(module: str, attribute: str) -> Any:
    loaded = import_module(module)
    return getattr(loaded, attribute) if attribute else loaded


def _load(sort: Sort, offered: EntryPoint) -> Any:
    """Return what a package offers; raise `ChaosError` if it cannot be loaded."""
    try:
        return offered.load()
    except (Exception, SystemExit) as error:
        called = f"the {_noun(sort)} {offered.name!r} ({offered.value})"
        said = f"{type(error).__name__}: {error}"
        raise ChaosError(f"{called} cannot be loaded: {said}") from error


def _noun(sort: Sort) -> str:
    return "report format" if sort == "report" else sort
