"""StrategyConformance: the laws as tests in a user's own repository."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from kaizen_eval.config import AgentConfig
from kaizen_eval.conformance.effort import EXAMPLES, Effort
from kaizen_eval.conformance.judging import Ruling, judge
from kaizen_eval.conformance.law import Law
from kaizen_eval.conformance.laws import LAWS
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.telling import report
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.signatures import Signature
from kaizen_eval.strategies.base import Strategy
from kaizen_eval.strategies.traits import Traits
from kaizen_eval.tracebacks import shorten_all

__all__ = ["StrategyConformance", "keeps"]


class StrategyConformance:
    """Subclass it in a test module, and pytest runs one test for each law.

        class TestMine(StrategyConformance):
            strategy = MyStrategy

    A test fails where its law does not hold, and is skipped where the law does not apply, with the reason.
    """

    strategy: ClassVar[type[Strategy] | Strategy | None] = None
    """A class is made anew for each agent, an instance serves them all."""
    signature: ClassVar[type[Signature] | None] = None
    """The only one that it can work with; None where any will do."""
    traits: ClassVar[Traits | None] = None
    """What it says of itself; unless given, the strategy's own."""
    effort: ClassVar[Effort] = "fast"
    """How many situations each law is tried in."""
    seed: ClassVar[int] = 0
    """Another one tries other situations."""
    laws: ClassVar[Sequence[Law]] = LAWS
    """Add your own: `laws = (*LAWS, my_law)`."""

    def agent(self, config: AgentConfig, **parts: Any) -> BaseAgent:
        """Make the agent that is judged. Override it for agents that are more than their strategy.

        Args:
            config: use it as it is, or with more in it: model, prices and the fake model come with it.
            parts: arguments of BaseAgent: `signature` always, `tools` where there are some.
        """
        return BaseAgent(config, strategy=self.strategy, **parts)

    def test_keeps(self, law: Law, request: pytest.FixtureRequest) -> None:
        __tracebackhide__ = _is_the_subjects
        keeps(law, _subject(self), examples=EXAMPLES[self.effort], seed=self.seed, again=request.node.nodeid)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test for each law, in the order in which reports tell of them."""
        if metafunc.definition.originalname == StrategyConformance.test_keeps.__name__:
            _refuse_unfinished(type(self))
            metafunc.parametrize("law", self.laws, ids=[law.id for law in self.laws])


def keeps(law: Law, subject: Subject, *, examples: int, seed: int, again: str) -> None:
    """The test of one law: passes, fails with a report, or is skipped where the law does not apply.

    Args:
        law: tried in so many situations.
        subject: what is judged.
        examples: how many.
        seed: of the situations.
        again: the test's node id.
    """
    __tracebackhide__ = _is_the_subjects
    ruling = _found(law, subject, examples, seed)
    if ruling.verdict == "not applicable":
        pytest.skip(f"{law.id} does not apply to {subject.name}: {ruling.reason}")
    if ruling.verdict == "violated":
        pytest.fail(report(ruling, subject, again=again), pytrace=False)


def _is_the_subjects(info: pytest.ExceptionInfo[BaseException]) -> bool:
    """What we say ourselves is shown without any frame, and pytest remarks on frames that are hidden."""
    return not info.errisinstance((pytest.fail.Exception, pytest.skip.Exception))


def _found(law: Law, subject: Subject, examples: int, seed: int) -> Ruling:
    """What the subject itself fails with keeps the lines of its own code."""
    __tracebackhide__ = True
    try:
        return judge(law, subject, examples=examples, seed_=seed)
    except Exception as error:
        shorten_all(error)
        raise


def _subject(test: StrategyConformance) -> Subject:
    """A strategy alone has its own name; an agent of the test's own has the test's."""
    traits = getattr(test.strategy, "traits", Traits()) if test.traits is None else test.traits
    made = Subject(name=type(test).__name__, factory=test.agent, traits=traits, signature=test.signature)
    if test.strategy is None or type(test).agent is not StrategyConformance.agent:
        return made
    kind = test.strategy if isinstance(test.strategy, type) else type(test.strategy)
    is_plain = test.traits is None and test.signature is None
    return replace(made, name=kind.__name__, reference=_reference(test.strategy) if is_plain else None)


def _reference(strategy: object) -> str | None:
    """By which a pasted test finds it."""
    name = getattr(strategy, "__qualname__", "<locals>")
    return None if "<locals>" in name else f"{strategy.__module__}:{name}"


def _refuse_unfinished(cls: type[StrategyConformance]) -> None:
    """Once for the class, not once for each law."""
    if cls.effort not in EXAMPLES:
        raise pytest.Collector.CollectError(
            f"{cls.__name__}.effort is {', '.join(map(repr, EXAMPLES))}, not {cls.effort!r}."
        )
    if cls.strategy is not None and not callable(getattr(cls.strategy, "execute", None)):
        raise pytest.Collector.CollectError(f"{cls.__name__}.strategy is no Strategy: {cls.strategy!r}.")
    if cls.strategy is None and cls.agent is StrategyConformance.agent:
        raise pytest.Collector.CollectError(
            f"{cls.__name__} does not say what is judged: write `strategy = MyStrategy` in it, or override "
            "`agent(self, config, **parts)`, which makes an agent."
        )
