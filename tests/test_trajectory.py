"""Which tools were called: the trajectory of a journal and of a run, held against what is wanted."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import pytest
from fake_asking import ask_all
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.errors import UsageError
from kaizen_eval.fake import ABSENT, PRESENT, Contains, Exactly, FakeLLM, Reply
from kaizen_eval.fake.journal.made_call import MadeCall
from kaizen_eval.fake.journal.trajectory import of_steps
from kaizen_eval.fake.journal.wanted_calls import difference, wanted_calls
from kaizen_eval.messages import ChatReply, ChatRequest, Message, ToolCall
from kaizen_eval.metrics.steps import CallStep, ToolStep
from kaizen_eval.testing import assert_not_called_before, assert_tool_not_called, assert_tools_called

TOOL = {"type": "function", "function": {"name": "search", "parameters": {"type": "object", "properties": {}}}}
ROME = {"name": "search", "arguments": {"city": "Rome", "nights": 2}}
OSLO = {"name": "search", "arguments": {"city": "Oslo", "nights": 2}}
BOOK = {"name": "book", "arguments": {"hotel": "Lux", "guests": [{"name": "Ann"}]}}


def loop(fake: FakeLLM, *, door: str = "direct", session: str | None = None, text: str = "hi") -> list[Message]:
    """What an agent does: it answers each call, until the model says something; an attempt that fails is repeated."""
    messages = [Message("user", text)]
    while True:
        request = ChatRequest(model="m", messages=tuple(messages), tools=(TOOL,), session_id=session)
        [reply] = ask_all(fake, request, door=door)
        if not isinstance(reply, ChatReply):
            continue
        messages.append(Message("assistant", reply.text or "", reply.tool_calls))
        if not reply.tool_calls:
            return messages
        messages += [Message("tool", f"done {call.name}", (), call.id) for call in reply.tool_calls]


def called(*calls: dict[str, Any]) -> FakeLLM:
    """A fake whose model called these, one at a time."""
    fake = FakeLLM()
    fake.when().steps([*(Reply(tool_calls=[call]) for call in calls), "done"])
    loop(fake)
    return fake


def failure(assertion, *args: object, **kwargs: object) -> str:
    with pytest.raises(AssertionError) as caught:
        assertion(*args, **kwargs)
    return str(caught.value)


def holds(assertion, *args: object, **kwargs: object) -> bool:
    try:
        assertion(*args, **kwargs)
    except AssertionError:
        return False
    return True


def step(tool: str, arguments: object = None, *, outcome: str = "ok", error: str | None = None) -> ToolStep:
    given = {} if arguments is None else arguments
    return ToolStep(call=1, id="1", tool=tool, arguments=given, outcome=outcome, error=error, at=0.0, ms=0.0)


@pytest.mark.parametrize("door", ["direct", "sdk"])
def test_an_exchange_tells_what_the_model_called(door):
    fake = FakeLLM()
    fake.when().steps([Reply("Let me see.", tool_calls=[ROME, BOOK]), "done"])
    loop(fake, door=door)
    told = [[(call.name, json.loads(call.arguments)) for call in exchange.tool_calls] for exchange in fake.exchanges]
    assert told == [[("search", ROME["arguments"]), ("book", BOOK["arguments"])], []]
    assert fake.journal.tool_calls == fake.exchanges[0].tool_calls


def test_attempts_that_failed_do_not_count():
    fake = FakeLLM()
    fake.fail("truncated_json").times(2)
    fake.fail("rate_limit", retry_after=0).times(1)
    fake.when().steps([Reply(tool_calls=[ROME]), Reply(tool_calls=[BOOK]), "done"])
    loop(fake)
    fake.assert_tools_called(["search", "book"])
    assert len(fake.exchanges) == 6


def test_a_reply_that_was_lost_on_its_way_is_told_and_does_not_count():
    fake = FakeLLM()
    fake.when().fail("truncated_json", reply=Reply(tool_calls=[ROME])).times(1)
    fake.otherwise("done")
    loop(fake)
    fake.assert_tools_called([])
    assert ([len(exchange.tool_calls) for exchange in fake.exchanges], fake.journal.tool_calls) == ([1, 0], ())


def test_calls_of_one_reply_count_in_the_order_in_which_it_has_them():
    fake = FakeLLM()
    fake.when().steps([Reply(tool_calls=[ROME, OSLO, BOOK]), "done"])
    loop(fake)
    fake.assert_tools_called(["search", ("search", {"city": "Oslo"}), "book"])


EXAMPLES = {  # what was called, what is wanted, and the orders in which that holds
    "the same": ("ab", "ab", {"exact", "subset", "any"}),
    "another order": ("ba", "ab", {"any"}),
    "more before": ("cab", "ab", {"subset", "any"}),
    "more between": ("acb", "ab", {"subset", "any"}),
    "more after": ("abc", "ab", {"subset", "any"}),
    "less": ("a", "ab", set()),
    "once instead of twice": ("ab", "aab", set()),
    "nothing wanted": ("a", "", {"subset", "any"}),
    "nothing at all": ("", "", {"exact", "subset", "any"}),
}


@pytest.mark.parametrize("order", ["exact", "subset", "any"])
@pytest.mark.parametrize("example", EXAMPLES)
def test_what_each_order_takes(example, order):
    made, wanted, orders = EXAMPLES[example]
    assert holds(assert_tools_called, [step(name) for name in made], list(wanted), order=order) == (order in orders)


NAMES = st.text(st.sampled_from("abc"), max_size=6)
WANTED = st.lists(st.sampled_from(["a", "b", re.compile("[ab]"), re.compile("."), ("a", {"n": 1})]), max_size=4)


def is_as_wanted(wanted, made, order) -> bool:
    """By trying everything."""
    ways = {
        "exact": [tuple(made)] if len(made) == len(wanted) else [],
        "subset": itertools.combinations(made, len(wanted)),
        "any": itertools.permutations(made, len(wanted)),
    }
    return any(all(one.holds(call) for one, call in zip(wanted, way, strict=True)) for way in ways[order])


@given(NAMES, WANTED, st.sampled_from(["exact", "subset", "any"]), st.lists(st.integers(0, 1), min_size=6, max_size=6))
def test_a_difference_is_found_always_and_only_where_there_is_one(names, wanted, order, numbers):
    made = of_steps([step(name, {"n": number}) for name, number in zip(names, numbers, strict=False)])
    calls = wanted_calls(wanted, where="")
    assert (difference(calls, made, order) is None) == is_as_wanted(calls, made, order)


@given(NAMES, WANTED)
def test_exact_implies_subset_and_subset_implies_any(names, wanted):
    made, calls = of_steps(map(step, names)), wanted_calls(wanted, where="")
    found = [difference(calls, made, order) is None for order in ("exact", "subset", "any")]
    assert found == sorted(found)


ARGUMENTS = {"city": "Rome", "nights": 2, "vip": True, "rooms": [{"beds": 1}, {"beds": 2}], "note": None}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, True),
        ({"city": "Rome"}, True),
        ({"city": "Rom"}, False),
        ({"nights": 2.0, "vip": True}, True),
        ({"vip": 1}, False),
        ({"nights": True}, False),
        ({"note": None}, True),
        ({"missing": None}, False),
        ({"city": re.compile("^R")}, True),
        ({"city": re.compile("^r")}, False),
        ({"nights": re.compile("2")}, False),
        ({"city": Contains("om")}, True),
        ({"nights": lambda nights: nights < 3}, True),
        ({"nights": lambda nights: nights > 3}, False),
        ({"missing": lambda _: True}, False),
        ({"missing": ABSENT, "city": PRESENT, "note": PRESENT}, True),
        ({"city": ABSENT}, False),
        ({"missing": PRESENT}, False),
        ({"rooms": [{"beds": 1}, {"beds": 2}]}, True),
        ({"rooms": [{"beds": 1}]}, False),
        ({"rooms": [{"beds": 1}, {}]}, False),
        ({"rooms": [{"beds": lambda beds: beds == 1}, {"beds": 2}]}, True),
        (Exactly(ARGUMENTS), True),
        (Exactly({"city": "Rome"}), False),
        (Contains('"Rome"'), True),
        (re.compile(r'"nights": ?3'), False),
        (lambda given: given["city"] == "Rome" and len(given) == 5, True),
        (lambda given: given["city"] == "Oslo", False),
    ],
)
def test_arguments_are_held_by_value_pattern_or_predicate(wanted, expected):
    assert holds(assert_tools_called, [step("search", ARGUMENTS)], [("search", wanted)]) is expected
    assert holds(assert_tool_not_called, [step("search", ARGUMENTS)], ("search", wanted)) is not expected


@pytest.mark.parametrize("wanted", [{}, {"a": ABSENT}, lambda given: True, Exactly("{"), Exactly([1])])
@pytest.mark.parametrize("text", ["{", "[1]", "", '"a"'])
def test_arguments_that_are_no_json_object_fit_nothing_but_their_text(wanted, text):
    assert not holds(assert_tools_called, [step("search", text)], [("search", wanted)])
    assert_tools_called([step("search", text)], [("search", Contains(text))])


@pytest.mark.parametrize("name", ["search", re.compile("sea"), Contains("arc"), Exactly("search")])
def test_a_name_may_be_a_pattern(name):
    assert_tools_called([step("search")], [name])
    assert_tool_not_called([step("book")], name)
    assert "call 1." in failure(assert_tool_not_called, [step("search")], name)


def test_the_first_difference_is_shown_in_numbered_lists():
    fake = called(ROME, OSLO, BOOK)
    wanted = ["search", ("search", {"city": re.compile("^B"), "nights": 2}), "book"]
    assert (
        failure(fake.assert_tools_called, wanted)
        == """\
