"""Pages made of the models themselves, so that they cannot be out of date."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from chaos_mcp.catalogue import about
from chaos_mcp.experiment import model
from chaos_mcp.registry import SORTS, Registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

NOTE = re.compile(
    r'^    (\w+):[^\n]*(?:\n        [^\n]*|\n    \))*\n    """(.+?)"""',
    re.MULTILINE | re.DOTALL,
)
"""A field of a model, and the docstring under it."""
ORDER = (
    "Experiment", "System", "Process", "Proxy", "Toxiproxy", "Workload", "Request",
    "Slo", "Baseline", "Hypothesis", "ProbeCall", "Limits", "FaultCall", "ActionCall",
    "BlastRadius", "Recovery", "Scoring", "Activity", "PythonProvider",
    "ProcessProvider", "HttpProvider", "Pauses", "Control", "Ref",
)  # fmt: skip


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages before Sphinx reads its sources."""
    app.connect("builder-inited", _write)
    return {"parallel_read_safe": True}


def _write(app: Sphinx) -> None:
    folder = Path(app.srcdir) / "reference"
    _put(folder / "experiment-keys.md", "\n".join(_keys()))
    _put(folder / "catalogue.md", "\n".join(_catalogue()))


def _put(path: Path, text: str) -> None:
    if not path.exists() or path.read_text("utf-8") != text:
        path.write_text(text, "utf-8")


def _keys() -> Iterator[str]:
    yield "# The experiment file"
    yield ""
    yield "Every key, made from the models that check it."
    yield "`chaos schema` prints the JSON Schema of the same, for editors."
    yield ""
    for name in ORDER:
        yield from _model(name, getattr(model, name))


def _model(name: str, cls: Any) -> Iterator[str]:
    yield f"## {name}"
    yield ""
    yield inspect.getdoc(cls) or ""
    yield ""
    notes = _notes(cls)
    yield "| key | type | default | meaning |"
    yield "|---|---|---|---|"
    for field, info in cls.model_fields.items():
        if not info.exclude:
            yield _row(info.alias or field, info, notes.get(field, ""))
    yield ""


def _row(key: str, info: Any, note: str) -> str:
    value = info.get_default(call_default_factory=True)
    default = "required" if info.is_required() else f"`{value!r}`"
    cells = (f"`{key}`", _type(info.annotation), default, note)
    plain = (cell.replace("|", "\\|").replace("\n", " ") for cell in cells)
    return f"| {' | '.join(plain)} |"


def _notes(cls: Any) -> dict[str, str]:
    """Return the docstrings that stand under the fields in the source."""
    source = inspect.getsource(cls)
    found = NOTE.findall(source)
    return {name: " ".join(text.split()) for name, text in found}


def _type(kind: Any) -> str:
    names = [one.__name__ for one in get_args(kind) if isinstance(one, type)]
    text = " or ".join(dict.fromkeys(names)) or getattr(kind, "__name__", str(kind))
    return f"`{text.replace('typing.', '')}`"


def _catalogue() -> Iterator[str]:
    registry = Registry()
    yield "# Faults, probes, actions, reports and channels"
    yield ""
    yield "What is built in. `chaos list` also names what is installed and what your"
    yield "project has."
    yield ""
    for sort in SORTS:
        yield f"## {sort.capitalize()}s"
        yield ""
        for entry in sorted(registry.entries(sort), key=lambda one: one.name):
            first, *rest = about(entry)
            yield f"### {sort} {entry.name}"
            yield ""
            yield "```text"
            yield from [first, *rest]
            yield "```"
            yield ""
