"""Making: replies of a script that are made for the request they answer; the base of each kind."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from kaizen_eval.fake.script.matching import Conditions
from kaizen_eval.fake.script.seen import Seen
from kaizen_eval.fake.timing.latency import Latency
from kaizen_eval.messages import Usage

__all__ = ["GENERATED", "Generated", "Making", "Occasion"]


class Occasion(NamedTuple):
    """What a reply may be made from."""

    seen: Seen
    conditions: Conditions
    """Of the rule that is for the request."""

    @property
    def match(self) -> re.Match[str] | None:
        """Where the rule's pattern was found in the user's text."""
        pattern = self.conditions.pattern
        return None if pattern is None else pattern.search(self.seen.user)


class Making:
    """One kind of reply that depends on the request; equal ones say the same."""

    __slots__ = ()

    def make(self, occasion: Occasion) -> Any:
        """A reply, a fault, or whatever else a rule may say; the same for the same occasion."""
        raise NotImplementedError

    def check(self, conditions: Conditions) -> None:
        """Refuse, with a ScriptError, to be said by a rule with these conditions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """What is said without a script: it fits the request's schema, and calls the tools that it must call."""

    latency: Latency | None = None
    """Instead of the fake's own."""
    usage: Usage | None = None
    """What is billed for it; estimated from the texts when None."""


GENERATED = Generated()
