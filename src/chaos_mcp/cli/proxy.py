"""`chaos proxy`: the embedded Toxiproxy-compatible server by itself."""

from __future__ import annotations

from pathlib import Path

import click


@click.group(name="proxy")
def command() -> None:
    """Run the embedded server, which speaks Toxiproxy's API."""


@command.command(name="serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8474, show_default=True)
@click.option(
    "--config",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Proxies to begin with: JSON as POST /populate has it.",
)
@click.option("--seed", type=int, default=0, help="Repeat every draw.")
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
def serve(
    host: str,
    port: int,
    config: Path | None,
    seed: int,
    workers: int,
    *,
    announce: bool,
    exit_with_parent: bool,
) -> int:
    """Serve in the foreground until Ctrl-C; Toxiproxy's clients work with it.

    \b
    chaos proxy serve
    chaos proxy serve --port 0 --config proxies.json
    chaos proxy serve --workers 4
    """
    from chaos_mcp.proxy.__main__ import main  # noqa: PLC0415 - the server itself

    arguments = ["--host", host, "--port", str(port), "--seed", str(seed)]
    arguments += ["--workers", str(workers)]
    if config:
        arguments += ["--config", str(config)]
    if announce:
        arguments.append("--announce")
    if exit_with_parent:
        arguments.append("--exit-with-parent")
    return main(arguments)
