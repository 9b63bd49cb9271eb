"""Lab: where a law puts one subject into situations, and looks at what it does."""

from __future__ import annotations

from dataclasses import replace

from kaizen_eval.conformance.observation import Observation
from kaizen_eval.conformance.playing import Between, TaskFactory, played
from kaizen_eval.conformance.situation import Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.strategies.traits import Traits

__all__ = ["Lab"]


class Lab:
    """Counts what it plays."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.runs = 0
        """Asks so far."""

    @property
    def traits(self) -> Traits:
        return self.subject.traits

    def play(
        self,
        situation: Situation,
        *,
        between: Between | None = None,
        log: bool = False,
        tasks: TaskFactory | None = None,
    ) -> Observation:
        """Play it on a fake of its own, on virtual time, with a new agent.

        Args:
            situation: what to play.
            between: called with the agent and what became of it after each ask, unless they run together.
            log: whether to keep what is logged meanwhile.
            tasks: makes the tasks of the play's event loop.

        Raises:
            Violation: it does not come to an end.
        """
        self.runs += len(situation.asks)
        return played(situation, self.subject.factory, between=between, log=log, tasks=tasks)

    def play_with(self, situation: Situation, **changes: object) -> Observation:
        """The same, with some fields of the situation changed."""
        return self.play(replace(situation, **changes))  # type: ignore[arg-type]  # checked by replace
