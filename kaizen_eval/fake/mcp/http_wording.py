"""Answers of a FakeMCP as HTTP puts them, in bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

__all__ = ["chunk", "event", "stream_head", "whole"]

_JSON = "application/json"
_STREAM = "text/event-stream"


def whole(status: int, body: bytes | Mapping[str, Any] = b"", *, kind: str = _JSON, session: str = "") -> bytes:
    """A response with its length; a mapping as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return _head(status, kind, session, f"content-length: {len(data)}") + data


def stream_head(session: str = "") -> bytes:
    """The head of a stream of events, which follow as chunks."""
    return _head(200, _STREAM, session, "transfer-encoding: chunked")


def event(message: Mapping[str, Any]) -> bytes:
    """A chunk with one message."""
    return chunk(f"event: message\ndata: {json.dumps(message)}\n\n".encode())


def chunk(data: bytes = b"") -> bytes:
    """The last one, if it is empty."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def _head(status: int, kind: str, session: str, length: str) -> bytes:
    lines: Iterable[str] = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        f"content-type: {kind}",
        *([f"mcp-session-id: {session}"] if session else []),
        length,
    )
    return "\r\n".join((*lines, "", "")).encode("ascii")
