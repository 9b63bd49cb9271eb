"""SelfConsistencyStrategy: several samples, one vote."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval import (
    BaseAgent,
    Budget,
    FakeLLM,
    InputField,
    OutputField,
    SelfConsistencyStrategy,
    Signature,
    virtual_time,
)
from kaizen_eval.errors import AuthenticationFailed, BudgetExceeded, ConfigError, OutputError, RateLimited, RunTimeout
from kaizen_eval.fake import Authentication, Generated, HangBeforeHeaders, Latency, RateLimit, Reply
from kaizen_eval.strategies.vote import vote


class Sum(Signature):
    """Add up."""

    terms: list[int] = InputField()
    total: int = OutputField()
    reasoning: str = OutputField(default="")


def said(total, reasoning=""):
    return {"total": total, "reasoning": reasoning}


def agent(llm, strategy, **config):
    return BaseAgent(config, provider=llm, signature=Sum, strategy=strategy)


def run(llm, strategy, **config):
    with virtual_time():
        return agent(llm, strategy, **config).run(terms=[1, 2])


def test_the_answer_is_what_most_samples_say():
    llm = FakeLLM().script([said(4), said(3), said(3)])
    assert run(llm, SelfConsistencyStrategy(3)).outputs == said(3)


def test_of_a_tie_the_earliest_answer_is_taken():
    llm = FakeLLM().script([said(4), said(3), said(3), said(4), said(5)])
    assert run(llm, SelfConsistencyStrategy(5)).outputs == said(4)


def test_a_tie_may_fail_and_says_what_is_tied():
    llm = FakeLLM().script([said(4), said(3), said(3), said(4), said(5)])
    with pytest.raises(OutputError) as caught:
        run(llm, SelfConsistencyStrategy(5, ties="fail"))
    assert str(caught.value) == (
        "The samples are divided: 2 answers have 2 of 5 votes: "
        '{"reasoning": "", "total": 4}, {"reasoning": "", "total": 3}. Ask for an odd number of samples, compare fewer '
        'outputs with by=…, or take the first with ties="first".'
    )


def test_the_log_tells_of_the_vote(caplog):
    caplog.set_level("INFO", logger="kaizen_eval")
    run(FakeLLM().script([said(4), said(3)]), SelfConsistencyStrategy(2))
    [figures] = [record.kaizen for record in caplog.records if record.kaizen["event"] == "Metrics"]
    votes = {name: figures[name] for name in ("samples", "samples_failed", "votes", "tied")}
    assert votes == {"samples": 2, "samples_failed": 0, "votes": 1, "tied": 1}


def test_only_the_outputs_that_are_named_are_compared():
    llm = FakeLLM().script([said(4, "a"), said(3, "b"), said(3, "c")])
    assert run(llm, SelfConsistencyStrategy(3, by=["total"])).outputs == said(3, "b")


def test_samples_are_asked_at_the_same_time():
    llm = FakeLLM(latency=2)
    assert run(llm, SelfConsistencyStrategy(5))["_timing"] == 2000.0
    llm.assert_attempts(5)


def test_each_sample_has_a_seed_of_its_own_where_there_is_one():
    llm = FakeLLM()
    run(llm, SelfConsistencyStrategy(3), seed=7)
    assert [request.seed for request in llm.requests] == [7, 8, 9]


def test_without_a_seed_none_is_sent():
    llm = FakeLLM()
    run(llm, SelfConsistencyStrategy(2))
    assert [request.seed for request in llm.requests] == [None, None]


def test_one_sample_that_fails_fails_the_run_and_cancels_the_others():
    llm = FakeLLM().script([HangBeforeHeaders(), Authentication(), HangBeforeHeaders()])
    with pytest.raises(AuthenticationFailed):
        run(llm, SelfConsistencyStrategy(3))
    assert [each.error for each in llm.exchanges] == ["CancelledError", "AuthenticationFailed", "CancelledError"]


def test_samples_that_fail_are_left_out_where_fewer_are_needed():
    llm = FakeLLM().script([said(4), Authentication(), said(4)])
    assert run(llm, SelfConsistencyStrategy(3, need=2)).outputs == said(4)


def test_too_few_samples_raise_what_the_last_one_did_and_how_many_failed():
    llm = FakeLLM().script([said(4), Authentication(), RateLimit()])
    with pytest.raises(RateLimited) as caught:
        run(llm, SelfConsistencyStrategy(3, need=2), retries=0)
    assert caught.value.__notes__[-1] == "2 of 3 samples failed; need=2."


def test_the_deadline_of_the_run_is_no_failed_sample():
    llm = FakeLLM().script([said(4), Generated(latency=Latency(first=100))])
    with pytest.raises(RunTimeout):
        run(llm, SelfConsistencyStrategy(2, need=1), timeout=5, request_timeout=200)


def test_a_budget_that_is_used_up_is_no_failed_sample():
    with pytest.raises(BudgetExceeded):
        run(FakeLLM(), SelfConsistencyStrategy(3, need=1), budget=Budget(max_calls=2))


def test_every_sample_is_shown_the_history_and_the_session_remembers_the_winner_alone():
    llm = FakeLLM().script([said(1), said(2), said(2), said(3), said(3), said(3)])
    with virtual_time():
        asking = agent(llm, SelfConsistencyStrategy(3), max_turns=5)
        asking.run("s", terms=[1])
        asking.run("s", terms=[2])
    later = [[message.content for message in request.messages if message.role != "system"] for request in llm.requests]
    assert later[3:] == [["terms: [1]", '{"total": 2, "reasoning": ""}', "terms: [2]"]] * 3


def test_without_a_run_around_it_the_strategy_works_by_itself():
    llm = FakeLLM().script([Reply(data=said(4)), Reply(data=said(4))])
    with virtual_time() as clock:
        asking = agent(llm, SelfConsistencyStrategy(2))
        assert clock.run(asking.strategy.execute(Sum, {"terms": [1]}, asking.config)) == said(4)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"samples": 0}, "samples must be at least 1, not 0."),
        (
            {"samples": 2, "need": 3},
            "need=3 of samples=2 can never be met; need at most as many as are asked.",
        ),
        ({"by": "total"}, "by takes a list of outputs, such as ['total'], not 'total'."),
        ({"ties": "last"}, "ties must be one of 'first', 'fail', not 'last'."),
    ],
)
def test_arguments_that_cannot_work_are_refused(arguments, text):
    with pytest.raises(ConfigError) as caught:
        SelfConsistencyStrategy(**arguments)
    assert str(caught.value) == text


def test_an_output_that_there_is_not_is_refused_before_any_request():
    llm = FakeLLM()
    with pytest.raises(ConfigError, match="has no output 'totla'; did you mean 'total'"):
        run(llm, SelfConsistencyStrategy(2, by=["totla"]))
    llm.assert_attempts(0)


@given(st.lists(st.sampled_from("abc"), min_size=1))
def test_no_answer_has_more_votes_than_the_winner_and_none_as_many_comes_before_it(ballots):
    outcome, counts = vote(ballots), Counter(ballots)
    assert outcome.votes == max(counts.values()) == counts[ballots[outcome.winner]]
    assert all(counts[ballot] < outcome.votes for ballot in ballots[: outcome.winner])
    assert sorted(outcome.leaders) == sorted(each for each, count in counts.items() if count == outcome.votes)
