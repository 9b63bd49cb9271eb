"""Scripts that advance with a conversation: steps, states, counts, chance; whatever other conversations do."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from fake_asking import ask, ask_all, asking, said
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval import virtual_time
from kaizen_eval.errors import RateLimited, ScriptError, ScriptMiss
from kaizen_eval.fake import GENERATED, FakeLLM, Generated, Pick, RateLimit, Reply, misses
from kaizen_eval.fake.desk.conversation import conversation_of
from kaizen_eval.fake.script.progress import FRESH, Conversations, Progress
from kaizen_eval.messages import ChatReply, ChatRequest, Message, ToolCall

CALL = {"name": "weather", "arguments": {"city": "Rome"}}
TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}


@pytest.fixture(autouse=True)
def no_misses_are_left():
    yield
    misses.take()


def texts(came):
    return [reply.text if isinstance(reply, ChatReply) else type(reply) for reply in came]


def in_session(session, *questions):
    return [asking(question, session_id=session) for question in questions]


def after_opening(opening, *questions):
    """Of a client that has no sessions, and sends what was said before."""
    return [asking(question, Message("user", opening), Message("assistant", "Go on.")) for question in questions]


def tool_loop(fake, question="weather?", *, most=5):
    """What an agent does: runs the tools that the model asks for, until it says something."""
    messages = [Message("user", question)]
    heard = []
    for _ in range(most):
        [reply] = ask_all(fake, ChatRequest(model="m", messages=tuple(messages), tools=(TOOL,)))
        if isinstance(reply, Exception):
            return [*heard, type(reply)]
        heard.append(reply.text or [call.name for call in reply.tool_calls])
        if not reply.tool_calls:
            break
        messages.append(Message("assistant", "", reply.tool_calls))
        messages += [Message("tool", "sunny", (), call.id) for call in reply.tool_calls]
    return heard


def test_steps_advance_with_the_tool_loop():
    fake = FakeLLM()
    fake.when(user="weather").steps([Reply(tool_calls=[CALL, CALL]), Reply(tool_calls=[CALL]), "It is sunny."])
    assert tool_loop(fake) == [["weather", "weather"], ["weather"], "It is sunny."]
    assert tool_loop(fake) == [["weather", "weather"], ["weather"], "It is sunny."]


def test_steps_are_never_begun_again_by_a_loop_that_does_not_end():
    fake = FakeLLM()
    fake.when(user="weather").steps([Reply(tool_calls=[CALL])])
    fake.forgive_misses()
    assert tool_loop(fake) == [["weather"], ScriptMiss]


def test_a_miss_after_the_last_step_says_so():
    fake = FakeLLM()
    fake.when(user="weather").steps([Reply(tool_calls=[CALL]), "sunny"])
    fake.forgive_misses()
    rounds = [
        message
        for number in "12"
        for message in (
            Message("assistant", "", (ToolCall(number, "weather", "{}"),)),
            Message("tool", "sunny", (), number),
        )
    ]
    [miss] = ask_all(fake, ChatRequest(model="m", messages=(Message("user", "weather?"), *rounds), tools=(TOOL,)))
    assert miss.differed == "it has 2 steps, and this is step 3"


def test_after_the_last_step_the_next_rule_may_speak():
    fake = FakeLLM()
    fake.when(user="weather").steps([Reply(tool_calls=[CALL])])
    fake.when(tool_result="sunny").reply("Take a hat.")
    assert tool_loop(fake) == [["weather"], "Take a hat."]


def test_steps_begin_again_when_the_user_speaks():
    fake = FakeLLM()
    fake.when().steps(["one", "two"])
    history = (Message("user", "a"), Message("assistant", "one"))
    assert texts(ask_all(fake, asking("a"), asking("b", *history))) == ["one", "one"]


def test_the_models_messages_that_follow_one_another_are_one_step():
    fake = FakeLLM()
    fake.when().steps(["one", "two", "three"])
    calls = (ToolCall("1", "weather", "{}"), ToolCall("2", "weather", "{}"))
    spoken = (Message("user", "a"), Message("assistant", "Let me see."), Message("assistant", "", calls))
    results = (Message("tool", "x", (), "1"), Message("tool", "y", (), "2"))
    assert texts(ask_all(fake, ChatRequest(model="m", messages=(*spoken, *results), tools=(TOOL,)))) == ["two"]


def test_a_step_may_be_anything_that_a_rule_may_say():
    fake = FakeLLM()
    fake.when().steps([lambda request: f"{len(request.messages)} messages", RateLimit(retry_after=1)])
    assert said(fake, "a") == ["1 messages"]
    step_two = ChatRequest(model="m", messages=(Message("user", "a"), Message("assistant", "1")))
    assert texts(ask_all(fake, step_two)) == [RateLimited]


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda fake: fake.when().steps([]), r"\.steps\(\) takes a list with at least one"),
        (lambda fake: fake.when().steps("ab"), r"\.steps\(\) takes a list of replies and faults, not 'ab'"),
        (lambda fake: fake.when().steps(["a", 3]), r"\.steps\(\)\[1\] takes a text"),
        (lambda fake: fake.when().steps(["hang"]), r"\.steps\(\)\[0\] was given 'hang', .* name of a fault"),
        (lambda fake: Pick([]), r"Pick takes a list with at least one"),
        (lambda fake: Pick({"a": 1}), r"Pick takes a list"),
        (lambda fake: fake.when().reply("a").to(""), r"\.to\(\) takes the name of a state, not ''"),
        (lambda fake: fake.when().reply("a").times(1, per="session"), r"one of 'all', 'conversation', not 'session'"),
        (lambda fake: fake.script(["a"], per="each"), r"one of 'all', 'conversation', not 'each'"),
    ],
)
def test_what_cannot_work_is_refused_where_it_is_written(build, message):
    with pytest.raises(ScriptError, match=message):
        build(FakeLLM())


def shop():
    """An order that is paid and then sent, each conversation for itself."""
    fake = FakeLLM()
    fake.when(user="order", state="start").reply("Please pay.").to("awaiting payment")
    fake.when(user="pay", state="awaiting payment").reply("Thank you.").to("paid")
    fake.when(user="where", state="paid").reply("On its way.")
    return fake.otherwise("What?")


def test_a_state_is_each_conversations_own():
    requests = [
        *in_session("a", "where", "order", "order", "pay"),
        *in_session("b", "pay", "order"),
        *in_session("a", "where"),
        *in_session("b", "where"),
    ]
    assert texts(ask_all(shop(), *requests)) == [
        "What?", "Please pay.", "What?", "Thank you.", "What?", "Please pay.", "On its way.", "What?",
    ]  # fmt: skip


def test_a_fault_may_lead_to_a_state_too():
    fake = FakeLLM()
    fake.when(state="start").fail("rate_limit").to("warned").when  # noqa: B018 - refused below
    with pytest.raises(ScriptError, match="stands after a rule that is complete"):
        fake.when(state="warned").reply("ok").to("done").when()
    assert said(fake, "a", "a", session_id="s") == [RateLimited, "ok"]


def test_without_a_session_a_conversation_is_known_by_its_opening():
    fake = shop()
    one = asking("pay", Message("user", "order"), Message("assistant", "Please pay."))
    other = asking("pay", Message("user", "order!"), Message("assistant", "Please pay."))
    assert texts(ask_all(fake, asking("order"), other, one)) == ["Please pay.", "What?", "Thank you."]


def test_uses_may_be_counted_for_each_conversation():
    fake = FakeLLM().otherwise("no more")
    fake.when(user="hi").reply("hello").times(2, per="conversation")
    requests = [request for session in "aba" for request in in_session(session, "hi", "hi")]
    assert texts(ask_all(fake, *requests)) == ["hello"] * 4 + ["no more"] * 2


def test_a_script_may_be_said_to_each_conversation():
    fake = FakeLLM().script(["one", "two"], per="conversation")
    requests = [*in_session("a", "x"), *in_session("b", "x"), *in_session("a", "x"), *in_session("b", "x")]
    assert texts(ask_all(fake, *requests)) == ["one", "one", "two", "two"]


def test_nth_counts_the_requests_that_meet_the_other_conditions_whoever_takes_them():
    fake = FakeLLM()
    fake.when(user="b", session="s").fail("rate_limit").times(1)
    fake.when(user="b", nth=2).reply("second b")
    fake.otherwise("-")
    assert said(fake, "a", "b", "a", "b", "b", session_id="s") == ["-", RateLimited, "-", "second b", "-"]
    assert said(fake, "b", "b", session_id="t") == ["-", "second b"]


def test_nth_counts_misses_too():
    fake = FakeLLM()
    fake.when(nth=3).reply("third")
    fake.forgive_misses()
    assert said(fake, "a", "b", "c", "d", session_id="s") == [ScriptMiss, ScriptMiss, "third", ScriptMiss]


def test_a_miss_tells_the_count():
    fake = FakeLLM()
    fake.when(user="a", nth=2).reply("second")
    fake.forgive_misses()
    [miss] = ask_all(fake, asking("a"))
    assert miss.differed == "nth=2 was wanted, and this is number 1 of its conversation"
    [miss] = ask_all(fake, asking("b"))
    assert miss.differed == "user='a' was wanted, and the last user message is 'b'"


def test_a_fault_on_the_nth_request_is_one_line():
    fake = FakeLLM()
    fake.when(nth=2).fail("rate_limit")
    assert [type(text) for text in said(fake, "a", "a", "a", session_id="s")] == [str, type, str]


def test_a_pick_gives_another_reply_to_the_same_question():
    fake = FakeLLM(seed=3).otherwise(Pick(["heads", "tails"]))
    first, second = said(fake, "flip", "flip")
    assert {first, second} == {"heads", "tails"}
    assert said(FakeLLM(seed=3).otherwise(Pick(["heads", "tails"])), "flip") == [first]


def test_every_option_of_a_pick_is_picked():
    fake = FakeLLM().otherwise(Pick(["a", {"b": 1}, Reply("c"), RateLimit, Pick(["d"]), lambda request: "e"]))
    came = Counter(said(fake, *(f"question {number}" for number in range(60))))
    assert came.keys() == {"a", '{"b": 1}', "c", RateLimited, "d", "e"}


def test_probability_is_met_in_its_share_of_cases():
    fake = FakeLLM(seed=1).otherwise("fine")
    fake.when(probability=0.3).fail("rate_limit")
    came = Counter(said(fake, *(f"question {number}" for number in range(400))))
    assert came == {"fine": 400 - came[RateLimited], RateLimited: came[RateLimited]}
    assert 95 <= came[RateLimited] <= 145


def test_probability_is_drawn_anew_for_each_attempt_and_each_rule():
    fake = FakeLLM().otherwise("neither")
    fake.when(probability=0.5).reply("first")
    fake.when(probability=0.5).reply("second")
    assert set(said(fake, *["the same"] * 30)) == {"first", "second", "neither"}


def test_the_generated_reply_may_be_asked_for():
    properties = {"n": {"type": "integer"}}
    schema = {"type": "object", "properties": properties, "required": ["n"], "additionalProperties": False}
    fake = FakeLLM(latency=3)
    fake.when(user="make").reply(GENERATED)
    fake.when(user="slow").reply(Generated(latency=FakeLLM(latency=4)._desk.latency))
    fake.forgive_misses()
    made, slow, miss = ask_all(
        fake, *(asking(text, output_schema=schema, output_mode="schema") for text in ("make", "slow", "other"))
    )
    assert [made.text[:5], slow.text[:5], type(miss)] == ['{"n":', '{"n":', ScriptMiss]
    assert [exchange.seconds for exchange in fake.journal.exchanges] == [3, 4, 0]


def everything():
    """A script with all that depends on the conversation, or on chance."""
    fake = FakeLLM(seed=5)
    fake.when(user="c", probability=0.5).fail("rate_limit")
    fake.when(user="a", nth=2).reply("the second a")
    fake.when(user="b", state="start").reply("first b").to("after b")
    fake.when(state="after b", user="c").reply("c after b").times(1, per="conversation")
    fake.when(user="d").steps(["d"])
    fake.when(user="b").reply(Pick(["x", "y", "z"]))
    fake.otherwise(GENERATED)
    return fake


QUESTIONS = st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=6)


@given(QUESTIONS, QUESTIONS, st.sampled_from([in_session, after_opening]), st.data())
def test_what_a_conversation_hears_never_depends_on_the_others(ours, theirs, talking, data):
    one, other = talking("one", *ours), talking("other", *theirs)
    order = data.draw(st.permutations([0] * len(one) + [1] * len(other)))
    queues = [iter(one), iter(other)]
    mixed = [next(queues[whose]) for whose in order]
    came = ask_all(everything(), *mixed)
    heard = [[came[at] for at, whose in enumerate(order) if whose == which] for which in (0, 1)]
    alone = [ask_all(everything(), *requests) for requests in (one, other)]
    assert [list(map(facts, replies)) for replies in heard] == [list(map(facts, replies)) for replies in alone]


def facts(came):
    return came if isinstance(came, ChatReply) else (type(came), str(came))


def test_conversations_that_go_on_at_the_same_time_do_not_mix():
    fake = shop()

    async def talk(session):
        return [(await fake.complete(request)).text for request in in_session(session, "order", "pay", "where")]

    async def all_talk():
        return await asyncio.gather(*(talk(f"s{number}") for number in range(20)))

    with virtual_time() as clock:
        assert clock.run(all_talk()) == [["Please pay.", "Thank you.", "On its way."]] * 20


def test_a_conversation_is_its_session_else_its_run_and_opening():
    opening = asking("hi", system="s")
    later = asking("more", Message("user", "hi"), Message("assistant", "yes"), system="s")
    keys = [conversation_of(opening, "run"), conversation_of(later, "run"), conversation_of(opening, "other")]
    assert (keys[0] == keys[1], keys[0] == keys[2]) == (True, False)
    in_it = [conversation_of(asking(text, session_id="s"), run) for text, run in (("a", "1"), ("b", "2"))]
    assert in_it[0] == in_it[1]


def test_an_agent_asked_inside_of_anothers_run_has_a_conversation_of_its_own():
    keys = {
        conversation_of(asking("a", session_id="s", agent_id=agent), "run", is_within=is_within)
        for agent in ("one", "two")
        for is_within in (False, True)
    }
    assert len(keys) == 3


def test_conversations_are_bounded_and_the_least_lately_heard_goes_first():
    conversations = Conversations(2)
    for key in (b"a", b"b", b"a", b"c"):
        conversations.take(key).state += key.decode()
    states = [conversations.look(key).state for key in (b"a", b"b", b"c")]
    assert (len(conversations), states, FRESH) == (2, ["startaa", "start", "startc"], Progress())


def test_a_fake_whose_script_asks_for_no_conversation_remembers_none():
    fake = FakeLLM().otherwise("x")
    fake.when(user="a").steps(["one"])
    said(fake, "a", "b")
    assert len(fake._desk.script.conversations) == 0


def test_another_script_begins_its_uses_and_states_anew_and_the_journal_stays():
    fake, other = shop(), shop()
    assert said(fake, "order", session_id="s") == ["Please pay."]
    fake._desk.use(other._desk.script.unused())
    assert said(fake, "pay", "order", session_id="s") == ["What?", "Please pay."]
    assert len(fake.journal) == 3


def test_a_used_script_can_be_had_unused():
    fake = shop()
    ask(fake, "order", session_id="s")
    fake.when(user="once").reply("x").times(1)
    ask(fake, "once", session_id="s")
    script = fake._desk.script.unused()
    assert (script.uses, len(script.conversations), fake._desk.script.uses) == ([0, 0, 0, 0], 0, [1, 0, 0, 1])