Tool calls are not as wanted (order 'exact'). Call 2: 'city' is 'Oslo', and re.compile('^B') was wanted.

wanted:
      1  search
  →   2  search with {'city': re.compile('^B'), 'nights': 2}
      3  book
called:
      1  search({"city": "Rome", "nights": 2})                exchange 1
  →   2  search({"city": "Oslo", "nights": 2})                exchange 2
      3  book({"guests": [{"name": "Ann"}], "hotel": "Lux"})  exchange 3"""
    )


MADE = [step("search", {"q": 1}), step("pay", "{", outcome="error", error="no JSON"), step("search", {"q": 2})]


@pytest.mark.parametrize(
    ("wanted", "order", "what"),
    [
        (["pay"], "exact", "Call 1: it calls search, and pay was wanted"),
        (["search"], "exact", "Call 2, of pay, is one more than wanted"),
        (["search", "pay", "search", "book"], "exact", "book was wanted after call 3, and nothing more is called"),
        (
            [("search", {"q": 1}), "pay", ("search", {"q": 2}), ("search", {})],
            "exact",
            "search with {} was wanted after",
        ),
        (["search", ("pay", {})], "exact", "Call 2: its arguments are no JSON object: '{'"),
        ([("search", {"p": 1})], "subset", "was wanted, and call 1 is another: it has no argument 'p', only 'q'"),
        (
            ["pay", ("search", {"q": 1})],
            "subset",
            "wanted after call 2, and call 3 is another: 'q' is 2, and 1 was wanted",
        ),
        (["pay", "pay"], "subset", "pay was wanted after call 2, and is not called after that"),
        (["book"], "subset", "book was wanted, and is not called at all"),
        (["pay", "pay"], "any", "pay was wanted, and is not called so often"),
        (["book", "pay"], "any", "book was wanted, and is not called at all"),
        ([("search", {"q": 3})], "any", "and call 1 is another: 'q' is 1, and 3 was wanted"),
        ([("search", lambda given: False)], "exact", 'its arguments are {"q": 1}, and <lambda> was wanted'),
        ([("search", Contains("z"))], "exact", "Contains('z') is not in its arguments, {\"q\": 1}"),
    ],
)
def test_a_failure_says_what_differs_first(wanted, order, what):
    assert what in failure(assert_tools_called, MADE, wanted, order=order)


def test_a_run_shows_what_came_of_each_call():
    assert failure(assert_tools_called, MADE, []).endswith("""\
