"""YAML, read safely: plain data only, no key twice, and no bomb."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from chaos_mcp.errors import Mistake
from chaos_mcp.experiment.plain import DEEPEST, Refused

if TYPE_CHECKING:
    from chaos_mcp.errors import KeyPath
    from chaos_mcp.experiment.places import Positions

MOST_VALUES = 1_000_000
"""Values that a file may hold, those that aliases repeat counted again."""
YAML = "tag:yaml.org,2002:"
TEXT, MERGE, BOOL = f"{YAML}str", f"{YAML}merge", f"{YAML}bool"
SCALARS = frozenset(f"{YAML}{kind}" for kind in ("int", "float", "bool", "null"))
AS_TEXT = frozenset({TEXT, f"{YAML}timestamp", f"{YAML}value", MERGE})
"""What is kept as it was written: JSON has no dates."""
COLLECTIONS = frozenset({None, "!", f"{YAML}map", f"{YAML}seq"})

ONLY_PLAIN = "only plain YAML is read: text, numbers, true and false, lists, mappings"
QUOTE = "put it in quotes"

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_IMPLICIT = yaml.SafeLoader.yaml_implicit_resolvers


def read_yaml(text: str) -> tuple[Any, Positions, list[Mistake]]:
    """Return the value of a YAML text, where its keys stand, and what is wrong.

    Raise `Refused` where nothing can be made of it.
    """
    try:
        loader = _Loader(text)
        try:
            builder = _Builder(loader)
            value = builder.document()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise Refused(_of_yaml(error, text)) from error
    except UnicodeEncodeError as error:
        raise Refused(Mistake("not valid YAML: it holds half a character")) from error
    return value, builder.positions, builder.mistakes


@dataclass(slots=True)
class _Builder:
    """Makes plain values of YAML's events, remembering where each key stands.

    No tree of nodes comes between, which would take a gigabyte for a large file.
    """

    loader: Any
    positions: Positions = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    values: int = 0
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)
    """What each anchor names, and how many values that is."""

    def document(self) -> Any:
        """Return the value of the only document."""
        self.loader.get_event()
        if isinstance(self.loader.get_event(), yaml.StreamEndEvent):
            return None
        value = self._value(())
        self.loader.get_event()
        more = self.loader.get_event()
        if not isinstance(more, yaml.StreamEndEvent):
            problem = "a second document begins here; an experiment file holds one"
            raise Refused(_mistake(more, (), problem, "split the file at the `---`"))
        return value

    def _value(self, path: KeyPath) -> Any:
        event = self.loader.get_event()
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path)
        self._count(event, path, 1)
        before = self.values
        value = self._made(event, path)
        if event.anchor is not None:
            self.anchors[event.anchor] = value, self.values - before + 1
        return value

    def _made(self, event: Any, path: KeyPath) -> Any:
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if len(path) > DEEPEST:
            raise Refused(_mistake(event, (), "it is nested too deeply here", ""))
        if event.tag not in COLLECTIONS:
            self._tag(event, path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        return self._sequence(path)

    def _alias(self, event: Any, path: KeyPath) -> Any:
        if event.anchor not in self.anchors:
            problem = f"the alias *{event.anchor} stands for nothing written before it"
            raise Refused(_mistake(event, path, problem, ""))
        value, size = self.anchors[event.anchor]
        self._count(event, path, size)
        return value

    def _count(self, event: Any, path: KeyPath, size: int) -> None:
        self.values += size
        if self.values > MOST_VALUES:
            problem = f"it comes to more than {MOST_VALUES:,} values"
            hint = "aliases multiply what they repeat"
            raise Refused(_mistake(event, path, problem, hint))

    def _sequence(self, path: KeyPath) -> list[Any]:
        made: list[Any] = []
        while not self.loader.check_event(yaml.SequenceEndEvent):
            here = (*path, len(made))
            self.positions[here] = _place(self.loader.peek_event())
            made.append(self._value(here))
        self.loader.get_event()
        return made

    def _mapping(self, path: KeyPath) -> dict[str, Any]:
        made: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        while not self.loader.check_event(yaml.MappingEndEvent):
            self._member(self.loader.get_event(), path, made, merged)
        self.loader.get_event()
        return {**merged, **made}

    def _member(
        self,
        event: Any,
        path: KeyPath,
        made: dict[str, Any],
        merged: dict[str, Any],
    ) -> None:
        key, tag = self._key(event, path)
        here = (*path, key)
        if tag == MERGE:
            self._merge(merged, self._value(here), event, here)
            return
        if key in made:
            line = self.positions[here][0]
            problem = f"the key {key!r} is written twice (first in line {line})"
            self._mistake(event, here, problem, "remove or rename one of them")
        else:
            self.positions[here] = _place(event)
        made[key] = self._value(here)

    def _key(self, event: Any, path: KeyPath) -> tuple[str, str]:
        if not isinstance(event, yaml.ScalarEvent):
            problem = "a key must be text"
            raise Refused(_mistake(event, path, problem, "write `key: value`"))
        tag = _tag_of(event)
        # `on`, `yes` and `no` mean themselves as keys, whatever YAML 1.1 makes of them.
        if tag not in (TEXT, MERGE, BOOL):
            problem = f"a key must be text, and {event.value or 'nothing'} is not"
            self._mistake(event, (*path, event.value), problem, QUOTE)
        return event.value, tag

    def _merge(
        self, merged: dict[str, Any], value: Any, event: Any, path: KeyPath
    ) -> None:
        """Take over the keys of `<<: *anchor` that are not there yet."""
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                merged.update({k: v for k, v in one.items() if k not in merged})
            else:
                self._mistake(event, path, "only mappings can be merged with <<", "")

    def _scalar(self, event: Any, path: KeyPath) -> Any:
        tag = _tag_of(event)
        if tag in AS_TEXT:
            return event.value
        if tag not in SCALARS:
            self._tag(event, path)
            return None
        node = yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark)
        try:
            value = self.loader.construct_object(node)
        except (ValueError, KeyError, yaml.YAMLError):
            self._mistake(event, path, f"{event.value!r} cannot be read", QUOTE)
            return None
        if isinstance(value, float) and not math.isfinite(value):
            self._mistake(event, path, f"{event.value} is no finite number", QUOTE)
            return None
        return value

    def _tag(self, event: Any, path: KeyPath) -> None:
        tag = event.tag.replace(YAML, "!!")
        self._mistake(event, path, f"the tag {tag} is not allowed", ONLY_PLAIN)

    def _mistake(self, event: Any, path: KeyPath, problem: str, hint: str) -> None:
        self.mistakes.append(_mistake(event, path, problem, hint))


def _tag_of(event: Any) -> str:
    """Return the tag of a scalar: its own, or the one that its text looks like."""
    if event.tag not in (None, "!"):
        return str(event.tag)
    text = event.value
    if event.implicit[0]:
        for tag, pattern in _IMPLICIT.get(text[:1], ()):
            if pattern.match(text):
                return str(tag)
    return TEXT


def _place(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _mistake(event: Any, path: KeyPath, problem: str, hint: str) -> Mistake:
    line, column = _place(event)
    return Mistake(problem, path, line=line, column=column, hint=hint)


def _of_yaml(error: yaml.YAMLError, text: str) -> Mistake:
    if isinstance(error, yaml.reader.ReaderError):
        line, column = _counted(text, error.position)
        problem = f"not text: {error.reason}"
        return Mistake(problem, line=line, column=column, hint="is it a YAML file?")
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    context = getattr(error, "context", None)
    said = f"not valid YAML: {problem}" + (f" ({context})" if context else "")
    if mark is None:
        return Mistake(said)
    return Mistake(said, line=mark.line + 1, column=mark.column + 1)


def _counted(text: str, position: int) -> tuple[int, int]:
    """Return line and column of a position that the reader gives in bytes."""
    before = text.encode("utf-8", "replace")[:position].decode("utf-8", "replace")
    return before.count("\n") + 1, len(before) - before.rfind("\n")
