"""A line of the journal: a JSON object that carries its own checksum."""

from __future__ import annotations

import zlib

_CRC = b',"crc":"%08x"}\n'
_CRC_LENGTH = len(_CRC % 0)


def seal(line: bytes) -> bytes:
    """Return a JSON object as a line that carries the CRC-32 of what stands before."""
    body = line[:-1]
    return body + _CRC % zlib.crc32(body)


def unseal(line: bytes) -> bytes | None:
    """Return the JSON object of a whole line, or None if its checksum does not fit."""
    body = line[:-_CRC_LENGTH]
    return body + b"}" if line[-_CRC_LENGTH:] == _CRC % zlib.crc32(body) else None
