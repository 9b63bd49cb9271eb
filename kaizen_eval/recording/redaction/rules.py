"""Rules: everything that one redactor looks for in a text."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from kaizen_eval.errors import ConfigError
from kaizen_eval.recording.redaction.decoded import from_percent
from kaizen_eval.recording.redaction.known import Known, known_spans
from kaizen_eval.recording.redaction.names import squeezed
from kaizen_eval.recording.redaction.telling import telling_spans
from kaizen_eval.secrets.kinds import CUSTOM
from kaizen_eval.secrets.placeholder import REDACTED
from kaizen_eval.secrets.shapes import shape_spans
from kaizen_eval.secrets.spans import Span, merged

__all__ = ["ESCAPED_LETTER", "Rules", "decoded_base64", "rules_of"]

ESCAPED_LETTER = re.compile(r"%(?:2[dD]|3[0-9]|4[1-9a-fA-F]|5[0-9aAfF]|6[1-9a-fA-F]|7[0-9aA])")
"""Percent-encoded where nobody encodes: letters, digits, hyphens, underscores."""
_BASE64 = re.compile(r"[A-Za-z0-9+/]{24,}+={0,2}")
_REGEX = re.compile(r"/(.*)/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Rules:
    """What is looked for, besides shapes and telling names."""

    known: tuple[Known, ...] = ()
    patterns: tuple[re.Pattern[str], ...] = ()
    """The user's own."""
    names: frozenset[str] = frozenset()
    """The user's own, squeezed."""

    def knowing(self, more: Sequence[Known]) -> Rules:
        return replace(self, known=(*self.known, *more)) if more else self

    def may_know(self, text: str) -> bool:
        """Whether a value that is looked for, or something of the user's own, may stand in a short text."""
        return bool(self.patterns or self.names) or any(plain in text for known in self.known for plain in known.plain)

    def spans(self, text: str) -> list[Span]:
        """Where secrets stand in a text, in order; placeholders are in none."""
        if REDACTED not in text:
            return merged(self._all(text))
        return [span for start, part in _parts(text) for span in _moved(merged(self._all(part)), start)]

    def _all(self, text: str) -> Iterator[Span]:
        yield from self._written(text)
        if "%" in text and ESCAPED_LETTER.search(text):
            decoded = from_percent(text, 0, len(text))
            yield from decoded.outside(merged(self._written(decoded.text)))
        if len(text) >= 24:
            yield from _in_base64(text)

    def _written(self, text: str) -> Iterator[Span]:
        yield from shape_spans(text)
        yield from telling_spans(text, self.names)
        yield from known_spans(text, self.known)
        for pattern in self.patterns:
            yield from (Span(*found.span(), CUSTOM) for found in pattern.finditer(text))


def rules_of(redact: Iterable[str], known: tuple[Known, ...] = ()) -> Rules:
    """Rules with the user's own entries.

    Args:
        redact: names, and regular expressions in slashes.
        known: values to look for.

    Raises:
        ConfigError: an entry is empty, or its regular expression none.
    """
    entries = [(entry, _REGEX.fullmatch(entry)) for entry in redact]
    patterns = tuple(_compiled(regex[1]) for _, regex in entries if regex)
    names = frozenset(_named(entry) for entry, regex in entries if not regex)
    return Rules(known, patterns, names)


def decoded_base64(code: str) -> str:
    """What it says, if that is ASCII; empty otherwise."""
    bare = code.rstrip("=").replace("-", "+").replace("_", "/")
    bare = bare[:-1] if len(bare) % 4 == 1 else bare
    try:
        data = binascii.a2b_base64(bare + "=" * (-len(bare) % 4))
    except ValueError:
        return ""
    return data.decode("ascii") if data.isascii() else ""


def _in_base64(text: str) -> Iterator[Span]:
    """Whole stretches of base64 in which a secret stands."""
    for found in _BASE64.finditer(text):
        plain = decoded_base64(found[0])
        if plain and (inside := next(shape_spans(plain), None)):
            yield Span(*found.span(), inside.kind)


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """What stands between the placeholders."""
    start = 0
    for part in text.split(REDACTED):
        yield start, part
        start += len(part) + len(REDACTED)


def _moved(spans: Iterable[Span], by: int) -> Iterator[Span]:
    return (span._replace(start=span.start + by, end=span.end + by) for span in spans)


def _compiled(regex: str) -> re.Pattern[str]:
    try:
        return re.compile(regex)
    except re.error as wrong:
        raise ConfigError(
            f"The entry {f'/{regex}/'!r} of redact is no regular expression: {wrong}. What stands in slashes is one; "
            "a name of a header, field or parameter stands without."
        ) from wrong


def _named(entry: str) -> str:
    name = squeezed(entry)
    if not name:
        raise ConfigError(
            f"The entry {entry!r} of redact names nothing; expected the name of a header, field or parameter, "
            "or a regular expression in slashes."
        )
    return name
