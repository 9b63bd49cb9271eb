"""The errors of httpx and httpx2, by the names that a cassette keeps."""

from __future__ import annotations

import ssl
from types import ModuleType
from typing import Any

from kaizen_eval.errors import CassetteMiss
from kaizen_eval.recording.exchange import Exchange, Failure

__all__ = ["GAVE_UP", "gave_up", "name_of", "raised", "unread"]

GAVE_UP = "CancelledError"
"""What a cassette calls it that whoever called the client waited no longer: a time limit of its own, a lost race."""


def name_of(http: ModuleType, error: Exception) -> str:
    """What a cassette calls it: the nearest class that the client's module, httpx or httpx2, names; else its own."""
    kinds = type(error).__mro__
    names = (kind.__name__ for kind in kinds if kind.__name__ in _LET_THROUGH or _named(http, kind.__name__) is kind)
    return next(names, type(error).__name__)


def raised(http: ModuleType, failure: Failure, request: object) -> Exception:
    """What the client raises for it: its own error, or a CassetteMiss where it has none of that name."""
    if failure.error in _LET_THROUGH:
        return _LET_THROUGH[failure.error](failure.message)
    kind = _named(http, failure.error)
    if kind is None:
        return CassetteMiss(
            f"While this was recorded, {failure.error} ended it ({failure.message or 'without a word'}). That is no "
            f"error of {http.__name__}, so it cannot be raised again: record it anew."
        )
    error: Exception = kind(failure.message, request=request)
    return error


def gave_up(exchange: Exchange) -> bool:
    """Whether the client that recorded it gave up: not on what came, but on what did not come."""
    if exchange.failure is None:
        return exchange.was_left and exchange.response is None
    return exchange.failure.error == GAVE_UP


def unread(exchange: Exchange, path: str) -> CassetteMiss:
    """What is raised for a client that wants more of an exchange than the one that recorded it.

    The path is the cassette's.
    """
    request, response = exchange.request, exchange.response
    read = "waiting before any answer came" if response is None else f"reading after {_pieces(len(response.sizes))}"
    lane = f" of lane {exchange.lane!r}" if exchange.lane else ""
    return CassetteMiss(
        f"{request.method} {request.path}: the client that recorded this (exchange {exchange.slot}{lane}) stopped "
        f"{read}, and this one wants more; what would have followed is not known. Read no further, or record it anew.",
        path=path,
    )


def _pieces(count: int) -> str:
    return "1 piece" if count == 1 else f"{count} pieces"


def _named(http: ModuleType, name: str) -> Any:
    """The class; None where the module has no such error."""
    kind = getattr(http, name, None)
    return kind if isinstance(kind, type) and issubclass(kind, http.RequestError) else None


def _ssl_error(message: str) -> Exception:
    return ssl.SSLError(ssl.SSLErrorNumber.SSL_ERROR_SSL, message)


def _end_of_stream(message: str) -> Exception:
    from anyio import EndOfStream  # noqa: PLC0415 - only clients on anyio's connections let it through

    return EndOfStream(message)


_LET_THROUGH = {"EndOfStream": _end_of_stream, "SSLError": _ssl_error}
"""What comes out of the clients' connections as it is; the OpenAI SDK knows these, too."""
