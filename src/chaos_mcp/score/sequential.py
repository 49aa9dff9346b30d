"""When a failure rate is surely over its limit, however often one looks."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, inf, log

GRID = 24
"""Alternatives to the limit that the test bets on at once."""


def _alternatives(limit: float) -> list[float]:
    """Return rates between a limit and 1, closer together near the limit."""
    return [limit + (1 - limit) * (k / GRID) ** 2 for k in range(1, GRID)]


@dataclass(slots=True)
class FailureRate:
    """An anytime-valid test of "at most so many requests fail", one request at a time.

    It bets against the limit p0 at several rates q > p0 at once; each bet is worth
    (q/p0)^x ((1-q)/(1-p0))^(n-x) after x failures in n requests, and all of them
    together are worth their mean, which is 1 at most in expectation while the limit
    is kept. By Ville's inequality the chance that it ever reaches 1/alpha is then at
    most `alpha`, however long one watches (Howard et al. 2021; Waudby-Smith and
    Ramdas 2024). Each bet is kept as a logarithm.
    """

    limit: float
    """The share of requests that may fail, from 0 to 1."""
    alpha: float = 0.01
    """The chance, at most, of an alarm while the limit is kept."""
    requests: int = 0
    failures: int = 0
    crossed: bool = False
    _gains: list[float] = field(default_factory=list, init=False, repr=False)
    _losses: list[float] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        """Work out what a failure and a success do to each bet."""
        if 0 < self.limit < 1:
            rates = _alternatives(self.limit)
            self._gains = [log(q / self.limit) for q in rates]
            self._losses = [log((1 - q) / (1 - self.limit)) for q in rates]

    def observe(self, *, failed: bool) -> bool:
        """Take one request into account; tell whether the limit is surely exceeded.

        Once it was, it stays so.
        """
        self.requests += 1
        if failed and not self.crossed:
            self.failures += 1
            # Successes only ever lower the bets, so they need no look.
            self.crossed = self.evidence >= -log(self.alpha)
        return self.crossed

    @property
    def evidence(self) -> float:
        """Return the logarithm of what all bets together are worth."""
        if self.limit <= 0:
            return inf if self.failures else 0.0
        if self.limit >= 1:
            return 0.0
        good = self.requests - self.failures
        pairs = zip(self._gains, self._losses, strict=True)
        bets = [self.failures * gain + good * loss for gain, loss in pairs]
        most = max(bets)
        return most + log(sum(exp(bet - most) for bet in bets) / len(bets))


@dataclass(slots=True)
class InARow:
    """A plain rule for a dead target: so many failures one after another."""

    limit: int
    run: int = 0

    def observe(self, *, failed: bool) -> bool:
        """Take one request into account; tell whether the row is long enough."""
        self.run = self.run + 1 if failed else 0
        return self.run >= self.limit
