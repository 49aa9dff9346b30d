"""`chaos schema`: the JSON Schema of experiments, for editors."""

from __future__ import annotations

import json

import click


@click.command(name="schema")
def command() -> int:
    """Print the JSON Schema of experiment files, with every built-in fault and probe.

    \b
    chaos schema > experiment.schema.json

    Then begin an experiment with
    `# yaml-language-server: $schema=experiment.schema.json`.
    """
    from chaos_mcp.runs import schema  # noqa: PLC0415 - loads the engine

    click.echo(json.dumps(schema(), indent=2))
    return 0
