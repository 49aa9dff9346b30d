"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


class Setting(click.ParamType[tuple[str, str]]):
    """`KEY=VALUE`."""

    name = "KEY=VALUE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Return the key and the value; refuse what has no equals sign."""
        key, equals, text = str(value).partition("=")
        if not equals or not key:
            self.fail(f"{value!r} is not KEY=VALUE", param, ctx)
        return key, text


class Seconds(click.ParamType[float]):
    """A duration with its unit, such as `10s`."""

    name = "DURATION"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return seconds; refuse what is no duration, or none at all."""
        from chaos_mcp.experiment.units import parse_duration  # noqa: PLC0415 - pydantic

        try:
            seconds = parse_duration(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if seconds <= 0:
            self.fail(f"{value!r} is no time at all", param, ctx)
        return seconds


quiet_option = click.option("--quiet", "-q", is_flag=True, help="No progress.")
verbose_option = click.option(
    "--verbose", "-v", is_flag=True, help="Every event, not only what matters."
)

runs_option = click.option(
    "--runs",
    type=click.Path(path_type=Path, file_okay=False),
    default="runs",
    show_default=True,
    help="Where the runs are.",
)
format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["human", "json"]),
    default="human",
    help="How the result is written to stdout.",
)
