"""Where we answer or act otherwise than Toxiproxy 2.12.0, and why: the only list.

Whatever else differs is a mistake. `docs/reference/proxy-differences.md` is written
from it (`python -m tests.proxy.conformance.page`), and a test sees that it is.
"""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from chaos_mcp.proxy.toxics import TOXICS
from tests.proxy.conformance.exchange import Request, Seen
from tests.proxy.conformance.scripts import KINDS

Matches = Callable[[Request, Seen, Seen], bool]
"""Whether a difference explains two answers, Toxiproxy's and ours, to a request."""
Spoils = Callable[[Request, Seen], bool]
"""Whether the two are no longer in the same state after an answer to both."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference that is meant."""

    key: str
    toxiproxy: str
    ours: str
    reason: str
    matches: Matches = lambda *_: False
    spoils: Spoils = lambda *_: False


def _lookup(_: Request, theirs: Seen, ours: Seen) -> bool:
    plain = re.sub(r"(lookup \S+) on [0-9a-f.:\[\]]+:53", r"\1", theirs.body)
    return theirs.body != plain and (theirs.status, plain) == (ours.status, ours.body)


def _metrics(request: Request, _: Seen, ours: Seen) -> bool:
    return request.path == "/metrics" and ours.status in (200, 403)


def _encoded(request: Request, _: Seen, __: Seen) -> bool:
    return bool(re.search(r"%2[fF]|%2[eE]", request.path))


def _extended(request: Request, _: Seen, __: Seen) -> bool:
    """Tell whether a request says something that only we understand."""
    text = (request.body or b"").decode("utf-8", "replace").casefold()
    keys = ["toxics"] if request.path == "/populate" else ["ttl"]
    return any(json.dumps(key) in text for key in keys) or _several(request)


def _several(request: Request) -> bool:
    """Tell whether it has a list where Toxiproxy knows a single toxic."""
    if request.method != "POST" or not request.path.endswith("/toxics"):
        return False
    with suppress(ValueError):
        body = json.loads(request.body or b"")
        return isinstance(body, list) and body != []
    return False


def _more_toxics(request: Request, _: Seen, __: Seen) -> bool:
    text = (request.body or b"").decode("utf-8", "replace")
    return any(f'"type": "{kind}"' in text for kind in set(TOXICS) - set(KINDS))


def _more_addresses(request: Request, _: Seen, __: Seen) -> bool:
    return b'"udp://' in (request.body or b"") or b'"unix:/' in (request.body or b"")


def _own_path(request: Request, theirs: Seen, _: Seen) -> bool:
    own = re.search(r"/(stats|effects|connections)$", request.path)
    return bool(own) and theirs.status == 404


def _refused_change(request: Request, theirs: Seen) -> bool:
    """Tell whether Toxiproxy may have done half of what it refused."""
    if theirs.status == 400:
        return bool(re.match(r"/proxies/[^/]+/toxics/.", request.path))
    changes = re.match(r"/(populate|reset|proxies/[^/]+)$", request.path)
    return theirs.status == 500 and bool(changes)


DIFFERENCES = (
    Difference(
        "refused is unchanged",
        "A refused update may be half done: attributes before the wrong one are "
        "changed, a proxy that cannot have its new address is stopped, `populate` "
        "and `reset` stop what comes next.",
        "What is refused changes nothing; `populate` and `reset` do the rest.",
        "A mistake in a test should not break the system under test.",
        spoils=_refused_change,
    ),
    Difference(
        "names of name servers",
        "`lookup x on 192.0.2.1:53: no such host`",
        "`lookup x: no such host`",
        "The system's resolver does not say whom it asked.",
        matches=_lookup,
    ),
    Difference(
        "metrics",
        "`/metrics` is there with `-proxy-metrics` or `-runtime-metrics` alone; bytes "
        "count when a connection ends.",
        "`/metrics` is always there, has the proxies' counters under the same names, "
        "and counts open connections too. Figures of Go's runtime are not there.",
        "Who looks at a graph during an experiment wants to see it now.",
        matches=_metrics,
    ),
    Difference(
        "names with slashes",
        "A proxy with a `/` in its name can be made, and neither shown nor deleted.",
        "`%2F` and `%2E` in a path are part of a name.",
        "What can be made must be deletable.",
        matches=_encoded,
    ),
    Difference(
        "more keys",
        "`toxics` in `populate` and in the config file, `ttl` and `skip_…` of a toxic "
        "are ignored; a list of toxics is no toxic.",
        "They are obeyed, and answered only where they were given.",
        "Asked for by Toxiproxy's users; its clients never send them otherwise.",
        matches=_extended,
        spoils=lambda request, theirs: _extended(request, theirs, theirs),
    ),
    Difference(
        "more toxics",
        "There are eight types.",
        "There are more, some for streams and some for datagrams; `GET` never shows "
        "them to who has not added them.",
        "Asked for by Toxiproxy's users.",
        matches=_more_toxics,
        spoils=lambda request, theirs: _more_toxics(request, theirs, theirs),
    ),
    Difference(
        "more addresses",
        "`listen` and `upstream` are of TCP.",
        "`udp://host:port` carries datagrams, `unix:/path` is a Unix socket.",
        "DNS, metrics and databases on the same machine are dependencies as well.",
        matches=_more_addresses,
        spoils=lambda request, theirs: _more_addresses(request, theirs, theirs),
    ),
    Difference(
        "more paths",
        "`/stats` and `/connections` of a proxy, and `/effects` of a toxic, are not "
        "found.",
        "They show traffic, what became of whom, and what a toxic has done.",
        "An experiment must see that its fault bit.",
        matches=_own_path,
    ),
)
"""Differences of the API's answers."""

