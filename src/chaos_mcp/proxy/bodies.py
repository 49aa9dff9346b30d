"""What requests may say: Toxiproxy's fields, in Go's types and under Go's names."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from chaos_mcp.proxy.gojson import BadBody, Struct, elements, fields
from chaos_mcp.proxy.toxics import TOXICS
from chaos_mcp.proxy.toxics.toxic import Skips, Toxic

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

BAD, MISSING, TAKEN, BROKEN = 400, 404, 409, 500
STREAMS = ("upstream", "downstream")
LONGEST = 10**9
"""Seconds that a toxic may last; thirty years will do."""
MOST = 2**62
"""Bytes or connections that a toxic may let through: all that will ever be."""
LOGGER = Struct("zerolog.Logger", {})
IN_LIST = r'struct { toxiproxy.Proxy; Enabled *bool "json:\"enabled\"" }'
STRUCTS = {
    "bandwidth": "BandwidthToxic",
    "corrupt": "CorruptToxic",
    "cut": "CutToxic",
    "duplicate": "DuplicateToxic",
    "http": "HttpToxic",
    "latency": "LatencyToxic",
    "limit_data": "LimitDataToxic",
    "loss": "LossToxic",
    "noop": "NoopToxic",
    "reorder": "ReorderToxic",
    "reset_peer": "ResetToxic",
    "slicer": "SlicerToxic",
    "slow_close": "SlowCloseToxic",
    "timeout": "TimeoutToxic",
}


class Refusal(Exception):
    """A request that is not granted: Toxiproxy's message and status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


@dataclass(frozen=True, slots=True)
class Wanted:
    """A proxy as somebody wants it; None is what nobody said."""

    name: str = ""
    listen: str | None = None
    upstream: str | None = None
    enabled: bool | None = None
    toxics: tuple[Toxic, ...] | None = None


def _proxy(kind: str, inner: str, outer: str) -> Struct:
    """Return the struct of a proxy; its fields have the prefixes that Go gives."""
    return Struct(
        kind,
        {
            "name": (f"{inner}.name", "string"),
            "listen": (f"{inner}.listen", "string"),
            "upstream": (f"{inner}.upstream", "string"),
            "Logger": (f"{inner}.Logger", LOGGER),
            "enabled": (f"{outer}.enabled", "bool"),
        },
    )


ALONE = _proxy("toxiproxy.Proxy", "Proxy", "Proxy")
LISTED = _proxy(IN_LIST, ".Proxy", "")
# Toxiproxy ignores it; here a proxy may be born with its toxics.
LISTED = replace(LISTED, fields={**LISTED.fields, "toxics": (".toxics", "array")})
OURS = {
    "ttl": ("ToxicWrapper.ttl", "float64"),
    "skip_connections": ("ToxicWrapper.skip_connections", "int64"),
    "skip_bytes": ("ToxicWrapper.skip_bytes", "int64"),
    "skip_seconds": ("ToxicWrapper.skip_seconds", "float64"),
}
"""What Toxiproxy's toxics do not have."""
NOTHING: Mapping[str, Any] = {"string": "", "bool": False}
"""What an attribute is by its type if nobody says; a number is 0."""
WRAPPER = Struct(
    "toxics.ToxicWrapper",
    {
        "name": ("ToxicWrapper.name", "string"),
        "type": ("ToxicWrapper.type", "string"),
        "stream": ("ToxicWrapper.stream", "string"),
        "toxicity": ("ToxicWrapper.toxicity", "float32"),
        "attributes": ("ToxicWrapper.attributes", Struct("toxics.NoopToxic", {})),
        **OURS,
    },
)


def _changes(kind: str) -> Struct:
    """Return the struct of what may change of a toxic of a kind."""
    name = STRUCTS[kind]
    known = {**TOXICS[kind].defaults, **TOXICS[kind].extras}
    attributes = {
        one: (f"{name}.attributes.{one}", type_) for one, type_ in known.items()
    }
    return Struct(
        r'struct { Attributes interface {} "json:\"attributes\""; '
        r'Toxicity float32 "json:\"toxicity\"" }',
        {
            "attributes": (".attributes", Struct(f"toxics.{name}", attributes)),
            "toxicity": (".toxicity", "float32"),
            **OURS,
        },
    )


CHANGES = {kind: _changes(kind) for kind in TOXICS}


def _read(body: Any, into: Struct) -> dict[str, Any]:
    try:
        return fields(body, into)
    except BadBody as error:
        raise Refusal(str(error), BAD) from None


