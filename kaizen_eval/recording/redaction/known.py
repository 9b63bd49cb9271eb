"""Known values: secrets that are looked for by what they are, plain and in other writings."""

from __future__ import annotations

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, quote_plus, unquote

from kaizen_eval.recording.redaction.names import level_of_variable
from kaizen_eval.secrets.kinds import ENVIRONMENT
from kaizen_eval.secrets.spans import Span
from kaizen_eval.secrets.values import is_telling

__all__ = ["Known", "known_spans", "known_value", "of_environment"]

_PLAIN_RUN = re.compile(r"[A-Za-z0-9_.-]+")
_IN_BASE64 = re.compile(r"[A-Za-z0-9+/_-]*+=*+")
_BEFORE_IN_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{0,400}$")
_URL_PASSWORD = re.compile(r"[a-z][a-z0-9+.-]*://[^\s:/@]*:([^\s/@]+)@", re.IGNORECASE)
_SHORTEST_IN_BASE64 = 10
_LONG = 16


@dataclass(frozen=True, slots=True)
class Known:
    """One secret, as it is and as it may be written."""

    kind: str
    plain: tuple[str, ...]
    """As it is, percent-encoded, and in hexadecimal digits."""
    coded: tuple[str, ...]
    """What of it does not depend on its neighbours in base64, at each of three alignments and in both alphabets."""
    hints: tuple[bytes, ...]
    """One of them stands in every JSON or other text that holds it, or of the next; empty without a plain stretch."""
    long_hints: tuple[str, ...]
    """Of base64: stretches of 16 letters and digits, or more."""

    def __repr__(self) -> str:
        return f"Known({self.kind!r})"


def of_environment(environment: Mapping[str, str]) -> tuple[Known, ...]:
    """What secret-named variables hold, and the passwords in the URLs of others; longest first.

    Values below 8 characters, ordinary words, paths, addresses and short numbers are not looked for.
    """
    values = {value for name, text in environment.items() for value in _secrets_in(name, text)}
    return tuple(known_value(value, ENVIRONMENT) for value in sorted(values, key=lambda value: (-len(value), value)))


def known_value(value: str, kind: str) -> Known:
    coded = () if len(value) < _SHORTEST_IN_BASE64 else tuple(dict.fromkeys(_coded(value)))
    plain = tuple(dict.fromkeys([value, quote(value, safe=""), quote_plus(value), quote(value), *_hexadecimal(value)]))
    runs = [_longest_run(writing) for writing in coded]
    hints = [_longest_run(writing).encode() for writing in (*plain, *(code for code in runs if len(code) < _LONG))]
    return Known(kind, plain, coded, tuple(dict.fromkeys(hints)), tuple(code for code in runs if len(code) >= _LONG))


def known_spans(text: str, known: Iterable[Known]) -> Iterator[Span]:
    for one in known:
        for writing in one.plain:
            yield from (Span(start, start + len(writing), one.kind) for start in _places(text, writing))
        for writing in one.coded:
            for start in _places(text, writing):
                yield Span(*_whole_code(text, start, start + len(writing)), one.kind)


def _secrets_in(name: str, text: str) -> Iterator[str]:
    value = text.strip()
    if level_of_variable(name) and is_telling(value):
        yield value
    if "@" in value and "://" in value:
        yield from (unquote(found) for found in _URL_PASSWORD.findall(value) if is_telling(unquote(found)))


def _hexadecimal(value: str) -> tuple[str, ...]:
    digits = value.encode("utf-8", "surrogateescape").hex()
    return digits, digits.upper()


def _coded(value: str) -> Iterator[str]:
    data = value.encode("utf-8", "surrogateescape")
    for shift in range(3):
        for encode in (b64encode, urlsafe_b64encode):
            code = encode(bytes(shift) + data).decode().rstrip("=")
            last = -1 if (shift + len(data)) % 3 else None
            yield code[(0, 2, 3)[shift] : last]


def _longest_run(writing: str) -> str:
    return max(_PLAIN_RUN.findall(writing), key=len, default="")


def _places(text: str, writing: str) -> Iterator[int]:
    start = text.find(writing)
    while start >= 0:
        yield start
        start = text.find(writing, start + len(writing))


def _whole_code(text: str, start: int, end: int) -> tuple[int, int]:
    """The stretch of base64 around a part of it."""
    before = _BEFORE_IN_BASE64.search(text, max(0, start - 400), start)
    after = _IN_BASE64.match(text, end)
    return before.start() if before else start, after.end() if after else end
