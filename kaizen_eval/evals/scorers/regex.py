"""Regular expression: a pattern that the answer must match."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from kaizen_eval.checks import flag
from kaizen_eval.errors import ConfigError
from kaizen_eval.evals.scorers.compared import NOTHING, RIGHT, Comparing, Mark
from kaizen_eval.evals.scorers.texts import text_of
from kaizen_eval.evals.scorers.wording import shown

__all__ = ["Regex"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Regex(Comparing):
    """1 where the pattern is found, else 0. Without `pattern`, what the case expects is one.

    Flags stand in the pattern, as in `(?i)paris`.
    """

    kind: ClassVar[str] = "regex"
    about: ClassVar[str] = "pattern"

    pattern: str | None = None
    whole: bool = False
    """Whether it must match the text from beginning to end."""

    def __post_init__(self) -> None:
        flag(f"whole of {self.kind}", self.whole)
        if self.pattern is not None:
            _check_pattern(self.pattern)
        Comparing.__post_init__(self)

    def wanted(self) -> Any:
        return NOTHING if self.pattern is None else self.pattern

    def compared(self, expected: Any, came: Any) -> Mark:
        if not isinstance(expected, str):
            raise TypeError(f"regex takes what is expected as a pattern, and that is {expected!r}")
        text, pattern = text_of(came), _compiled(expected)
        found = pattern.fullmatch(text) if self.whole else pattern.search(text)
        how = "is not the whole of" if self.whole else "is not found in"
        return RIGHT if found else Mark(0.0, f"the pattern {shown(expected)} {how} {shown(text)}")


def _check_pattern(pattern: object) -> None:
    if not isinstance(pattern, str):
        raise ConfigError(f"pattern of regex must be text, not {pattern!r}; flags stand in it, as in '(?i)paris'.")
    try:
        _compiled(pattern)
    except ValueError as error:
        raise ConfigError(f"{error}.") from None


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
