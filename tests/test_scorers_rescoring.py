"""Re-scoring: the answers of an evaluation are judged anew, nobody is asked for them again."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from kaizen_eval import FakeLLM, use_llm
from kaizen_eval.errors import ConfigError, EvaluationExists, EvaluationMissing
from kaizen_eval.evals import Case, Limits, Log, evaluate, rescore, rescore_async

CASES = [
    Case(id="same", inputs={"town": "paris"}, expected={"town": "paris"}),
    Case(id="case", inputs={"town": "LYON"}, expected={"town": "Lyon"}),
    Case(id="crash", inputs={"town": ""}, expected={"town": "Nice"}),
    Case(id="slow", inputs={"town": "Rome"}, expected={"town": "Rome"}, limits=Limits(seconds=0.01)),
]


class Towns:
    """A task that counts its calls."""

    def __init__(self):
        self.calls = 0

    async def __call__(self, town):
        self.calls += 1
        if not town:
            raise LookupError("no town")
        if town == "Rome":
            await asyncio.sleep(60)
        return {"town": town}


def outcomes(evaluation):
    return {record.trial.case: str(record.outcome) for record in evaluation.records()}


@pytest.fixture
def stored(tmp_path):
    task = Towns()
    evaluation = evaluate(CASES, task, scorers=["exact"], out=tmp_path / "first", labels={"commit": "abc"})
    yield evaluation
    assert task.calls == len(CASES)


def test_answers_are_judged_anew_and_what_has_no_answer_stays_as_it_was(stored, tmp_path):
    assert outcomes(stored) == {"same": "passed", "case": "failed", "crash": "task_error", "slow": "timeout"}
    again = rescore(stored, "normalised", out=tmp_path / "second")
    assert outcomes(again) == {"same": "passed", "case": "passed", "crash": "task_error", "slow": "timeout"}
    assert outcomes(stored)["case"] == "failed"


def test_the_new_evaluation_is_one_of_its_own_that_says_where_it_is_from(stored, tmp_path):
    again = rescore(stored.folder, "normalised", out=tmp_path / "second").manifest
    first = stored.manifest
    assert again.id != first.id
    assert again.scorers == ({"normalised": {}},)
    assert again.labels == {"commit": "abc", "rescored": first.id}
    assert (again.dataset_hash, again.task) == (first.dataset_hash, first.task)
    log = Log.open(tmp_path / "second")
    log.check()
    assert log.manifest == again
    assert log.ended is not None
    assert [case.id for case in log.cases()] == [case.id for case in CASES]


def test_without_a_folder_it_is_in_memory_and_can_be_scored_again(stored):
    once = rescore(stored, "normalised")
    assert once.folder is None
    twice = rescore(once, "exact")
    assert outcomes(twice) == outcomes(stored)
    assert [record.scores for record in twice.records()] == [record.scores for record in stored.records()]
    assert twice.summary.score == stored.summary.score


def test_a_scorer_that_crashed_can_be_replaced(tmp_path):
    broken = evaluate(CASES[:1], Towns(), scorers=[{"number": {}}], out=tmp_path / "first")
    assert outcomes(broken) == {"same": "scorer_error"}
    assert outcomes(rescore(broken, "exact")) == {"same": "passed"}


def test_graders_are_asked_and_their_cost_is_in_the_sum(stored):
    llm = FakeLLM().otherwise({"reasoning": "so", "points": 1})
    with use_llm(llm):
        again = rescore(stored, "graded")
    llm.assert_calls(2)
    assert again.ended.cost is None
    assert stored.ended.cost == Decimal(0)
    assert not again.manifest.is_deterministic


def test_in_a_running_loop_it_is_awaited(stored):
    async def twice():
        return outcomes(await rescore_async(stored, ["exact"]))

    assert asyncio.run(twice()) == outcomes(stored)


def test_what_cannot_be_scored_again_is_told(stored, tmp_path):
    with pytest.raises(ConfigError, match=r"^rescore needs a scorer, such as 'exact'\.$"):
        rescore(stored, [])
    with pytest.raises(ConfigError, match=r"^There is no scorer 'exakt'; did you mean 'exact'\?"):
        rescore(stored, "exakt")
    with pytest.raises(ConfigError, match=r"^rescore takes an evaluation, or the folder of one, not 3\.$"):
        rescore(3, "exact")
    with pytest.raises(EvaluationMissing):
        rescore(tmp_path / "nowhere", "exact")
    with pytest.raises(EvaluationExists):
        rescore(stored, "exact", out=stored.folder)
