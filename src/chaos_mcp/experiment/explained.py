"""Which mistakes may be there only because of another one that was said already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from chaos_mcp.experiment.mistakes import NO_SUCH_KEY
from chaos_mcp.experiment.model import Experiment

if TYPE_CHECKING:
    from chaos_mcp.errors import KeyPath, Mistake

VALUES = ("configuration", "secrets")
"""Where it is written what `${name}` stands for."""
NOTHING = object()


class Explained:
    """Tells what may follow from mistakes, and from what was changed for them.

    In doubt it does: a mistake told later is better than one that is none.
    """

    def __init__(
        self,
        data: Mapping[str, Any],
        said: Iterable[Mistake],
        changed: Iterable[KeyPath],
        written: Mapping[str, Any],
    ) -> None:
        said = list(said)
        self.data = data
        self.slips = _by_parent(one for one in said if one.problem == NO_SUCH_KEY)
        wrong = {*changed, *(one.path for one in said if one.path)}
        self.wrong = wrong | set(self._doubtful(said, written))
        self.around = {one[:end] for one in self.wrong for end in range(len(one))}
        self.lists = {one[:-1] for one in self.wrong} | {
            one[:-2] for one in self.wrong if one[-1] == "name"
        }
        """Where an item is wrong, or the name of one."""

    def rest(self, mistakes: Iterable[Mistake]) -> list[Mistake]:
        """Return, once each, those that do not follow."""
        return [one for one in dict.fromkeys(mistakes) if not self.follows(one)]

    def follows(self, mistake: Mistake) -> bool:
        """Tell whether nothing may be left of a mistake once the others are mended."""
        beside = mistake.path[-1:] == ("func",) and (*mistake.path[:-1], "module")
        if self._within(mistake.path) or (beside and self._within(beside)):
            return True
        if mistake.misses is None:
            return mistake.path in self.around or self._lacks(mistake.path)
        return any(map(self._lacks, mistake.misses))

    def _within(self, path: KeyPath) -> bool:
        return any(path[:end] in self.wrong for end in range(1, len(path) + 1))

    def _lacks(self, missed: KeyPath) -> bool:
        """Tell whether what would stand somewhere was wrong, or was misspelt."""
        if isinstance(missed[-1], int) and missed[:-1] in self.lists:
            return True
        return self._within(missed) or any(
            self._means(slip, missed, depth)
            for depth in range(len(missed))
            for slip in self.slips.get(missed[:depth], ())
        )

    def _means(self, slip: Mistake, missed: KeyPath, depth: int) -> bool:
        """Tell whether an unknown key may have been meant for what is missed."""
        absent = list(self._absent(missed))
        if any(one == slip.path[-1] or f'"{one}"' in slip.hint for one in absent):
            return True
        if at(self.data, missed[: depth + 1]) is not NOTHING:
            return False
        if depth == 0 and _known(slip.hint):
            return False
        wanted = {int: list, str: dict}.get(type((*missed, None)[depth + 1]), object)
        return isinstance(at(self.data, slip.path), wanted)

    def _absent(self, missed: KeyPath) -> Iterator[str | int]:
        """Yield the keys that are not there; of a list, more may be elsewhere."""
        for end in range(1, len(missed) + 1):
            listed = any(isinstance(one, int) for one in missed[end : end + 1])
            if listed or at(self.data, missed[:end]) is NOTHING:
                yield missed[end - 1]

    def _doubtful(
        self, said: Iterable[Mistake], written: Mapping[str, Any]
    ) -> Iterator[KeyPath]:
        """Yield where something is filled in that a mistake leaves unknown."""
        names = {
            str(part)
            for one in said
            if one.path and one.path[0] in VALUES
            for part in (one.path[1:] or ("",))
        }
        if any(
            self._means(slip, (key, ""), 0)
            for key in VALUES
            for slip in self.slips.get((), ())
        ):
            names.add("")
        return _filled(written, names, ()) if names else iter(())


def _by_parent(slips: Iterable[Mistake]) -> dict[KeyPath, list[Mistake]]:
    found: dict[KeyPath, list[Mistake]] = {}
    for one in slips:
        found.setdefault(one.path[:-1], []).append(one)
    return found


def _known(hint: str) -> bool:
    """Tell whether a hint names a key that stands at the top of an experiment."""
    fields = Experiment.model_fields.items()
    return any(f'"{one.alias or name}"' in hint for name, one in fields)


def at(data: Any, path: KeyPath) -> Any:
    """Return what stands at a path; `NOTHING` if nothing does."""
    for part in path:
        inside = isinstance(data, list) and isinstance(part, int) and part < len(data)
        if not inside and not (isinstance(data, Mapping) and part in data):
            return NOTHING
        data = data[part]
    return data


def _filled(data: Any, names: set[str], path: KeyPath) -> Iterator[KeyPath]:
    """Yield where one of some names may be referred to."""
    if isinstance(data, str):
        if "$" in data and any(name in data for name in names):
            yield path
    elif isinstance(data, dict | list):
        items = data.items() if isinstance(data, dict) else enumerate(data)
        for key, value in items:
            yield from _filled(value, names, (*path, key))