WIRE = (
    Difference(
        "large bodies",
        "A body may have any length, and is read only as far as it is needed.",
        "A body is read to its end before it is answered, and refused with 413 where "
        "it is said to be longer than 4 MiB.",
        "Memory is bounded; tens of thousands of proxies fit.",
    ),
    Difference(
        "half-closed clients",
        "A client that has said all and closes its sending side may be answered 503.",
        "It gets its answer.",
        "It waits for it.",
    ),
    Difference(
        "expectations",
        "`Expect: 100-continue` is answered once somebody reads the body.",
        "It is answered for every POST and PATCH that has one.",
        "A request is read before it is looked at.",
    ),
    Difference(
        "deep JSON",
        "Lists and objects may be in each other 10,000 times.",
        "About a thousand times; beyond that it is `exceeded max depth`.",
        "Nothing in the API has more than four.",
    ),
    Difference(
        "logs and options",
        "A log of JSON lines on stdout, as much as `LOG_LEVEL` asks for.",
        "A line on stderr where the API listens, and what is wrong.",
        "What happened to whom is in the journal of a run, and in `stats`.",
    ),
    Difference(
        "the HTTP/2 preface",
        "`PRI * HTTP/2.0` is redirected to `/%2A`.",
        "It is refused with 505.",
        "Neither speaks HTTP/2.",
    ),
)
"""Differences below the API, on the wire."""


DATA = (
    Difference(
        "half-closed connections",
        "The end of one direction ends both.",
        "It is passed on; the other direction goes on.",
        "TCP has it, and protocols use it.",
    ),
    Difference(
        "resets",
        "A reset on one side becomes an ordinary end on the other.",
        "It stays a reset.",
        "A client may well treat the two differently.",
    ),
    Difference(
        "toxicity",
        "Whom a toxic meets is drawn anew at every change of any toxic.",
        "It is drawn once a connection, from the seed; a change leaves it.",
        "Half of the connections should be the same half all the time.",
    ),
    Difference(
        "toxics that end the server",
        "A negative `rate`, and a `slicer` without attributes, end the process.",
        "Negative numbers count as 0; a slice has at least one byte.",
        "A test of somebody else's failures should not be one of ours.",
    ),
    Difference(
        "an API that never hangs",
        "A client or a server that takes nothing can stop every change of its proxy.",
        "A change takes effect between two chunks, whoever is stuck.",
        "What injects a fault must be able to take it back.",
    ),
    Difference(
        "dialling",
        "An upstream that does not answer holds up all clients of its proxy.",
        "Clients wait for their own connection alone, ten seconds at most.",
        "One stuck connection is one stuck connection.",
    ),
    Difference(
        "seeds",
        "`-seed` is accepted and has no effect.",
        "The same seed draws the same.",
        "A run that is repeated should be repeated.",
    ),
)
"""Differences of what happens to connections."""
EVERY = (*DIFFERENCES, *WIRE, *DATA)


def explains(request: Request, theirs: Seen, ours: Seen) -> Difference | None:
    """Return the difference that explains two answers, if there is one."""
    return next(
        (one for one in DIFFERENCES if one.matches(request, theirs, ours)), None
    )


def spoilt(request: Request, theirs: Seen) -> bool:
    """Tell whether the two servers may be in different states from now on."""
    return any(one.spoils(request, theirs) for one in DIFFERENCES)
