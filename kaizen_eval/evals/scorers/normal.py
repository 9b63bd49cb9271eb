"""The normal form of a text: what people take for the same is the same text, in every script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any, Literal, get_args

from kaizen_eval.errors import ConfigError
from kaizen_eval.suggestion import suggestion

__all__ = ["USUAL", "Ignored", "checked_ignored", "normal"]

Ignored = Literal["accents", "case", "punctuation", "space"]
"""accents: é is e. case: Straße is STRASSE. punctuation: marks, quotes and brackets before and after words, not those
inside of them, and no sign of a number. space: how much there is between words, and at the ends.
"""
USUAL: tuple[Ignored, ...] = ("case", "punctuation", "space")

_WORDS = re.compile(r"\S+")
_MARKS = frozenset("*_`")
"""Of Markdown; they stand around words as quotes do."""
_KEPT = frozenset("#%&/@\\\u2030\u2032\u2033")
"""They say something: C# is not C, and 5 % is not 5."""
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_APOSTROPHES = "\u2018\u2019\u201a\u201b\u02bc"
_QUOTES = "\u201c\u201d\u201e\u201f\u00ab\u00bb"
_ALIKE = str.maketrans(
    {**dict.fromkeys(_DASHES, "-"), **dict.fromkeys(_APOSTROPHES, "'"), **dict.fromkeys(_QUOTES, '"')}
)


def normal(text: str, ignored: Iterable[Ignored] = USUAL) -> str:
    """Composed characters, letters and digits of one width, one kind of dashes and quotes; then what is ignored."""
    ignored = frozenset(ignored)
    text = unicodedata.normalize("NFC", _one_width(unicodedata.normalize("NFC", text))).translate(_ALIKE)
    if "accents" in ignored:
        text = unicodedata.normalize("NFC", "".join(filter(_is_no_accent, unicodedata.normalize("NFD", text))))
    if "case" in ignored:
        text = unicodedata.normalize("NFC", text.casefold())
    if "punctuation" in ignored:
        text = _WORDS.sub(lambda word: _bare(word[0]), text) if _has_words(text) else text
    return " ".join(text.split()) if "space" in ignored else text


def checked_ignored(kind: str, ignored: Any) -> tuple[Ignored, ...]:
    """In alphabetical order, which makes two alike equal.

    Raises:
        ConfigError: something that cannot be ignored.
    """
    known = get_args(Ignored)
    given = (ignored,) if isinstance(ignored, str) else tuple(ignored)
    for name in given:
        if name not in known:
            end = suggestion(str(name), known)
            raise ConfigError(f"ignore of {kind} takes {', '.join(known)}, not {name!r}{end}")
    return tuple(sorted(set(given)))


def _one_width(text: str) -> str:
    """Full-width, half-width and ligature forms as usual ones; ² and ½ stay, for x² is not x2."""
    return text if text.isascii() else "".join(map(_usual_form, text))


def _usual_form(sign: str) -> str:
    form = unicodedata.decomposition(sign)
    is_form = form.startswith(("<wide>", "<narrow>", "<noBreak>", "<compat>"))
    return unicodedata.normalize("NFKC", sign) if is_form else sign


def _is_no_accent(sign: str) -> bool:
    return unicodedata.category(sign) != "Mn"


def _has_words(text: str) -> bool:
    """A text of marks alone, such as "?!", is not nothing."""
    return any(unicodedata.category(sign)[0] in "LNS" or sign in _KEPT for sign in text)


def _bare(word: str) -> str:
    begin, end = 0, len(word)
    while begin < end and _is_mark(word[begin]) and not _is_sign(word, begin):
        begin += 1
    while end > begin and _is_mark(word[end - 1]):
        end -= 1
    return word[begin:end]


def _is_mark(sign: str) -> bool:
    return sign in _MARKS or (unicodedata.category(sign)[0] == "P" and sign not in _KEPT)


def _is_sign(word: str, at: int) -> bool:
    """Whether it is the minus or the point of a number: -5, .5, -.5."""
    return word[at] in "-." and re.match(r"-?\.?\d", word[at:]) is not None
