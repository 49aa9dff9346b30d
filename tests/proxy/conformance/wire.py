"""Bytes to send to both servers: HTTP as it should be, may be, and is not."""

import re
import socket
from contextlib import suppress

from tests.proxy.running import PATIENCE, Server

HOST = b"Host: x\r\n"
QUIET = 1.0
"""Seconds after which a server that has said nothing more waits for more."""
_DATE = re.compile(rb"\r\nDate: [^\r]*")
_ID = re.compile(rb"Request-Id: [0-9a-v]{20}")
_ANSWER = re.compile(rb"(?=HTTP/1\.[01] )")


def get(line: bytes, headers: bytes = HOST, body: bytes = b"") -> bytes:
    """Return a request of a first line, headers and a body."""
    return line + b"\r\n" + headers + b"\r\n" + body


def version(headers: bytes, *, host: bytes = HOST) -> bytes:
    """Return a request for the version, with more headers."""
    return get(b"GET /version HTTP/1.1", host + headers)


def post(headers: bytes, body: bytes = b"[]") -> bytes:
    """Return a request with a body, of a length or a coding that the headers say."""
    return get(b"POST /populate HTTP/1.1", HOST + headers, body)


def chunked(body: bytes, headers: bytes = b"Transfer-Encoding: chunked\r\n") -> bytes:
    """Return a request with a body in chunks."""
    return post(headers, body)


