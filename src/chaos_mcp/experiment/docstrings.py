"""What is written under the fields of a class, for schemas and reference pages."""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import cache
from itertools import pairwise

WITHOUT = frozenset({"builtins", "pydantic", "abc", "typing"})
"""Packages that describe their classes' fields otherwise."""


def field_docs(cls: type) -> dict[str, str]:
    """Return, by field, the text that stands under it, base classes' included.

    Python keeps no such text, so it is read off the source; where there is none,
    nothing is found.
    """
    found: dict[str, str] = {}
    for one in reversed(cls.__mro__):
        if one.__module__.partition(".")[0] not in WITHOUT:
            found |= _own(one)
    return found


@cache
def _own(cls: type) -> dict[str, str]:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    except (OSError, TypeError, SyntaxError):
        return {}
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    return {
        field.target.id: inspect.cleandoc(str(under.value.value))
        for field, under in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(under, ast.Expr)
        and isinstance(under.value, ast.Constant)
    }
