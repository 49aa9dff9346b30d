"""The experiment as it was run, and the machine that it ran on."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from markupsafe import escape

from chaos_mcp.report.html.element import el, join, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from markupsafe import Markup

    from chaos_mcp.report.reading import Reading

LONGEST = 40_000


def about(reading: Reading) -> Markup:
    """Return the experiment, and where and how it was run."""
    rows = [
        el("tr", el("th", name, scope="row"), el("td", value))
        for name, value in _facts(reading)
    ]
    written = _as_written(reading.started.experiment, reading.started.file)
    return join(
        [
            el("table", el("tbody", *rows), css="facts"),
            el(
                "details",
                el("summary", "The experiment as it was read"),
                el("pre", escape(plain(written, LONGEST)), tabindex=0),
            ),
        ]
    )


def _facts(reading: Reading) -> Iterator[tuple[str, object]]:
    started = reading.started
    yield "experiment", started.file or "(unknown)"
    yield "digest", f"sha256:{started.digest}" if started.digest else "(unknown)"
    yield "seed", started.seed
    yield "chaos-mcp", started.version or "(unknown)"
    yield from _machine(started.host)


def _machine(host: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """Yield what the machine was, the command as it could be typed again."""
    for name, value in host.items():
        if name == "command" and isinstance(value, list):
            yield "command", el("code", shlex.join(map(str, value)))
        else:
            yield name, value


def _as_written(written: Any, file: str) -> str:
    """Return an experiment as people write it: as YAML, unless it was read as JSON."""
    if not file.endswith((".yaml", ".yml")):
        return json.dumps(written, indent=2, ensure_ascii=False)
    import yaml  # noqa: PLC0415 - a JSON file's report does without

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    try:
        text: str = yaml.dump(
            written, Dumper=dumper, sort_keys=False, allow_unicode=True, width=88
        )
    except yaml.YAMLError:
        return json.dumps(written, indent=2, ensure_ascii=False)
    return text
