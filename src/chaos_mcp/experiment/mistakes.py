"""What is wrong with an experiment, in plain words and at the place where it stands."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chaos_mcp.errors import Mistake
from chaos_mcp.experiment import model
from chaos_mcp.experiment.substitute import REFERENCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pydantic_core import ValidationError

    from chaos_mcp.errors import KeyPath
    from chaos_mcp.experiment.places import Places

FORMS = (
    "an entry begins with `fault:`, `probe:`, `action:` or `ref:`, "
    "or is a Chaos Toolkit activity with `type:` and `provider:`"
)
_PLAINLY = {"None": "nothing", "True": "true", "False": "false"}
PROVIDERS = ("python", "process", "http")
QUOTES = "write it in quotes, so that it stays as it is written"
NO_SUCH_KEY = "there is no such key"
TOO_LATE = "write the value itself here, or configure it"
SLIP = 0.8
"""How alike two names are, of 1, if one is taken for a slip of the other."""
LONGEST = 60
"""Characters of a wrong value that a message shows."""

_WANTED = {
    "string_type": "text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
}
_BOUNDS = {
    "greater_than_equal": ("ge", "{:g} or more"),
    "greater_than": ("gt", "more than {:g}"),
    "less_than_equal": ("le", "{:g} or less"),
    "less_than": ("lt", "less than {:g}"),
}


def mistakes_of(
    error: ValidationError,
    raw: Any,
    prefix: KeyPath = (),
    keys: Iterable[str] | None = None,
) -> Iterator[Mistake]:
    """Yield each thing that a model refuses, under the key that the user wrote.

    `keys` are the names that would have been right, if not those of an experiment.
    What may be of several types is one mistake, not one for each type.
    """
    known = tuple(_keys() if keys is None else sorted(keys))
    found: dict[KeyPath, list[Mapping[str, Any]]] = {}
    for one in error.errors(include_url=False):
        found.setdefault(written_path(one["loc"], raw), []).append(one)
    for path, errors in found.items():
        problem, hint = _several(errors, path, known)
        yield Mistake(problem, (*prefix, *path), hint=hint)


def _several(
    errors: Sequence[Mapping[str, Any]], path: KeyPath, known: tuple[str, ...]
) -> tuple[str, str]:
    """Say what is wrong at one place."""
    wanted = [_wanted(one["type"], one.get("ctx", {})) for one in errors]
    if len(errors) > 1 and all(wanted):
        words = " or ".join(dict.fromkeys(wanted))
        return f"must be {words}, not {shown(errors[0].get('input'))}", ""
    return _said(errors[0], path, known)


def placed(mistake: Mistake, places: Places) -> Mistake:
    """Return the mistake with the file, line and column of its key."""
    line, column = places.of(mistake.path)
    return Mistake(
        mistake.problem,
        mistake.path,
        places.file,
        mistake.line or line,
        mistake.column or column,
        mistake.hint,
    )


def written_path(loc: tuple[int | str, ...], raw: Any) -> KeyPath:
    """Return an error's location as the keys that the user wrote.

    Locations name the members of unions as well, which nobody wrote.
    """
    path: list[str | int] = []
    here = raw
    last = len(loc) - 1
    for index, part in enumerate(loc):
        tag = loc[index - 1 : index] == ("provider",) and part in PROVIDERS
        if tag and index < last:
            continue
        known, inner = _step(here, part)
        missing = index == last and isinstance(here, Mapping)
        if known or (missing and part not in model.FORMS):
            path.append(part)
            here = inner
    return tuple(path)


def _step(here: Any, part: int | str) -> tuple[bool, Any]:
    """Return whether something stands under a key, and what."""
    if isinstance(here, Mapping) and part in here:
        return True, here[part]
    if isinstance(here, list) and isinstance(part, int) and part < len(here):
        return True, here[part]
    return False, None


def _said(
    error: Mapping[str, Any], path: KeyPath, known: tuple[str, ...]
) -> tuple[str, str]:
    kind, value = error["type"], error.get("input")
    context = error.get("ctx", {})
    if isinstance(value, str) and REFERENCE.search(value):
        return f"{shown(value)} is known only when the system runs", TOO_LATE
    if kind == "missing":
        return "this key is missing", ""
    if kind == "extra_forbidden":
        return NO_SUCH_KEY, nearest(str(path[-1]) if path else "", known)
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        return _no_form(context, value)
    if wanted := _wanted(kind, context):
        scalar = kind == "string_type" and isinstance(value, (int, float))
        return f"must be {wanted}, not {shown(value)}", QUOTES if scalar else ""
    return _other(kind, error, value)


def _wanted(kind: str, context: Mapping[str, Any]) -> str:
    if kind == "literal_error":
        return str(context["expected"])
    if kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        return words.format(context[key])
    return _WANTED.get(kind, "")


def _no_form(context: Mapping[str, Any], value: Any) -> tuple[str, str]:
    if context.get("discriminator") == "'type'":
        wanted = context.get("expected_tags", "'python', 'process', 'http'")
        return f"`type` must be one of {wanted}, not {shown(context.get('tag'))}", ""
    return f"{shown(value)} is none of what may stand here", FORMS


def _other(kind: str, error: Mapping[str, Any], value: Any) -> tuple[str, str]:
    if kind == "string_pattern_mismatch":
        return _not_of_the_form(error, value), ""
    if kind in ("too_short", "string_too_short"):
        return "must not be empty", ""
    message = re.sub(r"^Value error, ", "", str(error["msg"]))
    return message[:1].lower() + message[1:], ""


def _not_of_the_form(error: Mapping[str, Any], value: Any) -> str:
    pattern = error["ctx"]["pattern"]
    if pattern == model.PART_NAME:
        return f"{shown(value)} is not a name: letters, digits, - and _ only"
    return f"{shown(value)} is not of the form {pattern}"


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a hint with the name most like one that does not exist."""
    return _nearest(name, tuple(known))


def ignorable(mistake: Mistake) -> bool:
    """Tell whether Chaos Toolkit would not mind: a key that nobody knows.

    One that is very nearly the name of another is a slip all the same.
    """
    if mistake.problem != NO_SUCH_KEY or not mistake.path:
        return False
    return not difflib.get_close_matches(str(mistake.path[-1]), _keys(), 1, SLIP)


@lru_cache(maxsize=256)
def _nearest(name: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f'did you mean "{close[0]}"?' if close else ""


@lru_cache(maxsize=1)
def _keys() -> tuple[str, ...]:
    parts = [one for one in vars(model).values() if _is_part(one)]
    names = {
        field.alias or name for one in parts for name, field in one.model_fields.items()
    }
    return tuple(sorted(names | {"method"} - {"dialect"}))


def _is_part(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, model.Part)


def shown(value: Any) -> str:
    """Return a wrong value as a message shows it."""
    text = _PLAINLY.get(repr(value)) or repr(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
