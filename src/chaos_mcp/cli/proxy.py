"""`chaos proxy`: the embedded Toxiproxy-compatible server by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


@click.group(name="proxy")
def command() -> None:
    """Run the embedded server, which speaks Toxiproxy's API."""


@command.command(name="serve")
@click.option("--host", "-host", default="127.0.0.1", show_default=True)
@click.option(
    *("--port", "-port"),
    type=click.IntRange(0, 65535),
    default=8474,
    show_default=True,
)
@click.option(
    *("--config", "-config"),
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Proxies to begin with: JSON as POST /populate has it.",
)
@click.option(
    "--strict", is_flag=True, help="End with 1 if the file cannot be had as it is."
)
@click.option("--seed", "-seed", type=int, default=0, help="Repeat every draw.")
@click.option(
    "-proxy-metrics", "_proxies", is_flag=True, hidden=True, expose_value=False
)
@click.option(
    "-runtime-metrics", "_ours", is_flag=True, hidden=True, expose_value=False
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes that share the traffic, where one core is too few.",
)
@click.option(
    "--announce", is_flag=True, help="Print one line of JSON once it listens."
)
@click.option("--exit-with-parent", is_flag=True, help="End as soon as stdin does.")
def serve(**options: Any) -> int:
    """Serve in the foreground until Ctrl-C; Toxiproxy's clients work with it.

    Toxiproxy's options may be written as there, with one dash.

    \b
    chaos proxy serve
    chaos proxy serve --port 0 --config proxies.json
    chaos proxy serve --workers 4
    """
    from chaos_mcp.proxy.__main__ import main  # noqa: PLC0415 - the server itself

    arguments = []
    for name, value in options.items():
        flag = f"--{name.replace('_', '-')}"
        if value is True:
            arguments.append(flag)
        elif value is not None and value is not False:  # 0 is a port
            arguments += [flag, str(value)]
    return main(arguments)
