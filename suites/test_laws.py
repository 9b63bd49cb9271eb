"""Laws: every strategy that ships keeps them, or the one that `--kaizen-strategy` names."""

from __future__ import annotations

import pytest

from kaizen_eval.conformance import LAWS, REFERENCE, Subject
from kaizen_eval.conformance.effort import EXAMPLES
from kaizen_eval.conformance.for_pytest import keeps
from kaizen_eval.conformance.target import subject_at
from kaizen_eval.errors import ConfigError
from kaizen_eval.strategies import (
    AsyncSingleShotStrategy,
    FallbackStrategy,
    RefineStrategy,
    SelfConsistencyStrategy,
    ToolLoopStrategy,
)

SHIPPED = (
    REFERENCE,
    Subject.of(AsyncSingleShotStrategy),
    Subject.of(ToolLoopStrategy),
    Subject.of(SelfConsistencyStrategy(3)),
    Subject.of(FallbackStrategy("spare-model")),
    Subject.of(RefineStrategy()),
)
FEW = 4
"""Situations for each law and strategy that ships: `kaizen-eval selftest` and the nightly run try more."""
ELSEWHERE = "laws make fakes and virtual time of their own: no door leads to them but direct"


def setting(config, name):
    return config.getoption(name) or config.getini(name)


def subjects(config):
    named = setting(config, "kaizen_strategy")
    try:
        return SHIPPED if named is None else (subject_at(named),)
    except ConfigError as error:
        raise pytest.Collector.CollectError(str(error)) from error


def pytest_generate_tests(metafunc):
    """One test for each law and strategy; behind another door one that says why there are none."""
    if (setting(metafunc.config, "kaizen_llm") or "direct") != "direct":
        nothing = pytest.param(None, None, marks=pytest.mark.skip(reason=ELSEWHERE), id="elsewhere")
        metafunc.parametrize(("subject", "law"), [nothing])
        return
    pairs = [(subject, law) for subject in subjects(metafunc.config) for law in LAWS]
    metafunc.parametrize(("subject", "law"), pairs, ids=[f"{subject.name}-{law.id}" for subject, law in pairs])


def test_keeps(subject, law, request):
    seed = int(setting(request.config, "kaizen_seed") or 0)
    examples = FEW if subject in SHIPPED else EXAMPLES["fast"]
    keeps(law, subject, examples=examples, seed=seed, again=request.node.nodeid)
