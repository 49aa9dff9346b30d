"""What remains of an experiment whose structure is wrong, so that it is checked too.

Wrong parts are taken out, or replaced by harmless ones where something must stand.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from chaos_mcp.experiment.explained import NOTHING, Explained, at
from chaos_mcp.experiment.mistakes import mistakes_of, written_path
from chaos_mcp.experiment.model import Experiment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chaos_mcp.errors import KeyPath, Mistake

GONE = object()
HARMLESS = {
    "title": "x",
    "name": "x",
    "type": "probe",
    "rate": "1/s",
    "upstream": "127.0.0.1:1",
    "command": ["true"],
    "url": "http://127.0.0.1",
    "max-failure-rate": 1.0,
}
"""What stands in for a key that is wrong and must be there."""
FORMS = ("fault", "probe", "action", "ref")
"""Keys without which an entry is none, or another one."""
EITHER = {
    "workload": ("http", "mix"),
    "safeguards": ("probe", "workload", "provider", "max-failure-rate", "in-a-row"),
}
"""Keys of which an item needs one: looked at only once all its keys are right."""


@dataclass(slots=True)
class Remains:
    """An experiment's data, what was found wrong with it, and what is left of it."""

    data: Mapping[str, Any]
    said: list[Mistake]
    """The mistakes of its structure."""
    read: list[Mistake] = field(default_factory=list, kw_only=True)
    """The mistakes of its text, where some sense was made of it all the same."""
    written: Mapping[str, Any]
    """The data before anything was filled in."""
    changed: dict[KeyPath, Any] = field(default_factory=dict)
    """What stands in the place of something wrong, or that it is gone."""
    kept: dict[KeyPath, dict[str | int, str | int]] = field(default_factory=dict)
    """Where the items stood that are left of lists which have lost some."""
    hidden: list[Mistake] = field(default_factory=list)
    """Mistakes of the structure that others hid."""

    def experiment(self) -> Experiment | None:
        """Return an experiment made of what is right; None if nothing can be."""
        # What names nothing cannot be followed.
        lost = [one.path[:-1] for one in self.said if _of_form(one.path, ("ref",))]
        self.changed = dict.fromkeys(lost, GONE)
        while True:
            left = self._left()
            try:
                return Experiment.model_validate(left)
            except ValidationError as error:
                change = self._change(error, left)
            if () in change:
                return None
            self.changed.update(change)

    def all(self, mistakes: Iterable[Mistake]) -> list[Mistake]:
        """Return what is wrong with the structure and, of `mistakes`, with the rest.

        What may be there only because of something else that is wrong is left out.
        """
        more = [self._in_place(one) for one in mistakes]
        said = Explained(self.data, self.read, (), self.written).rest(self.said)
        return [*self.read, *said, *self.hidden, *self._rest(more)]

    def original(self, path: KeyPath) -> KeyPath:
        """Return the path that something had before items were taken out."""
        here: KeyPath = ()
        for part in path:
            here = (*here, self.kept.get(here, {}).get(part, part))
        return here

    def _in_place(self, mistake: Mistake) -> Mistake:
        misses = mistake.misses and [self.original(one) for one in mistake.misses]
        return replace(mistake, path=self.original(mistake.path), misses=misses)

    def _rest(self, mistakes: Iterable[Mistake]) -> list[Mistake]:
        """Return those that do not follow from what was said."""
        said = [*self.read, *self.said]
        return Explained(self.data, said, self.changed, self.written).rest(mistakes)

    def _left(self) -> dict[str, Any]:
        inside: dict[KeyPath, set[str | int]] = {}
        for path in self.changed:
            for length, part in enumerate(path):
                inside.setdefault(path[:length], set()).add(part)
        left: dict[str, Any] = self._part(self.data, (), inside)
        return left

    def _part(
        self, value: Any, path: KeyPath, inside: Mapping[KeyPath, set[str | int]]
    ) -> Any:
        """Return a part as it is left; `inside` has the keys that changed."""
        if path in self.changed or path not in inside:
            return self.changed.get(path, value)
        keys = range(len(value)) if isinstance(value, list) else {*value, *inside[path]}
        left = {}
        for key in keys:
            here = (*path, key)
            one = None if here in self.changed else value[key]
            made = self._part(one, here, inside)
            if made is not GONE:
                left[key] = made
        if isinstance(value, list):
            self.kept[path] = dict(enumerate(left))
            return list(left.values())
        return {key: left[key] for key in (*value, *left) if key in left}

    def _change(
        self, error: ValidationError, left: dict[str, Any]
    ) -> dict[KeyPath, Any]:
        """Return what to put in the place of what is still wrong."""
        if self.changed:
            self.hidden += self._rest(self._newly(error, left))
        errors = error.errors(include_url=False)
        paths = {self.original(written_path(one["loc"], left)) for one in errors}
        return dict(self._instead(path) for path in paths)

    def _newly(self, error: ValidationError, left: dict[str, Any]) -> Iterator[Mistake]:
        """Yield what is said of an item only when each of its keys is right."""
        for one in mistakes_of(error, left):
            path = self.original(one.path)
            if path and path[0] in EITHER and isinstance(path[-1], int):
                needed = [(*path, key) for key in EITHER[str(path[0])]]
                yield replace(one, path=path, misses=needed)

    def _instead(self, path: KeyPath) -> tuple[KeyPath, Any]:
        if not path:
            return path, GONE
        key = path[-1]
        there = at(self.data, path) is not NOTHING
        if path not in self.changed and key in HARMLESS:
            return path, HARMLESS[str(key)]
        if there and not _of_form(path) and self.changed.get(path) is not GONE:
            return path, GONE
        return self._instead(path[:-1])


def _of_form(path: KeyPath, forms: tuple[str, ...] = FORMS) -> bool:
    """Tell whether this is the key that makes an entry what it is."""
    around = path[-2:-1]
    entry = around in (("ready",), ("prove",)) or any(
        isinstance(one, int) for one in around
    )
    return entry and path[-1] in forms
