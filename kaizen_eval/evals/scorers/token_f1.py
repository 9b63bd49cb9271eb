"""Token F1: how many words two texts share."""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from kaizen_eval.errors import ConfigError
from kaizen_eval.evals.scorers.compared import RIGHT, Mark
from kaizen_eval.evals.scorers.references import Nearest
from kaizen_eval.evals.scorers.wording import differing

__all__ = ["TokenF1", "tokens"]

_ENGLISH = ("a", "an", "the")
_NO_SPACES = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Myanmar, Khmer
    "\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff"  # Japanese
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
_SINGLE = re.compile(f"([{_NO_SPACES}])")
"""Signs of scripts that write words without spaces between them."""
_TO_NOTHING = str.maketrans("", "", string.punctuation)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenF1(Nearest):
    """The harmonic mean of precision and recall over words, as SQuAD defines it: of the texts in lower case, without
    punctuation and English articles; each word as often as it stands there.

    Source: Rajpurkar et al., "SQuAD: 100,000+ Questions for Machine Comprehension of Text" (2016), evaluate-v1.1.py;
    two texts without words are the same, as in 2.0. What goes beyond ASCII follows MLQA (Lewis et al., 2020):
    punctuation of all scripts, and each sign a word where a script puts no spaces between words.
    """

    kind: ClassVar[str] = "token_f1"

    articles: Sequence[str] = _ENGLISH
    """Words that do not count: those of the language of the answers."""

    def __post_init__(self) -> None:
        if isinstance(self.articles, str) or not all(isinstance(word, str) for word in self.articles):
            raise ConfigError(f"articles of token_f1 must be a list of words, not {self.articles!r}.")
        object.__setattr__(self, "articles", tuple(self.articles))
        Nearest.__post_init__(self)

    def beside(self, expected: str, came: str) -> Mark:
        wanted, found = tokens(expected, self.articles), tokens(came, self.articles)
        if wanted == found:
            return RIGHT
        shared = (Counter(wanted) & Counter(found)).total()
        words = f"{shared} of {len(wanted)} expected words among the {len(found)} that came"
        return Mark(2 * shared / (len(wanted) + len(found)), f"{words}: {differing(expected, came)}")


def tokens(text: str, articles: Sequence[str] = _ENGLISH) -> list[str]:
    """The words that count, in order."""
    if text.isascii():
        words = text.lower().translate(_TO_NOTHING)
    else:
        words = _SINGLE.sub(r" \1 ", "".join(map(_letter, unicodedata.normalize("NFKC", text).casefold())))
    left_out = {word.casefold() for word in articles}
    return [word for word in words.split() if word not in left_out]


def _letter(sign: str) -> str:
    """A sign of a word; nothing for punctuation, as SQuAD has it, but dashes, which stand between words elsewhere."""
    if sign in string.punctuation:
        return ""
    kind = unicodedata.category(sign)
    return (" " if kind == "Pd" else "") if kind[0] == "P" else sign
