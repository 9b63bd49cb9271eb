"""Scorers of what happened: tools, requests, limits; predicates; several scorers as one."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scored_answers import answered, case, compared, conversation, found, score, scores

from kaizen_eval.errors import ConfigError
from kaizen_eval.evals import Answer, AnsweredTurn, Limits, Score, SeenAttempt, SeenTool
from kaizen_eval.evals.scorers import Exact, Predicate, ToolCalls, Weighted, scorers_from
from kaizen_eval.messages import Usage
from kaizen_eval.testing import assert_tools_called


def tool(name, arguments="{}", error=None):
    return SeenTool(agent="a", call=1, tool=name, id=name, arguments=arguments, at=0, ms=1, error=error)


def attempt(*contents, **settings):
    messages = tuple({"role": role, "content": content} for role, content in contents)
    return SeenAttempt(
        agent="a", call=1, attempt=1, at=0, ms=1, messages=messages, **{"usage": Usage(1, 1), **settings}
    )


def called(spec, *tools):
    return score(spec, case(), answered({}, tools=tools))


SEARCH = tool("search", '{"town": "Paris", "limit": 3}')
BOTH = 'search({"town": "Paris", "limit": 3}); read({})'


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({"tool_calls": ["search", "read"]}, ""),
        ({"tool_calls": [{"search": {"town": "Paris"}}, "read"]}, ""),
        ({"tool_calls": {"calls": ["read"], "order": "subset"}}, ""),
        ({"tool_calls": {"calls": ["read", "search"], "order": "any"}}, ""),
        ({"tool_calls": {"never": ["delete", {"search": {"town": "Rome"}}]}}, ""),
        (
            {"tool_calls": ["search"]},
            f"Call 2, of read, is one more than wanted; called: {BOTH}",
        ),
        (
            {"tool_calls": [{"search": {"town": "Rome"}}, "read"]},
            f"Call 1: 'town' is 'Paris', and 'Rome' was wanted; called: {BOTH}",
        ),
        ({"tool_calls": {"never": ["read"]}}, "read was called"),
    ],
)
def test_tool_calls_are_as_wanted_or_it_is_told_what_is_not(spec, reason):
    row = called(spec, SEARCH, tool("read"))
    assert (row.value, row.reason) == (float(not reason), reason)


def test_no_tool_may_be_called_where_the_list_is_empty():
    assert called({"tool_calls": []}).value == 1
    assert called({"tool_calls": []}, tool("x")).reason == "Call 1, of x, is one more than wanted; called: x({})"
    assert called({"tool_calls": ["x"]}).reason == "x was wanted, and nothing more is called; called: nothing"


@given(
    st.lists(st.sampled_from("ab"), max_size=3),
    st.lists(st.sampled_from("ab"), max_size=4),
    st.sampled_from(["exact", "subset", "any"]),
)
def test_tool_calls_say_what_the_assertion_says(wanted, made, order):
    steps = [{"kind": "tool", "tool": name, "arguments": {}, "outcome": "ok", "call": 1} for name in made]
    try:
        assert_tools_called(steps, wanted, order=order)
        holds = True
    except AssertionError:
        holds = False
    assert called(ToolCalls(calls=wanted, order=order), *map(tool, made)).value == holds


def test_in_python_wanted_calls_may_hold_patterns_and_predicates():
    assert called(ToolCalls(calls=[(re.compile("^sea"), {"limit": lambda limit: limit < 5})]), SEARCH).value == 1


def test_the_tools_of_all_turns_count():
    asked = conversation({"a": 1}, None)
    assert score({"tool_calls": ["x"]}, asked, answered({}, {}, tools=(tool("x"),))).value == 1


ASKED = (attempt(("system", "Be brief."), ("user", "Which town?")), attempt(("user", [{"type": "text", "text": "PS"}])))


@pytest.mark.parametrize(
    ("spec", "value", "reason"),
    [
        ("brief", 1, ""),
        ({"text": ["brief", "PS"]}, 1, ""),
        ({"input": "question"}, 1, ""),
        (
            {"text": "brief", "role": "user"},
            0,
            "'brief' is in no user message of the 2 requests",
        ),
        ({"text": ["BRIEF", "PS"]}, 0.5, "'BRIEF' is in no message of the 2 requests"),
        ({"text": "BRIEF", "ignore": "case"}, 1, ""),
    ],
)
def test_what_was_asked_is_looked_at(spec, value, reason):
    row = score({"request_contains": spec}, case(), answered({}, attempts=ASKED))
    assert (row.value, row.reason) == (value, reason)


def test_a_role_that_is_no_text_is_refused():
    with pytest.raises(ConfigError, match="role of request_contains"):
        scorers_from({"request_contains": {"text": "brief", "role": 3}})


def test_a_question_that_never_reaches_the_prompt_is_found_out():
    row = score({"request_contains": {"input": "question"}}, case(), answered({}, attempts=(attempt(("user", "Hi")),)))
    assert row.reason == "'Which town?' is in no message of the request"


def test_each_turn_has_requests_of_its_own():
    first = AnsweredTurn(attempts=(attempt(("user", "0?")),))
    row = score(
        {"request_contains": {"input": "question"}},
        conversation(None, None),
        Answer(turns=(first, first)),
    )
    assert (row.value, row.reason) == (0.5, "'1?' is in no message of the request of turn 2")


def test_requests_that_were_not_kept_are_an_error_and_no_0():
    row = score({"request_contains": "x"}, case(), answered({}))
    assert (row.value, row.error) == (
        None,
        "CannotJudge: request_contains: no request was kept of this trial, so nothing is known of it",
    )


def test_an_input_that_a_case_does_not_have_is_not_judged():
    assert scores({"request_contains": {"input": "context"}}, case(), answered({}, attempts=ASKED)) == ()


SPENT = {"attempts": (attempt(), attempt()), "usage": Usage(30, 12), "cost": Decimal("0.0200")}


@pytest.mark.parametrize(
    ("spec", "limits", "value", "reason"),
    [
        ({"attempts": 2}, Limits(), 1, "it took 2 attempts, and may take 2 attempts"),
        ({"attempts": 1}, Limits(attempts=5), 0, "it took 2 attempts, and may take 1 attempt"),
        ("attempts", Limits(attempts=1), 0, "it took 2 attempts, and may take 1 attempt"),
        ({"tokens": 42}, Limits(), 1, "it took 42 tokens, and may take 42 tokens"),
        ("tokens", Limits(tokens=41), 0, "it took 42 tokens, and may take 41 tokens"),
        ({"cost": 0.02}, Limits(), 1, "it took 0.02 USD, and may take 0.02 USD"),
        ("cost", Limits(cost=Decimal("0.019")), 0, "it took 0.02 USD, and may take 0.019 USD"),
    ],
)
def test_what_was_taken_is_held_against_the_limit(spec, limits, value, reason):
    row = score(spec, case(limits=limits), answered({}, **SPENT))
    assert (row.value, row.reason) == (value, reason)


def test_the_time_of_the_whole_trial_is_limited():
    slow = replace(answered({}), ms=2500.0)
    assert score({"latency": 2.5}, case(), slow).value == 1
    assert score({"latency": 2}, case(), slow).reason == "it took 2.5 s, and may take 2 s"


@pytest.mark.parametrize("kind", ["attempts", "tokens", "cost", "latency"])
def test_without_a_limit_nothing_is_judged(kind):
    assert scores(kind, case(), answered({}, cost=None)) == ()


def test_an_unknown_cost_is_an_error_and_never_0():
    row = score({"cost": 1}, case(), answered({}, attempts=(attempt(model="own"),), cost=None))
    assert (row.value, row.error) == (
        None,
        "CannotJudge: cost: what was spent is not known: there is no price for 'own'",
    )


@pytest.mark.parametrize("kind", ["attempts", "tokens", "cost"])
def test_what_nobody_saw_is_an_error_and_never_0(kind):
    row = score({kind: 9}, case(), answered({}))
    assert (row.value, row.error) == (
        None,
        f"CannotJudge: {kind}: no request was seen, so that what was spent is not known",
    )


def test_tokens_that_the_provider_did_not_tell_are_an_error_and_never_0():
    assert score({"tokens": 9}, case(), answered({}, attempts=(attempt(usage=None),))).error == (
        "CannotJudge: tokens: how many were billed is not known, since the provider did not say of each reply"
    )
    refused = attempt(usage=None, error="RateLimited")
    assert score({"tokens": 9}, case(), answered({}, attempts=(refused,))).value == 1


def test_a_predicate_takes_what_it_names():
    def judge(inputs, expected, outputs, case, answer, *, strictness=1):
        return (inputs, expected, outputs, case.id, answer.ms) == (
            {"question": "Which town?"},
            {"town": "P"},
            {"town": "P"},
            "c",
            0,
        )

    assert score(Predicate(function=judge), case({"town": "P"}, id="c"), answered({"town": "P"})).value == 1


@pytest.mark.parametrize(
    "function",
    [
        lambda case: case.id == "c",
        lambda answer: answer["town"] == "P",
        lambda expected: expected == {"town": "P"},
        lambda reply: reply == {"town": "P"},
    ],
    ids=["case", "answer", "expected", "other"],
)
def test_one_parameter_is_known_by_its_name_or_takes_the_outputs(function):
    assert score(Predicate(function=function), case({"town": "P"}, id="c"), answered({"town": "P"})).value == 1


SAYS = [
    (True, 1, ""),
    (False, 0, "says says False of {'town': 'P'}"),
    (0.25, 0.25, "says says 0.25 of {'town': 'P'}"),
    ((0.5, "half of it"), 0.5, "half of it"),
    (Score(0.75, "most"), 0.75, "most"),
]


@pytest.mark.parametrize(("said", "value", "reason"), SAYS)
def test_a_predicate_says_it_in_several_ways(said, value, reason):
    async def says_later(town):
        return said

    def says(town):
        return said

    assert score(Predicate(function=says), case(), answered({"town": "P"})).reason == reason
    assert score(Predicate(function=says_later), case(), answered({"town": "P"})).value == value


def test_a_predicate_of_a_file_is_called_for_its_function():
    assert found({"predicate": "own_scorers:is_town"}, "Rome").scorer == "is_town"
    assert found("own_scorers:is_town", "Paris").value == 1
    assert compared("own_scorers:as_expected", "Paris", "Rome").reason == "another"


def test_a_predicate_that_says_something_else_or_crashes_is_an_error():
    assert found(Predicate(function=lambda town: "yes"), "P").error.startswith(
        "TypeError: <lambda> gave 'yes': return True or False, a number from 0 to 1, (value, reason), a Score, or None"
    )
    assert found(Predicate(function=lambda outputs: outputs["city"]), "P").error.startswith("KeyError: 'city' (")
    assert scores(Predicate(function=lambda town: None), case(), answered({})) == ()


def test_a_parameter_that_nobody_gives_is_refused_at_once():
    with pytest.raises(ConfigError) as raised:
        Predicate(function=lambda outputs, expcted: True)
    assert str(raised.value) == (
        "The function of predicate, <lambda>, takes 'expcted'; did you mean 'expected'? It can take answer, case, "
        "expected, inputs, outputs, or one parameter of whatever name: the outputs."
    )


weights = st.lists(st.floats(0, 4), min_size=1, max_size=4).filter(lambda all_: sum(all_) > 0.1)


@given(weights, st.data())
def test_a_weighted_score_is_the_mean_and_between_the_least_and_the_greatest(weights, data):
    values = [data.draw(st.floats(0, 1)) for _ in weights]
    parts = [
        Predicate(function=lambda town, value=value: value, weight=weight, name=str(place))
        for place, (value, weight) in enumerate(zip(values, weights, strict=True))
    ]
    row = found(Weighted(of=parts), "P")
    assert row.value == pytest.approx(sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights))
    assert min(values) - 1e-9 <= row.value <= max(values) + 1e-9
    assert found(Weighted(of=parts[::-1]), "P").value == pytest.approx(row.value)


def test_a_weighted_score_tells_its_parts():
    row = compared({"weighted": {"of": ["exact", {"token_f1": {"weight": 3}}], "threshold": 0.5}}, "the cat", "a cat x")
    assert (row.scorer, row.value, row.passed) == ("weighted", pytest.approx(0.5), True)
    assert row.reason == (
        "exact 0.00 of weight 1 (expected 'the cat', got 'a cat x' in town), token_f1 0.67 of weight 3 "
        "(1 of 1 expected words among the 2 that came: expected 'the cat', got 'a cat x' in town)"
    )


def test_parts_that_find_nothing_to_judge_do_not_count_and_one_that_crashes_is_told():
    assert compared({"weighted": ["exact", "cost"]}, "P", "P").value == 1
    assert scores({"weighted": ["cost"]}, case(), answered({})) == ()
    crashed = score(
        Weighted(of=[Exact(), Predicate(function=lambda o: 3, name="three")]), case({"a": 1}), answered({"a": 1})
    )
    assert crashed.error == (
        "CannotJudge: three of weighted crashed: ValueError: score() gave the value 3: a score is from 0 (nothing is "
        "right) to 1 (all is)"
    )
