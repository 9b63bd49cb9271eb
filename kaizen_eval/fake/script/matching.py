"""Which requests a rule is for: the conditions of one `.when(…)` held against one request."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.script.matchers import MATCHERS, Chance
from kaizen_eval.fake.script.seen import Seen
from kaizen_eval.fake.script.text_match import named
from kaizen_eval.suggestion import suggestion

__all__ = ["ANY", "Conditions", "conditions"]


@dataclass(frozen=True, slots=True)
class Conditions:
    """One `.when(…)`: all of its matchers must hold."""

    given: tuple[tuple[str, Any], ...]
    """As they were written."""
    tests: tuple[tuple[Callable[[Any, Seen], bool], Any], ...] = field(default=(), repr=False, compare=False)
    """The matchers but `nth`, each with what it wants, made ready."""
    nth: int | None = None
    """Which of the requests that hold; counted where the rule's place is known."""

    def hold(self, seen: Seen) -> bool:
        """All but `nth`."""
        for holds, wanted in self.tests:  # noqa: SIM110 - a generator would double what a request costs
            if not holds(wanted, seen):
                return False
        return True

    def failing(self, seen: Seen) -> Iterator[str]:
        """For each matcher that does not hold, `nth` aside: what was wanted and what came."""
        plain = [(name, wanted) for name, wanted in self.given if name != "nth"]
        for (name, wanted), (holds, ready) in zip(plain, self.tests, strict=True):
            if not holds(ready, seen):
                yield f"{name}={named(wanted)} was wanted, and {MATCHERS[name].came(ready, seen)}"

    def wanted(self, name: str) -> Any:
        """What a matcher was given; None when it was not."""
        return next((wanted for known, wanted in self.given if known == name), None)

    @property
    def pattern(self) -> re.Pattern[str] | None:
        """The pattern for the user's text, if it is one."""
        wanted = self.wanted("user")
        return wanted if isinstance(wanted, re.Pattern) else None

    def at(self, place: int) -> Conditions:
        """The same for the rule at this place: it draws its probability apart from the others."""
        if self.wanted("probability") is None:
            return self
        own = tuple(
            (holds, wanted._replace(label=f"rule {place}") if isinstance(wanted, Chance) else wanted)
            for holds, wanted in self.tests
        )
        return Conditions(self.given, own, self.nth)

    def __str__(self) -> str:
        return f"when({', '.join(f'{name}={named(wanted)}' for name, wanted in self.given)})"


ANY = Conditions(())
"""Those of a rule for every request."""


def conditions(given: Mapping[str, Any]) -> Conditions:
    """The matchers that were given, checked; None stands for one that was not.

    Raises:
        ScriptError: an unknown one, or what can never match.
    """
    for name in given:
        if name not in MATCHERS:
            known = ", ".join(MATCHERS)
            raise ScriptError(f".when() has no matcher {name!r}{suggestion(name, MATCHERS)} It takes: {known}.")
    wanted = {name: given[name] for name in MATCHERS if given.get(name) is not None}
    for name, value in wanted.items():
        if not MATCHERS[name].takes(value):
            raise ScriptError(f".when({name}=…) takes {MATCHERS[name].expected}, not {value!r}.")
    nth = wanted.get("nth")
    tests = tuple((MATCHERS[name].holds, _ready(name, value)) for name, value in wanted.items() if name != "nth")
    return Conditions(tuple(wanted.items()), tests, nth)


def _ready(name: str, wanted: Any) -> Any:
    ready = MATCHERS[name].ready
    return wanted if ready is None else ready(wanted)
