"""Everything raised on purpose.

ChaosError                  shown to a person as one message, never as a traceback
├── InvalidExperiment       the file or the plan is wrong; nothing was touched
├── RunInterrupted          a control wants the run to stop
├── PartMissing             a thing that this machine does not offer is needed
├── ActivityFailed          a probe or an action did not answer as it should
├── FaultRefused            `arm` found foreign or already-broken state
├── FaultUnproven           the fault was injected, and nothing shows that it bit
├── UndoFailed              the system could not be put back, or not seen to be
├── NotDelivered            a notification was not taken by its receiver
├── StoreFailed             the history cannot be read or written
├── SessionEnded            a session was closed, halted or taken over
├── NotPassed               a run came to another verdict than PASSED
├── NotStable               what should have stayed true did not, or was not seen to
├── StillOpen               faults of an earlier run stand, or it was halted
└── JournalFailed           what happens cannot be written down, so nothing may
    ├── JournalBusy         somebody else writes it
    └── JournalTaken        the run's right to act was taken away
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

KeyPath = tuple[str | int, ...]


class ChaosError(Exception):
    """Something went wrong that a person should read about in one message."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong in what the user wrote, and where."""

    problem: str
    path: KeyPath = ()
    file: str = ""
    line: int = 0
    column: int = 0
    hint: str = ""
    misses: Sequence[KeyPath] | None = field(default=None, compare=False, repr=False)
    """Where what it misses might stand, if it misses something elsewhere."""

    def __str__(self) -> str:
        """Write the mistake as compilers do: place, key, problem, next step."""
        place = ":".join(
            str(part) for part in (self.file, self.line, self.column) if part
        )
        key = dotted(self.path)
        head = ": ".join(part for part in (place, key, self.problem) if part)
        return f"{head}\n    {self.hint}" if self.hint else head


def dotted(path: KeyPath) -> str:
    """Write a key path as people do: `perturbations[0].fault`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


class InvalidExperiment(ChaosError):
    """The experiment or its plan is wrong; nothing was touched."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


class PartMissing(ChaosError):
    """A thing is needed that this machine does not offer."""


class RunInterrupted(ChaosError):
    """A control wants the run to stop."""


class ActivityFailed(ChaosError):
    """A probe or an action did not answer as it should."""


class FaultRefused(ChaosError):
    """The target is not in a state in which this fault could be taken back."""


class FaultUnproven(ChaosError):
    """The fault was injected, and nothing shows that it bit."""


class UndoFailed(ChaosError):
    """The system could not be put back, or could not be seen to be."""


class NotDelivered(ChaosError):
    """A notification was not taken by its receiver."""


class SessionEnded(ChaosError):
    """A session can do nothing any more: it was closed, halted or taken over."""


class NotPassed(ChaosError):
    """A run came to another verdict than PASSED."""


class NotStable(ChaosError, AssertionError):
    """What should have stayed true did not, or could not be seen to."""


class JournalFailed(ChaosError):
    """What happens cannot be written down."""


class JournalBusy(JournalFailed):
    """Another process writes the journal, or undoes what stands in it."""


class StoreFailed(ChaosError):
    """The history cannot be read or written; runs are none the worse for it."""

    def __init__(self, message: str, *, again: bool = False) -> None:
        self.again = again
        """Whether it may work at once, since somebody else did it meanwhile."""
        super().__init__(message)


class JournalTaken(JournalFailed):
    """The right to act for the run was taken away from this process."""


class StillOpen(ChaosError):
    """Something keeps a run from starting: faults that stand, or a halt."""

    def __init__(self, message: str, exit_code: int) -> None:
        self.exit_code = exit_code
        super().__init__(message)
