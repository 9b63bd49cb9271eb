"""How a text is held against what a script wants of it: a part, the whole, a pattern, a predicate."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

__all__ = [
    "Contains",
    "Exactly",
    "TextMatcher",
    "is_name_match",
    "is_text_match",
    "name_holds",
    "named",
    "shown",
    "text_holds",
]


@dataclass(frozen=True, slots=True, repr=False)
class Exactly:
    """This and nothing else."""

    value: object

    def __repr__(self) -> str:
        return f"Exactly({self.value!r})"


@dataclass(frozen=True, slots=True, repr=False)
class Contains:
    """A text that holds this one."""

    part: str

    def __repr__(self) -> str:
        return f"Contains({self.part!r})"


TextMatcher = str | re.Pattern[str] | Exactly | Contains | Callable[[str], object]
"""A part of the text, a pattern to search for, `Exactly` the text, or a predicate on it."""

_LONGEST = 120
"""Characters of a text that a message shows."""


def text_holds(wanted: TextMatcher, text: str) -> bool:
    """Whether a text is as wanted; a text by itself is wanted as a part."""
    return wanted in text if isinstance(wanted, str) else _holds(wanted, text)


def name_holds(wanted: TextMatcher, name: str) -> bool:
    """The same for a name; a text by itself is wanted as the whole name."""
    return wanted == name if isinstance(wanted, str) else _holds(wanted, name)


def _holds(wanted: re.Pattern[str] | Exactly | Contains | Callable[[str], object], text: str) -> bool:
    if isinstance(wanted, re.Pattern):
        return wanted.search(text) is not None
    if isinstance(wanted, Exactly):
        return wanted.value == text
    return wanted.part in text if isinstance(wanted, Contains) else bool(wanted(text))


def is_text_match(wanted: object) -> bool:
    """Whether it can match some text."""
    return is_name_match(wanted) or (callable(wanted) and not isinstance(wanted, type))


def is_name_match(wanted: object) -> bool:
    """The same without predicates."""
    if isinstance(wanted, re.Pattern):
        return isinstance(wanted.pattern, str)
    if isinstance(wanted, Exactly):
        return isinstance(wanted.value, str)
    part = wanted.part if isinstance(wanted, Contains) else wanted
    return isinstance(part, str) and part != ""


def named(wanted: object) -> str:
    """A matcher as its owner wrote it; never an address, which would differ from run to run."""
    if isinstance(wanted, re.Pattern):
        return f"re.compile({wanted.pattern!r})"
    if isinstance(wanted, Mapping):
        return f"{{{', '.join(f'{key!r}: {named(value)}' for key, value in wanted.items())}}}"
    return getattr(wanted, "__name__", type(wanted).__name__) if callable(wanted) else repr(wanted)


def shown(text: str) -> str:
    """A text as a message shows it."""
    return repr(text if len(text) <= _LONGEST else text[:_LONGEST] + "…")
