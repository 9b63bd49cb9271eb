"""Report: what came of each law, and what shows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from kaizen_eval.conformance.clients.judgements import Noticed
from kaizen_eval.conformance.clients.laws import ClientLaw
from kaizen_eval.conformance.clients.plan import Plan, Terms
from kaizen_eval.conformance.clients.seen import Played, Seen
from kaizen_eval.conformance.exchanges import Lapse

__all__ = ["Held", "Report", "Ruling", "Showing", "Verdict"]

Verdict = Literal["kept", "violated", "not shown"]
_MOST = 2
"""Lapses of one command that are told; more of them say the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One law, held against what was seen of one plan."""

    plan: Plan
    verdict: Verdict
    noticed: tuple[Noticed, ...] = ()
    why: str = ""
    """Why nothing is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """One law that was not kept while one command ran once."""

    law: ClientLaw
    seen: Seen
    lapses: tuple[Lapse, ...]

    @property
    def told(self) -> str:
        """What was wrong, a line for each of the first lapses."""
        lines = [lapse.text for lapse in self.lapses[:_MOST]]
        return "\n".join([*lines, f"… and {len(self.lapses) - _MOST} more."] if len(self.lapses) > _MOST else lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What came of one law."""

    law: ClientLaw
    held: tuple[Held, ...]
    """By each plan that can show it and was played."""

    @property
    def verdict(self) -> Verdict:
        verdicts = {each.verdict for each in self.held}
        return "violated" if "violated" in verdicts else "kept" if "kept" in verdicts else "not shown"

    @property
    def violated(self) -> tuple[Held, ...]:
        return tuple(each for each in self.held if each.verdict == "violated")

    @property
    def kept(self) -> tuple[Held, ...]:
        return tuple(each for each in self.held if each.verdict == "kept")

    @property
    def showings(self) -> tuple[Showing, ...]:
        """Every command in which it was not kept."""
        return tuple(
            Showing(law=self.law, seen=seen, lapses=tuple(lapses))
            for held in self.violated
            for seen, lapses in _by_command(held.noticed)
        )

    @property
    def shown_by(self) -> str:
        """The plans that show it, or why none does."""
        if self.verdict == "not shown":
            return "; ".join(dict.fromkeys(each.why for each in self.held)) or "no plan that can show it was played"
        return ", ".join(each.plan.name for each in (self.violated or self.kept))


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of one command."""

    command: Sequence[str]
    terms: Terms
    played: tuple[Played, ...]
    left_out: tuple[Plan, ...]
    """Plans that show nothing without a deadline."""
    rulings: tuple[Ruling, ...]
    seconds: float
    """What it took."""

    @property
    def is_kept(self) -> bool:
        return not self.violated

    @property
    def violated(self) -> tuple[Ruling, ...]:
        return tuple(ruling for ruling in self.rulings if ruling.verdict == "violated")

    @property
    def summary(self) -> str:
        """One sentence."""
        told = [f"{count} {verdict}" for verdict in get_args(Verdict) if (count := self._count(verdict))]
        return f"{len(self.rulings)} laws: {', '.join(told)}."

    @property
    def effort(self) -> str:
        """The same of what it took."""
        count = len(self.played)
        return f"{count} plan{'s' * (count != 1)}, {self.seconds:.1f} s."

    def _count(self, verdict: Verdict) -> int:
        return sum(ruling.verdict == verdict for ruling in self.rulings)


def _by_command(noticed: Iterable[Noticed]) -> list[tuple[Seen, list[Lapse]]]:
    found: dict[int, tuple[Seen, list[Lapse]]] = {}
    for each in noticed:
        found.setdefault(id(each.seen), (each.seen, []))[1].append(each.lapse)
    return list(found.values())