def changed_proxy(body: Any) -> Wanted:
    """Return what a request wants to be different."""
    given = _read(body, ALONE)
    given.pop("Logger", None)
    return Wanted(**given)


def new_proxy(body: Any) -> Wanted:
    """Return the proxy that a request wants."""
    wanted = changed_proxy(body)
    _complete(wanted, "")
    return wanted


def listed_proxies(body: Any) -> list[Wanted]:
    """Return the proxies of a list, with the toxics that they begin with."""
    try:
        listed = elements(body, IN_LIST)
    except BadBody as error:
        raise Refusal(str(error), BAD) from None
    wanted = [_listed(one) for one in listed]
    for number, one in enumerate(wanted):
        _complete(one, f" at proxy {number + 1}")
    return wanted


def _listed(body: Any) -> Wanted:
    given = _read(body, LISTED)
    given.pop("Logger", None)
    listed = given.pop("toxics", None)
    toxics = None if listed is None else tuple(new_toxics(listed, ()))
    return Wanted(**given, toxics=toxics)


def _complete(wanted: Wanted, where: str) -> None:
    for key in ("name", "upstream"):
        if not getattr(wanted, key):
            raise Refusal(f"missing required field: {key}{where}", BAD)


def new_toxic(body: Any, taken: Container[str]) -> Toxic:
    """Return the toxic that a request wants, checked in Toxiproxy's order."""
    given = _read(body, WRAPPER)
    stream = given.get("stream", "downstream")
    kind = given.get("type", "")
    if stream.lower() not in STREAMS:
        text = "stream was invalid, can be either upstream or downstream"
        raise Refusal(text, BAD)
    name = given.get("name") or f"{kind}_{stream}"
    if kind not in TOXICS:
        raise Refusal("invalid toxic type", BAD)
    if name in taken:
        raise Refusal("toxic already exists", TAKEN)
    attributes = _initial(kind) | _read(body, CHANGES[kind]).get("attributes", {})
    _check(kind, attributes)
    toxicity = given.get("toxicity", 1.0)
    return Toxic(
        name,
        kind,
        stream,
        toxicity,
        attributes,
        _ttl(given),
        _skips(given, Skips(), kind),
    )


def new_toxics(bodies: list[Any], taken: Iterable[str]) -> list[Toxic]:
    """Return the toxics of a list, all of which may be had or none."""
    made: dict[str, Toxic] = {}
    for body in bodies:
        toxic = new_toxic(body, {*made, *taken})
        made[toxic.name] = toxic
    return list(made.values())


def _initial(kind: str) -> dict[str, Any]:
    """Return the attributes of a toxic of which nobody has said any."""
    cls = TOXICS[kind]
    nothing = {name: NOTHING.get(type_, 0) for name, type_ in cls.defaults.items()}
    return {**nothing, **cls.initial}


def _check(kind: str, attributes: Mapping[str, Any]) -> None:
    try:
        TOXICS[kind].check(attributes)
    except ValueError as error:
        raise Refusal(str(error), BAD) from None


def change_toxic(toxic: Toxic, body: Any) -> bool:
    """Change a toxic as a request says; tell whether its time is to start anew."""
    given = _read(body, CHANGES[toxic.type])
    ttl, skips = _ttl(given), _skips(given, toxic.skips, toxic.type)
    attributes = {**toxic.attributes, **given.get("attributes", {})}
    _check(toxic.type, attributes)
    toxic.attributes, toxic.skips = attributes, skips
    toxic.toxicity = given.get("toxicity", toxic.toxicity)
    toxic.ttl = toxic.ttl if ttl is None else ttl
    return ttl is not None


def _ttl(given: Mapping[str, Any]) -> float | None:
    ttl: float | None = given.get("ttl")
    if ttl is not None and not 0 < ttl < LONGEST:
        raise Refusal("ttl must be a number of seconds, more than 0", BAD)
    return ttl


def _skips(given: Mapping[str, Any], before: Skips, kind: str) -> Skips:
    """Return what a toxic lets through, as a request says or as it was before."""
    skips = Skips(
        given.get("skip_connections", before.connections),
        given.get("skip_bytes", before.bytes),
        given.get("skip_seconds", before.seconds),
    )
    for key, value in asdict(skips).items():
        if not 0 <= value < MOST:
            raise Refusal(f"skip_{key} must be 0 or more", BAD)
    if skips.bytes and TOXICS[kind].both_ways:
        raise Refusal(f"skip_bytes is not for {kind}: it looks at requests", BAD)
    return skips
