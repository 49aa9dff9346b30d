"""YAML, read safely: plain data only, no key twice, and no bomb."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from chaos_mcp.errors import Mistake

if TYPE_CHECKING:
    from chaos_mcp.errors import KeyPath
    from chaos_mcp.experiment.places import Positions

MOST_VALUES = 1_000_000
"""Values that aliases may make of a file before it is taken for a bomb."""
DEEPEST = 100
MERGE = "tag:yaml.org,2002:merge"
PLAIN = "tag:yaml.org,2002:"

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Refused(Exception):
    """The text cannot be taken; says why and where."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(mistake.problem)
        self.mistake = mistake


@dataclass(slots=True)
class _Builder:
    """Makes plain values of nodes, remembering where each key stands."""

    constructor: Any
    positions: Positions = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    values: int = 0
    inside: set[int] = field(default_factory=set)

    def build(self, node: yaml.Node, path: KeyPath) -> Any:
        self._count(node, path)
        if not node.tag.startswith(PLAIN) or "python" in node.tag:
            self._mistake(node, path, f"the tag {node.tag!r} is not allowed", TAGS)
            return None
        if isinstance(node, yaml.MappingNode):
            return self._within(node, path, self._mapping)
        if isinstance(node, yaml.SequenceNode):
            return self._within(node, path, self._sequence)
        return self._scalar(node, path)

    def _within(self, node: yaml.Node, path: KeyPath, make: Any) -> Any:
        if id(node) in self.inside or len(path) > DEEPEST:
            raise Refused(_mistake(node, path, "it is nested too deeply", ""))
        self.inside.add(id(node))
        made = make(node, path)
        self.inside.discard(id(node))
        return made

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if key_node.tag == MERGE:
                self._merge(made, value_node, path)
                continue
            key = self._key(key_node, path)
            here = (*path, key)
            if key in made and here in self.positions:
                line = self.positions[here][0]
                problem = f"the key {key!r} is written twice (first in line {line})"
                self._mistake(key_node, here, problem, "remove or rename one of them")
                continue
            mark = key_node.start_mark
            self.positions[here] = (mark.line + 1, mark.column + 1)
            made[key] = self.build(value_node, here)
        return made

    def _merge(self, made: dict[str, Any], node: yaml.Node, path: KeyPath) -> None:
        """Take over the keys of `<<: *anchor` that are not there yet."""
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        for one in nodes:
            found = self.build(one, (*path, "<<"))
            if isinstance(found, dict):
                for key, value in found.items():
                    made.setdefault(key, value)

    def _key(self, node: yaml.Node, path: KeyPath) -> str:
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        raise Refused(_mistake(node, path, "a key must be plain text", ""))

    def _sequence(self, node: yaml.SequenceNode, path: KeyPath) -> list[Any]:
        made = []
        for index, item in enumerate(node.value):
            here = (*path, index)
            self.positions[here] = _place(item)
            made.append(self.build(item, here))
        return made

    def _scalar(self, node: yaml.Node, path: KeyPath) -> Any:
        try:
            value = self.constructor.construct_object(node)
        except (ValueError, yaml.YAMLError):
            self._mistake(
                node, path, f"{node.value!r} cannot be read", "put it in quotes"
            )
            return None
        # Dates are the one plain type that JSON has not.
        return value if isinstance(value, _JSON) or value is None else str(node.value)

    def _count(self, node: yaml.Node, path: KeyPath) -> None:
        self.values += 1
        if self.values > MOST_VALUES:
            hint = "aliases multiply its content; write it out instead"
            raise Refused(_mistake(node, path, "it grows too large when read", hint))

    def _mistake(self, node: yaml.Node, path: KeyPath, problem: str, hint: str) -> None:
        self.mistakes.append(_mistake(node, path, problem, hint))


TAGS = "only plain YAML is read: text, numbers, true and false, lists, mappings"
_JSON = (str, int, float, bool)


def _place(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _mistake(node: yaml.Node, path: KeyPath, problem: str, hint: str) -> Mistake:
    line, column = _place(node)
    return Mistake(problem, path, line=line, column=column, hint=hint)


def read_yaml(text: str) -> tuple[Any, Positions, list[Mistake]]:
    """Return the value of a YAML text, where its keys stand, and what is wrong.

    Raise `Refused` where nothing can be made of it.
    """
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None, {}, []
        builder = _Builder(loader)
        value = builder.build(node, ())
    except yaml.YAMLError as error:
        raise Refused(_of_yaml(error)) from error
    except RecursionError as error:
        raise Refused(Mistake("it is nested too deeply")) from error
    finally:
        loader.dispose()
    return value, builder.positions, builder.mistakes


def _of_yaml(error: yaml.YAMLError) -> Mistake:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", str(error))
    context = getattr(error, "context", None)
    said = f"not valid YAML: {problem}" + (f" ({context})" if context else "")
    if mark is None:
        return Mistake(said)
    return Mistake(said, line=mark.line + 1, column=mark.column + 1)