FIRST_LINES = [
    get(line)
    for line in (
        *(b"GET /version HTTP/1.1", b"get /version HTTP/1.1", b"GET /version"),
        *(b"GET /version HTTP/2.0", b"GET /version HTTP/1.2", b"GET /version HTTP/1"),
        *(b"GET /version HTTP/0.9", b"GET /version HTTP/1.1 ", b"GET  /version"),
        *(b"G@T /version HTTP/1.1", b" GET /version HTTP/1.1", b"GARBAGE", b"", b"\0"),
        *(b"GET /version http/1.1", b"GET /version HTTP/1.1\r", b"\x16\x03\x01\x02\0"),
    )
]
TARGETS = [
    get(b"%s %s HTTP/1.1" % (method, asked))
    for method, asked in (
        *((b"GET", b"http://x/version"), (b"GET", b"http://x"), (b"GET", b"x:version")),
        *((b"GET", b"http://x//version?a=b"), (b"GET", b"//version?a=b")),
        *((b"GET", b"version"), (b"GET", b"*"), (b"OPTIONS", b"*"), (b"GET", b"://x")),
        *((b"CONNECT", b"x:80"), (b"CONNECT", b"/version"), (b"GET", b"1http://x/")),
        *((b"GET", b"/%zz"), (b"GET", b"/version%2"), (b"GET", b"/version?%zz")),
        *((b"GET", b"/vers\x01ion"), (b"GET", b"/vers\xc3\xa4"), (b"GET", b"/./")),
        *((b"GET", b"/proxies/\xc3\xa4/../x"), (b"GET", b"//proxies/%C3%A4%20b")),
        *(
            (b"GET", b"http://[::1/"),
            (b"GET", b"http://x:y/"),
            (b"GET", b"http://u@x/"),
        ),
        *((b"GET", b"/a/../version/"), (b"GET", b"/?"), (b"GET", b"//version?")),
        *((b"GET", b"//a'b(c)!*@:&=+$,;"), (b"GET", b'//a"b<c>[d]^`{|}~\\')),
        *((b"HEAD", b"/version"), (b"HEAD", b"//none"), (b"POST", b"//none")),
        *((b"GET", b"/version#x"), (b"GET", b"/proxies/a;b//c")),
    )
]
HEADERS = [
    version(line)
    for line in (
        *(b"no colon\r\n", b": no name\r\n", b"spa ce: x\r\n", b"space : x\r\n"),
        *(b" folded: x\r\n", b"A: b\r\n folded\r\n", b"A: \x01\r\n", b"A: \xff\r\n"),
        *(b"\xff: a\r\n", b"A: \0\r\n", HOST, b"X: y\r\n" * 20_000),
        *(b"User-Agent: Mozilla/5.0\r\n", b"uSER-aGENT:Mozilla/5.0\r\n"),
        *(b"User-Agent: a\r\nUser-Agent: Mozilla/5.0\r\n", b"Upgrade: h2c\r\n"),
        *(b"User-Agent: Mozilla/5.0\r\nUser-Agent: a\r\n", b"Expect: x\r\n"),
        *(b"X: " + b"x" * size + b"\r\n" for size in (1_000_000, 1_100_000)),
    )
]
HOSTS = [
    version(b"", host=host)
    for host in (
        b"",
        b"Host: \r\n",
        b"Host: a b\r\n",
        b"Host: a/b\r\n",
        b"Host: \xff\r\n",
    )
]
LENGTHS = [
    *(post(b"", b""), post(b"Content-Length: 0\r\n"), post(b"Content-Length: 2\r\n")),
    post(b"Content-Length: 2\r\n", b"[]" + version(b"")),
    *(
        post(b"Content-Length: %s\r\n" % length)
        for length in (
            *(b"1", b"-1", b"x", b"+2", b"02", b"2, 2", b"", b"0x2", b"9" * 20),
            *(b"2\r\nContent-Length: 2", b"2\r\nContent-Length: 3"),
        )
    ),
    version(b"", host=HOST) + b"body without length\r\n\r\n",
    get(b"DELETE /proxies/x HTTP/1.1", HOST + b"Content-Length: 5\r\n", b"hello")
    + version(b""),
]
CHUNKS = [
    *(
        chunked(body)
        for body in (
            *(b"2\r\n[]\r\n0\r\n\r\n", b"1\r\n[\r\n1\r\n]\r\n0\r\n\r\n", b"xyz\r\n"),
            *(b"2;a=b\r\n[]\r\n0\r\nT: x\r\n\r\n", b"1\r\n[x\r\n", b"-1\r\n[\r\n"),
            *(b"1\n[\n1\n]\n0\n\n", b"1" * 5000, b"\r\n", b"1" * 17 + b"\r\n"),
        )
    ),
    *(
        chunked(b"2\r\n[]\r\n0\r\n\r\n", b"Transfer-Encoding: %s\r\n" % coding)
        for coding in (
            *(b"Chunked", b"gzip, chunked", b"identity", b"", b"chunked, chunked"),
            *(
                b"chunked\r\nContent-Length: 2",
                b"chunked\r\nTransfer-Encoding: chunked",
            ),
        )
    ),
    get(
        b"POST /populate HTTP/1.0",
        b"Transfer-Encoding: chunked\r\n",
        b"2\r\n[]\r\n0\r\n\r\n",
    ),
]
EXPECTATIONS = [
    *(
        post(b"Expect: 100-continue\r\nContent-Length: 2\r\n"),
        post(b"Expect: 100-Continue\r\nContent-Length: 2\r\n"),
        post(b"Expect: 100-continue\r\nContent-Length: 0\r\n", b""),
        post(b"Expect: other\r\nContent-Length: 2\r\n"),
        version(b"Expect: 100-continue\r\nContent-Length: 2\r\n") + b"[]",
    )
]
CONNECTIONS = [
    *(
        version(b"Connection: %s\r\n" % wish) * 2
        for wish in (b"close", b"Close", b"foo, close", b"keep-alive", b"upgrade")
    ),
    *(
        get(b"GET /version HTTP/1.0", headers) * 2
        for headers in (
            *(b"", b"Connection: keep-alive\r\n", b"Connection: Keep-Alive\r\n"),
            b"Connection: keep-alive, close\r\n",
        )
    ),
    version(b"") * 3,
    get(b"POST /reset HTTP/1.0", b"Connection: keep-alive\r\n") * 2,
    get(b"POST /reset HTTP/1.1") * 2,
    get(b"GET /none HTTP/1.0", b"Connection: keep-alive\r\n") * 2,
    b"GET /version HTTP/1.1\nHost: x\n\n",
    b"\r\n" + version(b""),
]
WIRE = {
    "first lines": FIRST_LINES,
    "targets": TARGETS,
    "headers": HEADERS,
    "hosts": HOSTS,
    "lengths": LENGTHS,
    "chunks": CHUNKS,
    "expectations": EXPECTATIONS,
    "connections": CONNECTIONS,
}


def said(server: Server, sent: bytes) -> bytes:
    """Return all that a server says to some bytes, and whether it waits for more."""
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as one:
        heard = b""
        with suppress(ConnectionError):  # it may have had enough
            one.sendall(sent)
        one.settimeout(QUIET)
        try:
            while more := one.recv(65536):
                heard += more
        except TimeoutError:
            heard += b"<waits>"
        except ConnectionError:
            pass
        return heard


def normal(heard: bytes) -> bytes:
    """Return what was heard without times and ids, the headers in order."""
    plain = _ID.sub(b"Request-Id: ID", _DATE.sub(b"", heard))
    parts = []
    for answer in _ANSWER.split(plain):
        head, end, body = answer.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        parts.append(b"\r\n".join([first, *sorted(lines)]) + end + body)
    return b"".join(parts)
