"""The bytes around a body: what HTTP/1.1 puts before, between and after the pieces of an answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kaizen_eval.fake.wire.events import Answer, Piece, framing_of

__all__ = ["NO_SIZE", "frame", "head", "pieces_of", "tail"]

NO_SIZE = b"not a size\r\n"
"""What stands in "broken chunks" where the size of a chunk belongs."""

_REASONS: Mapping[int, str] = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    409: "Conflict",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


def head(answer: Answer, *more: tuple[str, str]) -> bytes:
    """Status line and headers, with those of the framing and these."""
    lines = [f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, '')}"]
    lines += [f"{name}: {value}" for name, value in (*answer.headers, *more, _framing_header(answer))]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def pieces_of(answer: Answer) -> Iterable[Piece]:
    """The body in pieces; a whole one is one, an empty one none."""
    if not isinstance(answer.body, bytes):
        return answer.body
    return (Piece(answer.body),) if answer.body else ()


def frame(answer: Answer, data: bytes) -> bytes:
    """A piece as it goes out; one without data gives nothing, as an empty chunk would be the last."""
    if data and framing_of(answer) in {"chunked", "broken chunks"}:
        return b"%x\r\n%b\r\n" % (len(data), data)
    return data


def tail(answer: Answer) -> bytes:
    """What follows the last piece before the ending."""
    framing = framing_of(answer)
    if framing == "broken chunks":
        return NO_SIZE
    return b"0\r\n\r\n" if framing == "chunked" and answer.ending == "complete" else b""


def _framing_header(answer: Answer) -> tuple[str, str]:
    match framing_of(answer):
        case "length":
            return "content-length", str(_length(answer))
        case "until close":
            return "connection", "close"
        case _:
            return "transfer-encoding", "chunked"


def _length(answer: Answer) -> int:
    if answer.declared is not None:
        return answer.declared
    if isinstance(answer.body, bytes):
        return len(answer.body)
    raise ValueError("pieces of framing 'length' need Answer.declared, the content-length that the head is to have")
