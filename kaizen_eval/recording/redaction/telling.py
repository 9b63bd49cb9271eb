"""Telling names in running text, and what follows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from kaizen_eval.recording.redaction.names import Level, level_of
from kaizen_eval.secrets.kinds import TELLING
from kaizen_eval.secrets.spans import Span
from kaizen_eval.secrets.values import is_random, is_telling

__all__ = ["Mention", "mentions", "mentions_with_values", "telling_spans"]

_STEMS = (
    *("key", "token", "secret", "pass", "pwd", "auth", "cookie", "credential", "session"),
    *("org", "proj", "connection"),
)
_VALUE_BEGINS = r"""(?:-[ ])?(?:(?:Bearer|Basic|Token|ApiKey)[ \t]{1,3})?(?P<open>\\{0,8}["'`])?"""
_AFTER = re.compile(
    r"""[\w-]{0,40}+(?P<close>\\{0,8}["'`])?(?P<gap>[ \t\r\n]{0,8}(?:=>|:=|[:=]|is\b|was\b)[ \t\r\n]{0,16})"""
    + _VALUE_BEGINS,
    re.IGNORECASE,
)
_AFTER_OPTION = re.compile(r"[\w-]{0,40}+(?P<close>(?!))?(?P<gap>[ \t]{1,3})" + _VALUE_BEGINS)
_VALUE = re.compile(r"""[^\s"'`,;<>{}()\[\]\\&|]++""")
_BETWEEN_WORDS = re.compile(r"[^A-Za-z0-9 _.-]+")
_CODE = frozenset("[({")
_STANDS_FOR = ("$", "%", "{", "<", "os.", "env.", "self.", "config.", "settings.", "process.")


class Mention(NamedTuple):
    """A telling name in a text, where a value may follow."""

    level: Level
    is_named: bool
    """Whether it stands in quotes, as names in JSON do."""
    is_quoted: bool
    """Whether name and value both stand in quotes."""
    start: int
    """Of what follows."""


def telling_spans(text: str, own: frozenset[str] = frozenset()) -> Iterator[Span]:
    """What looks drawn, after a name that says that it is secret."""
    return (Span(*value.span(), TELLING) for _, value in mentions_with_values(text, own) if value)


def mentions_with_values(text: str, own: frozenset[str]) -> Iterator[tuple[Mention, re.Match[str] | None]]:
    """Each telling name, and what follows it if that looks drawn and is no code."""
    start = end = -1
    for mention in mentions(text, own):
        if start <= mention.start < end:  # amid what was looked at already: the end of a text is not read again
            yield mention, None
            continue
        value = _VALUE.match(text, mention.start)
        if value:
            start, end = value.span()
        yield mention, value if value and _is_meant(mention, value[0]) and text[end : end + 1] not in _CODE else None


def mentions(text: str, own: frozenset[str] = frozenset()) -> Iterator[Mention]:
    """The telling names of a text, once or more often.

    Args:
        text: any.
        own: squeezed names, as for `level_of`.
    """
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join([character.lower()[:1] for character in text])
    after = [_AFTER, _AFTER_OPTION] if "--" in text else [_AFTER]
    for position in _places(lowered, text, own):
        for pattern in after:
            if (following := pattern.match(text, position)) and (mention := _mention(text, following, own)):
                yield mention
                break


def _places(lowered: str, text: str, own: frozenset[str]) -> Iterator[int]:
    """Where something stands that is a part of telling names."""
    for stem in _STEMS:
        position = lowered.find(stem)
        while position >= 0:
            yield position
            position = lowered.find(stem, position + len(stem))
    if own:
        yield from (found.start() for found in _spellings(own).finditer(text))


def _mention(text: str, after: re.Match[str], own: frozenset[str]) -> Mention | None:
    position = after.start()
    before = text[position - 40 if position > 40 else 0 : position]
    if after.re is _AFTER_OPTION and "--" not in before:
        return None
    words = _BETWEEN_WORDS.split(before)[-1]
    name_end = after.start("close") if after["close"] else after.start("gap")
    level = _level(words, text[position:name_end], own)
    close, opened = after["close"], after["open"]
    return Mention(level, bool(close), bool(close and opened), after.end()) if level else None


def _level(before: str, rest: str, own: frozenset[str]) -> Level:
    """Of a name with the words before it, `the API ` and `key`; or without them, ` session` and `_id`."""
    return level_of(before + rest, own) or level_of(before.rpartition(" ")[2] + rest, own)


def _is_meant(mention: Mention, value: str) -> bool:
    if value.startswith(_STANDS_FOR):
        return False
    value = value.rstrip(".:!?")
    return is_random(value) or (mention.level is Level.STRONG and len(value) >= 8 and _is_odd(mention, value))


def _is_odd(mention: Mention, value: str) -> bool:
    """Digits alone, or anything telling in quotes."""
    return value.isdigit() or (mention.is_quoted and is_telling(value))


@lru_cache(maxsize=64)
def _spellings(names: frozenset[str]) -> re.Pattern[str]:
    spelled = ("[-_. ]?".join(map(re.escape, name)) for name in sorted(names))
    return re.compile("|".join(spelled), re.IGNORECASE)
