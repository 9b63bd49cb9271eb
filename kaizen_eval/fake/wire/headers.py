"""The headers that the real service puts on every response, refusals included."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

__all__ = [
    "CORS",
    "ORGANIZATION",
    "PREFLIGHT",
    "UNLIMITED",
    "Allowance",
    "Allowances",
    "Headers",
    "duration",
    "request_id",
    "standing_headers",
]

Headers = tuple[tuple[str, str], ...]

ORGANIZATION = "org-fake"
"""Whose key every key is."""
_MS = 1_000_000
"""Nanoseconds."""
_EXPOSED = (
    "x-request-id, openai-organization, openai-processing-ms, openai-version, retry-after, retry-after-ms, "
    "x-ratelimit-limit-requests, x-ratelimit-limit-tokens, x-ratelimit-remaining-requests, "
    "x-ratelimit-remaining-tokens, x-ratelimit-reset-requests, x-ratelimit-reset-tokens"
)
CORS: Headers = (("access-control-allow-origin", "*"), ("access-control-expose-headers", _EXPOSED))
"""For a page in a browser that asks."""
PREFLIGHT: Headers = (
    ("access-control-allow-origin", "*"),
    ("access-control-allow-headers", "*, authorization"),
    ("access-control-max-age", "600"),
)
"""For what a browser asks beforehand; the methods are the path's."""


class Allowance(NamedTuple):
    """How one limit of so many a minute stands once a request is counted."""

    limit: int
    remaining: int
    full_in_ns: int
    """Nanoseconds until nothing is used any more."""


class Allowances(NamedTuple):
    """How both limits stand."""

    requests: Allowance
    tokens: Allowance


UNLIMITED = Allowances(Allowance(10_000, 9_999, 6 * _MS), Allowance(10_000_000, 9_999_999, 0))
"""What is shown where nothing is limited: the figures of a large account, which never move."""


def standing_headers(processing_ms: int, allowances: Allowances | None = UNLIMITED) -> Headers:
    """All but `x-request-id`, every name in lower case; without allowances nothing is told of limits."""
    if allowances is UNLIMITED:
        return _identity(processing_ms) + _UNLIMITED
    return _identity(processing_ms) + (() if allowances is None else _rate_limits(allowances))


def request_id(mark: str) -> tuple[str, str]:
    """The header that names an answer to whoever reports it."""
    return "x-request-id", f"req_{mark}"


def duration(ns: int) -> str:
    """As in `x-ratelimit-reset-requests`: 12ms, 8.64s, 6m0s, 1h0m0s; rounded up to a millisecond."""
    ms = -(-ns // _MS)
    if 0 < ms < 1000:
        return f"{ms}ms"
    minutes, ms = divmod(ms, 60_000)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{ms // 1000}.{ms % 1000:03}".rstrip("0").rstrip(".")
    return f"{hours}h{minutes}m{seconds}s" if hours else f"{minutes}m{seconds}s" if minutes else f"{seconds}s"


@lru_cache(maxsize=1024)
def _identity(processing_ms: int) -> Headers:
    return (
        ("openai-organization", ORGANIZATION),
        ("openai-processing-ms", str(processing_ms)),
        ("openai-version", "2020-10-01"),
    )


def _rate_limits(allowances: Allowances) -> Headers:
    requests, tokens = allowances
    return (
        ("x-ratelimit-limit-requests", str(requests.limit)),
        ("x-ratelimit-limit-tokens", str(tokens.limit)),
        ("x-ratelimit-remaining-requests", str(requests.remaining)),
        ("x-ratelimit-remaining-tokens", str(tokens.remaining)),
        ("x-ratelimit-reset-requests", duration(requests.full_in_ns)),
        ("x-ratelimit-reset-tokens", duration(tokens.full_in_ns)),
    )


_UNLIMITED = _rate_limits(UNLIMITED)
