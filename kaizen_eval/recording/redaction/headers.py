"""Which headers a cassette keeps, and how."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator

from kaizen_eval.llm.translate import MISS_HEADER, SCRIPT_ERROR_HEADER
from kaizen_eval.recording.exchange import Headers
from kaizen_eval.recording.redaction.names import Level, level_of
from kaizen_eval.secrets.placeholder import REDACTED

__all__ = ["bare", "credentials_in", "hashed", "is_kept", "redacted_header", "request_headers", "response_headers"]

_OF_REQUESTS = frozenset(["accept", "anthropic-beta", "anthropic-version", "content-type", "openai-beta"])
_OF_RESPONSES = frozenset(
    [
        *("content-type", "location", "retry-after", "retry-after-ms", "x-should-retry"),
        *(MISS_HEADER, SCRIPT_ERROR_HEADER),
    ]
)
_LIMITS = ("anthropic-ratelimit-", "ratelimit-", "x-ratelimit-")
_IDS = frozenset(["apim-request-id", "request-id", "x-request-id"])
_HASHED = re.compile(r"hashed-[0-9a-f]{16}")
_SCHEME = re.compile(r"\s*(?:Bearer|Basic|Token|ApiKey)\s+", re.IGNORECASE)
_COOKIE = re.compile(r"[^=;]+=\"?([^;\"]+)")


def request_headers(headers: Headers, more: Collection[str]) -> Headers:
    """Those of a request that are kept.

    Args:
        headers: all.
        more: names of others to keep, in lower case.
    """
    return tuple((name, value) for name, value in _lowered(headers) if name in _OF_REQUESTS or name in more)


def response_headers(headers: Headers, more: Collection[str]) -> Headers:
    """Those of a response that are kept; ids of requests become digests, so that they can still be compared."""
    return tuple(
        (name, hashed(value) if name in _IDS else value) for name, value in _lowered(headers) if is_kept(name, more)
    )


def is_kept(name: str, more: Collection[str]) -> bool:
    return name in _OF_RESPONSES or name in _IDS or name.startswith(_LIMITS) or name in more


def hashed(value: str) -> str:
    """A digest in place of an id; that of a digest is itself."""
    return value if _HASHED.fullmatch(value) else f"hashed-{hashlib.sha256(value.encode()).hexdigest()[:16]}"


def redacted_header(name: str, value: str, own: frozenset[str]) -> str | None:
    """What stands for the value of a header that is secret by its name; None for others."""
    return REDACTED if level_of(name, own) is not Level.NONE and value else None


def credentials_in(headers: Headers) -> Iterator[str]:
    """What a request or a response shows in order to be let in."""
    for name, value in _lowered(headers):
        if name in {"cookie", "set-cookie"}:
            yield from _COOKIE.findall(value)
        elif level_of(name) is Level.STRONG:
            yield bare(value)


def bare(value: str) -> str:
    """A credential without its scheme: `Bearer`, say."""
    return _SCHEME.sub("", value, count=1).strip()


def _lowered(headers: Headers) -> Iterator[tuple[str, str]]:
    return ((name.lower(), value) for name, value in headers)
