"""A time in the past: a date, or how long ago."""

from __future__ import annotations

import re
import time
from datetime import datetime
from typing import Any

import click

DAY = 86_400.0
UNITS = {"d": DAY, "w": 7 * DAY, "h": 3600.0, "m": 60.0}


class Since(click.ParamType[float]):
    """`2026-11-01`, `2026-11-01T12:00`, `7d`, `12h`."""

    name = "WHEN"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return seconds since the epoch; local time where no zone is said."""
        text = str(value)
        if not text:
            return 0.0
        if ago := re.fullmatch(r"(\d{1,6})([dwhm])", text):
            return time.time() - int(ago[1]) * UNITS[ago[2]]
        try:
            return datetime.fromisoformat(text).timestamp()
        except (ValueError, OverflowError):
            self.fail(f"{text!r} is no date and no age such as 7d", param, ctx)
