"""Options that several commands share."""

from __future__ import annotations

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


quiet_option = click.option("--quiet", "-q", is_flag=True, help="No progress.")
verbose_option = click.option(
    "--verbose", "-v", is_flag=True, help="Every event, not only what matters."
)
