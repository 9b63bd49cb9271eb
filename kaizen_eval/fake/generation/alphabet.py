"""Sets of letters, as the classes of regular expressions name them."""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase, digits, punctuation

__all__ = ["ANY", "DIGITS", "SPACES", "WORDLY", "category", "others", "span"]

DIGITS = digits
SPACES = " \t\n\r\f\v\u00a0\u2028\u2029\ufeff"
"""What ECMAScript holds to be white space, the commonest first."""
WORDLY = ascii_lowercase + digits + ascii_uppercase + "_"
ANY = WORDLY + " " + punctuation.replace("_", "")
"""Printable ASCII, the letters that read best first."""

_BEYOND = "äöüéñçßøåλπжя中日あア€½²\t\n"
"""Letters to fall back on where a class excludes all printable ASCII."""

_MOST = 128
"""How many letters of a large set are kept."""

_CATEGORY = re.compile("L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?|C[cfon]?")
_LONG_NAMES = {
    "Alphabetic": "L",
    "Letter": "L",
    "Lowercase": "Ll",
    "Lowercase_Letter": "Ll",
    "Mark": "M",
    "Number": "N",
    "Decimal_Number": "Nd",
    "digit": "Nd",
    "Punctuation": "P",
    "punct": "P",
    "Separator": "Z",
    "Symbol": "S",
    "Uppercase": "Lu",
    "Uppercase_Letter": "Lu",
    "White_Space": "Zs",
}


def others(excluded: str) -> str:
    """Letters that are not among the excluded ones."""
    return "".join(letter for letter in ANY + _BEYOND if letter not in excluded)


def span(first: str, last: str) -> str:
    """The letters from `first` to `last`; of a long span its first ones."""
    return "".join(map(chr, range(ord(first), min(ord(last), ord(first) + _MOST) + 1)))


@lru_cache(maxsize=64)
def category(name: str) -> str:
    """Letters of a Unicode category, ASCII first; none for what Python's tables do not hold, such as scripts."""
    short = _LONG_NAMES.get(name, name)
    found = ""
    for number in range(sys.maxunicode if _CATEGORY.fullmatch(short) else 0):
        if unicodedata.category(chr(number)).startswith(short):
            found += chr(number)
        if len(found) == _MOST:
            break
    return found
