"""Whether a value looks like a secret, or like a word that only happens to be one."""

from __future__ import annotations

import re
from collections import Counter
from math import log2

from kaizen_eval.secrets.placeholder import REDACTED

__all__ = ["SHORTEST", "is_ordinary", "is_random", "is_telling"]

SHORTEST = 8
"""Characters of a value that is looked for wherever it stands."""
_LONG = 20
"""Characters from which also words in a row are a pass phrase."""
_WORDS = re.compile(r"(?:[a-z]+|[A-Z]+|[A-Z][a-z]+)(?:[-_. ](?:[a-z]+|[A-Z]+|[A-Z][a-z]+))*")
_PLACE = re.compile(r"(?:[~.]{0,2}/|[A-Za-z]:\\|[a-z][a-z0-9+.-]*://)[^\s]*")
_NUMBER = re.compile(r"[-+]?[\d.,:]{1,11}")
_MARKED = re.compile(r"[\d!#$%^&*+=@?]")


def is_ordinary(value: str) -> bool:
    """Whether it may stand in any text without being meant: words, a path, an address, a short number.

    Words are ordinary below 20 characters: `not-needed`, `production`, `test-key`. A pass phrase is longer.
    """
    if len(value) < _LONG and _WORDS.fullmatch(value):
        return True
    return bool(_NUMBER.fullmatch(value) or _PLACE.fullmatch(value))


def is_telling(value: str) -> bool:
    """Whether it is long enough, and odd enough, to be looked for wherever it stands."""
    return len(value) >= SHORTEST and value not in REDACTED and not value.isspace() and not is_ordinary(value)


def is_random(value: str) -> bool:
    """Whether it looks drawn rather than written: letters among digits or signs, and few of them twice."""
    if len(value) < SHORTEST or not _MARKED.search(value) or value.isdigit() or is_ordinary(value):
        return False
    return any(character.isalpha() for character in value) and _entropy(value) >= 2.5


def _entropy(value: str) -> float:
    """Bits a character, as often as each occurs."""
    length = len(value)
    return -sum(count / length * log2(count / length) for count in Counter(value).values())