wanted: nothing
called:
  →   1  search({"q": 1})  call 1, ok
      2  pay({)            call 1, error: no JSON
      3  search({"q": 2})  call 1, ok""")


def test_what_is_long_is_shown_in_part():
    long = step("search", {"city": "R" * 100}, outcome="error", error="E" * 100)
    line = failure(assert_tools_called, [long], []).splitlines()[-1]
    assert line == f"""  →   1  search({{"city": "{"R" * 58}…  call 1, error: {"E" * 60}…"""


def test_no_call_at_all_is_shown_as_nothing():
    assert failure(FakeLLM().assert_tools_called, ["search"]).endswith("called: nothing")


def test_of_a_long_trajectory_what_stands_around_the_difference_is_shown():
    steps = [step("a", {"n": number}) for number in range(100)]
    text = failure(assert_tools_called, steps, ["a"] * 60)
    assert [line for line in text.splitlines() if "more" in line and "…" in line] == ["         … 20 more"] * 1 + [
        "         … 40 more",
        "         … 20 more",
    ]
    assert '  →  61  a({"n": 60})  call 1, ok' in text


def test_steps_may_be_those_of_the_result_as_it_is_written():
    steps = [CallStep(call=1, outcome="tool_calls", at=0, ms=0), *MADE]
    assert of_steps(steps) == of_steps([one.as_dict() for one in steps])


def test_of_a_run_calls_that_ended_otherwise_may_be_left_out():
    assert_tools_called(MADE, ["search", "search"], outcome="ok")
    assert_tools_called(MADE, ["pay"], outcome="error")
    assert_tool_not_called(MADE, "pay", outcome="ok")
    assert_not_called_before(MADE, "search", "pay", outcome="error")


def test_what_a_fake_was_asked_is_told_by_it_and_by_its_journal():
    fake = called(ROME, BOOK)
    for told in (fake, fake.journal):
        assert_tools_called(told, ["search", "book"])
        assert_tool_not_called(told, "pay")
        assert_not_called_before(told, "book", "search")
        assert "exchange 2" in failure(assert_tool_not_called, told, "book")
    with pytest.raises(UsageError, match="does not know what came of a call"):
        assert_tools_called(fake, ["search"], outcome="ok")


@pytest.mark.parametrize(
    ("made", "call", "first", "is_held"),
    [
        ("sb", "b", "s", True),
        ("ssbb", "b", "s", True),
        ("bs", "b", "s", False),
        ("b", "b", "s", False),
        ("s", "b", "s", True),
        ("", "b", "s", True),
        ("xsxb", "b", "s", True),
        ("xbxs", "b", "s", False),
        ("sbs", "b", "s", True),
        ("sb", re.compile("."), "s", True),
        ("bs", re.compile("."), "s", False),
    ],
)
def test_not_before_the_first_call_of_another(made, call, first, is_held):
    assert holds(assert_not_called_before, [step(name) for name in made], call, first) is is_held


def test_a_call_before_another_is_shown():
    fake = called(OSLO, BOOK, ROME)
    first = ("search", {"city": "Rome"})
    assert (
        failure(fake.assert_not_called_before, "book", first)
        == """\
book was called before search with {'city': 'Rome'}: call 2.

called:
      1  search({"city": "Oslo", "nights": 2})                exchange 1
  →   2  book({"guests": [{"name": "Ann"}], "hotel": "Lux"})  exchange 2
      3  search({"city": "Rome", "nights": 2})                exchange 3"""
    )
    assert failure(fake.assert_not_called_before, "book", "pay").startswith(
        "book was called before pay, which is never called: call 2."
    )


def by_session() -> FakeLLM:
    """Session a searches, and b books."""
    fake = FakeLLM()
    fake.when(session="a").steps([Reply(tool_calls=[ROME]), "done"])
    fake.when(session="b").steps([Reply(tool_calls=[BOOK]), "done"])
    loop(fake, session="a")
    loop(fake, session="b")
    return fake


def test_a_session_may_be_looked_at_alone():
    fake = by_session()
    fake.assert_tools_called(["search", "book"])
    fake.assert_tools_called(["search"], session="a")
    fake.assert_tools_called(["book"], session=re.compile("b"))
    fake.assert_tool_not_called("book", session="a")
    assert "Tool calls in session 'a' are not as wanted (order 'exact')." in failure(
        fake.assert_tools_called, ["book"], session="a"
    )
    assert "exchange 3, session 'b'" in failure(fake.assert_tool_not_called, "book")


def test_what_comes_before_is_asked_of_each_session_by_itself():
    fake = by_session()
    assert "which is never called: call 1." in failure(fake.assert_not_called_before, "book", "search")
    fake.assert_not_called_before("book", "search", session="a")


@pytest.mark.parametrize(
    ("calls", "message"),
    [
        ("search", r"takes a list of names and \(name, arguments\) pairs, not 'search'"),
        ({"search": {}}, "takes a list of names"),
        ([3], r"or \(name, arguments\), not 3"),
        ([""], "not ''"),
        ([("search",)], "or"),
        ([("search", "book")], "The arguments of 'search' are wanted as a mapping .*; not as 'book'"),
        ([("search", dict)], "not as <class 'dict'>"),
        ([("search", {"nights": int})], "not as {'nights': <class 'int'>}"),
        ([("search", {1: 2})], "not as {1: 2}"),
    ],
)
def test_what_can_be_no_call_is_refused(calls, message):
    with pytest.raises(UsageError, match=message):
        FakeLLM().assert_tools_called(calls)


def test_an_unknown_order_is_refused_with_a_suggestion():
    with pytest.raises(
        UsageError, match=r"order is one of 'exact', 'subset', 'any', not 'exakt'; did you mean 'exact'\?"
    ):
        FakeLLM().assert_tools_called([], order="exakt")


@pytest.mark.parametrize("told", [3, "search", {"kind": "tool"}, None])
def test_what_tells_no_calls_is_refused(told):
    with pytest.raises(UsageError, match="A RunResult, its steps, a FakeLLM or its journal"):
        assert_tools_called(told, [])


def test_part_of_a_journal_is_not_judged():
    fake = FakeLLM(keep=1)
    fake.when().steps([Reply(tool_calls=[ROME]), "done"])
    loop(fake)
    for judge in (fake.assert_tools_called, lambda calls: assert_tools_called(fake, calls)):
        with pytest.raises(UsageError, match="The journal kept the last 1 of 2 exchanges"):
            judge(["search"])


def test_arguments_that_the_model_wrote_are_shown_as_it_wrote_them():
    call = MadeCall(tool="search", text='{"a":  1}', where="")
    assert (str(call), call.arguments) == ('search({"a":  1})', {"a": 1})
    assert MadeCall(tool="x", text="[" * 100_000, where="").arguments is None


def test_ids_of_calls_reach_the_journal():
    fake = FakeLLM()
    fake.when().steps([Reply(tool_calls=[ToolCall("call_7", "search", "{}")]), "done"])
    assert [message.tool_call_id for message in loop(fake)] == [None, None, "call_7", None]
    assert fake.journal.tool_calls == (ToolCall("call_7", "search", "{}"),)
