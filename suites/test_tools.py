"""Tools: what the model is offered, what is executed of what it calls, and what it is told of that."""

from __future__ import annotations

import asyncio
import json
import threading

import pytest
from acting_agents import Desk, TravelAgent, TripSignature
from cases import ToolCallCase, cases

from kaizen_eval import BaseAgent, Tool, ToolLoopStrategy, errors, tool
from kaizen_eval.events import ToolEnded, ToolStarted
from kaizen_eval.fake import Reply
from kaizen_eval.messages import Message, ToolCall

DONE = {"answer": "Booked.", "booked": True}
SEARCH = {"name": "search_flights", "arguments": {"to": "LIS", "day": "2025-03-01", "cabin": "business"}}
BOOK = {"name": "book", "arguments": {"flight": "LIS-1", "passenger": {"name": "Ann", "age": 40}}}
FULL = {"name": "book", "arguments": BOOK["arguments"] | {"flight": "LIS-2"}}
WEATHER = {"name": "weather", "arguments": {"city": "Lisbon"}}
WAIT = {"name": "wait", "arguments": {}}


def called(*calls, text=None):
    return Reply(text, tool_calls=calls)


def script(llm, *steps, user="wish"):
    """What the model says in each dialogue with the tools."""
    llm.when(user=user).steps([*steps, DONE])


def dialogue(llm, number=-1):
    """A request's messages after the user's, as role and content."""
    return [(m.role, m.content) for m in llm.journal.requests[number].messages if m.role in {"assistant", "tool"}]


def told(llm, number=-1):
    """What the tools said, by the last request."""
    return [content for role, content in dialogue(llm, number) if role == "tool"]


def error(sentence):
    return json.dumps({"error": sentence}, ensure_ascii=False)


class Waiting:
    """A tool that takes a day, and how its executions ended."""

    def __init__(self):
        self.ended = []

    async def wait(self) -> str:
        """Wait for a day."""
        try:
            await asyncio.sleep(86_400)
        except asyncio.CancelledError:
            self.ended.append("cancelled")
            raise
        return "over"


class Recorder:
    """Keeps what it is told of tools."""

    def __init__(self):
        self.events = []

    def on_event(self, event):
        if isinstance(event, ToolStarted | ToolEnded):
            self.events.append((type(event).__name__, event.call, event.tool, getattr(event, "error", None)))


# --- a dialogue -------------------------------------------------------------------------------------------------------


def test_the_model_searches_books_and_answers(kaizen_llm):
    script(kaizen_llm, called(SEARCH), called(BOOK))
    desk = Desk()
    result = TravelAgent(desk).travel("I wish to see Lisbon.")
    assert (result.outputs, desk.asked, desk.booked) == (DONE, ["LIS 01.03. business"], [("LIS-1", "Ann")])
    kaizen_llm.assert_tools_called(["search_flights", "book"], order="exact")
    kaizen_llm.assert_not_called_before("book", "search_flights")
    kaizen_llm.assert_calls(3)


def test_each_request_holds_what_was_called_and_what_came_of_it(kaizen_llm):
    script(kaizen_llm, called(SEARCH, text="Let me see."), called(BOOK, WEATHER))
    TravelAgent(Desk()).travel("I wish to see Lisbon.")
    flights = [{"number": f"LIS-{n}", "day": "2025-03-01", "seats": seats} for n, seats in [(1, 3), (2, 0)]]
    assert dialogue(kaizen_llm) == [
        ("assistant", "Let me see."),
        ("tool", json.dumps(flights)),
        ("assistant", ""),
        ("tool", "booked LIS-1 for Ann"),
        ("tool", '{"city": "Lisbon", "degrees": 21, "windy": false}'),
    ]
    asked, said = kaizen_llm.journal.requests[-1].messages[-3].tool_calls, kaizen_llm.journal.requests[-1].messages[-2:]
    assert [call.name for call in asked] == ["book", "weather"]
    assert [message.tool_call_id for message in said] == [call.id for call in asked]


def test_every_request_of_a_run_offers_the_tools_with_their_schemas(kaizen_llm):
    script(kaizen_llm, called(WEATHER))
    TravelAgent(Desk()).travel("I wish for sun.")
    for request in kaizen_llm.journal.requests:
        search, book, weather = (one["function"] for one in request.tools)
        assert [one["name"] for one in (search, book, weather)] == ["search_flights", "book", "weather"]
        assert (search["description"], search["strict"]) == ("Find flights.", True)
        assert search["parameters"]["properties"]["to"]["description"] == "the airport's code."
        assert weather["parameters"]["required"] == ["city"]


def test_the_result_tells_every_step(kaizen_llm):
    script(kaizen_llm, called(SEARCH), called({"name": "book", "arguments": {"flight": "LIS-1"}}), called(BOOK))
    result = TravelAgent(Desk()).travel("I wish to see Lisbon.")
    assert [(step["kind"], step.get("tool"), step["outcome"]) for step in result["_steps"]] == [
        ("call", None, "tool_calls"),
        ("tool", "search_flights", "ok"),
        ("call", None, "tool_calls"),
        ("tool", "book", "error"),
        ("call", None, "tool_calls"),
        ("tool", "book", "ok"),
        ("call", None, "answer"),
    ]
    assert (result.steps[-2].arguments, result.steps[-2].result) == (BOOK["arguments"], "booked LIS-1 for Ann")


@pytest.mark.parametrize(("mode", "asked"), [("schema", "schema"), ("json", "json"), ("prompt", "text")])
def test_the_tools_are_offered_whichever_way_the_output_is_asked_for(kaizen_llm, mode, asked):
    script(kaizen_llm, called(WEATHER))
    result = TravelAgent(Desk(), {"structured_output": mode}).travel("I wish for sun.")
    assert result.outputs == DONE
    assert [(request.output_mode, len(request.tools)) for request in kaizen_llm.journal.requests] == [(asked, 3)] * 2


@pytest.mark.kaizen_virtual
def test_each_step_knows_when_it_began_and_how_long_it_took(kaizen_llm):
    kaizen_llm.when(tool_result="LIS").reply(Reply(data=DONE, latency=2))
    kaizen_llm.otherwise(Reply(tool_calls=[SEARCH], latency=1))
    result = TravelAgent(Desk(seconds=5)).travel("I wish to see Lisbon.")
    assert [(step.at, step.ms) for step in result.steps] == [(0, 1000), (1000, 5000), (6000, 2000)]


def test_an_observer_is_told_of_each_execution_and_of_what_is_not_executed(kaizen_llm):
    script(kaizen_llm, called(WEATHER), called(FULL), called({"name": "book", "arguments": {}}))
    recorder = Recorder()
    TravelAgent(Desk(), {"observer": recorder}).travel("I wish for sun.")
    assert recorder.events == [
        ("ToolStarted", 1, "weather", None),
        ("ToolEnded", 1, "weather", None),
        ("ToolStarted", 2, "book", None),
        ("ToolEnded", 2, "book", "book failed: ValueError: LIS-2 is full"),
        (
            "ToolEnded",
            3,
            "book",
            "book was not executed: its arguments do not fit: flight is missing; passenger is missing.",
        ),
    ]


def test_the_whole_dialogue_is_metered(kaizen_llm):
    script(kaizen_llm, called(SEARCH), called(BOOK))
    result = TravelAgent(Desk(), {"model": "gpt-4"}).travel("I wish to see Lisbon.")
    billed = [exchange.usage.total for exchange in kaizen_llm.journal.exchanges]
    assert (result["_attempts"], result["_tokens"]["total"]) == (3, sum(billed))


def test_without_a_script_the_model_calls_what_it_is_offered_and_comes_to_an_answer(kaizen_llm):
    result = TravelAgent(Desk()).travel("I wish to see Lisbon.")
    assert set(result.outputs) == {"answer", "booked"}
    assert result.steps[-1].outcome == "answer"


def test_an_answer_that_does_not_fit_is_asked_for_again_with_the_whole_dialogue(kaizen_llm):
    kaizen_llm.when(user="wish").steps([called(WEATHER)])
    kaizen_llm.when(tool_result="Lisbon").reply("Sunny!").times(1)
    kaizen_llm.when(tool_result="Lisbon").reply(DONE)
    result = TravelAgent(Desk()).travel("I wish for sun.")
    assert (result.outputs, dialogue(kaizen_llm, 1), len(result.calls)) == (DONE, dialogue(kaizen_llm, 2), 3)


# --- what goes wrong with a call --------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases("tool_calls.json", ToolCallCase))
def test_a_call_that_is_no_good_is_not_executed_and_the_model_is_told_why(kaizen_llm, case):
    script(kaizen_llm, called(ToolCall(id="call-1", name=case.tool, arguments=case.arguments)), called(BOOK))
    desk = Desk()
    result = TravelAgent(desk).travel("I wish to see Lisbon.")
    assert told(kaizen_llm) == [error(case.sentence), "booked LIS-1 for Ann"]
    assert (result.outputs, result.steps[1].outcome, desk.booked) == (DONE, "error", [("LIS-1", "Ann")])


def test_what_a_tool_raises_is_told_in_one_sentence(kaizen_llm):
    script(kaizen_llm, called(FULL), called(BOOK))
    desk = Desk()
    assert TravelAgent(desk).travel("I wish to see Lisbon.").outputs == DONE
    assert told(kaizen_llm) == [error("book failed: ValueError: LIS-2 is full"), "booked LIS-1 for Ann"]


def test_no_secret_and_no_traceback_reaches_the_model(kaizen_llm):
    def weather(city: str) -> str:
        """Say how the weather is."""
        raise ConnectionError("401 for sk-verysecret0123456789 and my-own-key")

    script(kaizen_llm, called(WEATHER))
    TravelAgent(Desk(), {"api_key": "my-own-key"}, tools=[weather]).travel("I wish for sun.")
    assert told(kaizen_llm) == [error("weather failed: ConnectionError: 401 for [secret] and [secret]")]


def test_of_a_long_exception_the_model_is_told_the_beginning(kaizen_llm):
    def weather(city: str) -> str:
        """Say how the weather is."""
        raise LookupError("x" * 1000)

    script(kaizen_llm, called(WEATHER))
    TravelAgent(Desk(), tools=[weather]).travel("I wish for sun.")
    assert told(kaizen_llm) == [error(f"weather failed: LookupError: {'x' * 300} …")]


def test_a_tool_may_raise_its_errors_instead(kaizen_llm):
    desk = Desk()
    script(kaizen_llm, called(FULL))
    agent = TravelAgent(desk, tools=[Tool(desk.book, on_error="raise")])
    with pytest.raises(errors.ToolFailed, match="LIS-2 is full") as failed:
        agent.travel("I wish to see Lisbon.")
    assert (failed.value.tool, type(failed.value.__cause__)) == ("book", ValueError)
    kaizen_llm.assert_calls(1)


@pytest.mark.kaizen_virtual
def test_when_a_tool_raises_the_others_of_its_reply_are_ended(kaizen_llm):
    desk, waiting = Desk(), Waiting()
    script(kaizen_llm, called(WAIT, FULL))
    with pytest.raises(errors.ToolFailed):
        TravelAgent(desk, tools=[waiting.wait, Tool(desk.book, on_error="raise")]).travel("I wish to see Lisbon.")
    assert (waiting.ended, kaizen_llm.clock.elapsed) == (["cancelled"], 0)


def test_a_result_that_is_no_json_and_one_that_is_too_large_are_told(kaizen_llm):
    def lock() -> object:
        """Make a lock."""
        return threading.Lock()

    def archive() -> str:
        """Return everything."""
        return "x" * 10_000_000

    script(kaizen_llm, called({"name": "lock", "arguments": {}}, {"name": "archive", "arguments": {}}))
    TravelAgent(Desk(), tools=[lock, archive]).travel("I wish for everything.")
    first, second = told(kaizen_llm)
    assert "cannot be written as JSON" in first
    assert second == error(
        "The result of archive has 10,000,000 characters, and at most 100,000 are passed on; ask for less."
    )


RESULTS = [None, True, 0, 1.5, "", "text", [], [1, [2]], {}, {"Größe": {"b": None}}, "Grüße 😀\n"]


@pytest.mark.parametrize("value", RESULTS, ids=repr)
def test_a_result_may_be_any_json_value_and_a_text_stays_as_it_is(kaizen_llm, value):
    def look():
        """Look."""
        return value

    script(kaizen_llm, called({"name": "look", "arguments": {}}))
    result = TravelAgent(Desk(), tools=[Tool(look, parameters={"type": "object"})]).travel("I wish to look.")
    assert told(kaizen_llm) == [value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)]
    assert result.steps[1].result == value


# --- several at once --------------------------------------------------------------------------------------------------


@pytest.mark.kaizen_virtual
def test_calls_of_one_reply_are_executed_side_by_side(kaizen_llm):
    script(kaizen_llm, called(*[{**SEARCH, "arguments": {**SEARCH["arguments"], "to": to}} for to in ("LIS", "OPO")]))
    TravelAgent(Desk(seconds=5)).travel("I wish to see Portugal.")
    assert kaizen_llm.clock.elapsed == 5


@pytest.mark.kaizen_virtual
def test_no_more_are_under_way_at_once_than_the_strategy_allows(kaizen_llm):
    calls = [{**SEARCH, "arguments": {**SEARCH["arguments"], "to": f"A{n}"}} for n in range(6)]
    script(kaizen_llm, called(*calls))
    TravelAgent(Desk(seconds=5), strategy=ToolLoopStrategy(parallel=2)).travel("I wish to see it all.")
    assert kaizen_llm.clock.elapsed == 15


def test_of_a_thousand_calls_at_once_a_few_are_executed_and_the_model_is_told(kaizen_llm):
    script(kaizen_llm, called(*[{"name": "weather", "arguments": {"city": f"city {n}"}} for n in range(1000)]))
    desk = Desk()
    TravelAgent(desk, strategy=ToolLoopStrategy(at_most=5)).travel("I wish for all weathers.")
    said = told(kaizen_llm)
    assert (len(desk.asked), len(said), len([text for text in said if "was not executed" in text])) == (5, 1000, 995)


def test_results_stand_in_the_order_of_the_calls_whichever_ends_first(kaizen_llm):
    async def wait(seconds: float) -> float:
        """Wait."""
        await asyncio.sleep(seconds)
        return seconds

    calls = [{"name": "wait", "arguments": {"seconds": seconds}} for seconds in (0.03, 0.01, 0.02)]
    script(kaizen_llm, called(*calls))
    TravelAgent(Desk(), tools=[wait]).travel("I wish to wait.")
    assert told(kaizen_llm) == ["0.03", "0.01", "0.02"]


def test_a_plain_function_is_executed_in_a_thread_beside_the_event_loop(kaizen_llm):
    loops = set()

    async def look() -> None:
        """Look where coroutines run."""
        loops.add(threading.get_ident())

    def blocks() -> bool:
        """Say whether a function would hold them up."""
        return threading.get_ident() in loops

    script(kaizen_llm, called({"name": "look", "arguments": {}}), called({"name": "blocks", "arguments": {}}))
    TravelAgent(Desk(), tools=[look, blocks]).travel("I wish to know.")
    assert told(kaizen_llm) == ["null", "false"]


# --- time and faults --------------------------------------------------------------------------------------------------


@pytest.mark.kaizen_virtual
def test_a_tool_that_takes_too_long_is_ended_and_told_of_and_the_run_goes_on(kaizen_llm):
    waiting = Waiting()
    script(kaizen_llm, called(WAIT))
    result = TravelAgent(Desk(), tools=[Tool(waiting.wait, timeout=5)]).travel("I wish to wait.")
    assert (kaizen_llm.clock.elapsed, result.outputs, waiting.ended) == (5, DONE, ["cancelled"])
    assert told(kaizen_llm) == [error("wait did not end within 5 s.")]


@pytest.mark.kaizen_virtual
def test_a_tool_that_never_returns_ends_with_the_run(kaizen_llm):
    script(kaizen_llm, called(SEARCH))
    with pytest.raises(errors.RunTimeout):
        TravelAgent(Desk(seconds=3600), {"timeout": 20}).travel("I wish to see Lisbon.")
    assert kaizen_llm.clock.elapsed == 20


@pytest.mark.parametrize("fault", ["server_error", "connection_reset", "html_reply"])
def test_a_call_that_is_tried_again_executes_nothing_twice(kaizen_llm, fault):
    kaizen_llm.when(tool_result="booked").fail(fault).times(2)
    script(kaizen_llm, called(BOOK))
    desk = Desk()
    agent = TravelAgent(desk, {"retry": {"attempts": 3, "base": 0, "jitter": "none"}})
    assert (agent.travel("I wish to see Lisbon.")["_attempts"], desk.booked) == (4, [("LIS-1", "Ann")])


def test_a_booking_is_never_made_twice_for_one_call_id(kaizen_llm):
    again = ToolCall(id="call-7", name="book", arguments=json.dumps(BOOK["arguments"]))
    script(kaizen_llm, called(again), called(again, WEATHER))
    desk = Desk()
    TravelAgent(desk).travel("I wish to see Lisbon.")
    assert (desk.booked, told(kaizen_llm)[:2]) == ([("LIS-1", "Ann")], ["booked LIS-1 for Ann"] * 2)


def test_a_call_id_that_comes_again_with_other_arguments_books_nothing(kaizen_llm):
    first, other = (
        ToolCall(id="call-7", name="book", arguments=json.dumps(BOOK["arguments"] | {"flight": flight}))
        for flight in ("LIS-1", "LIS-3")
    )
    script(kaizen_llm, called(first), called(other))
    desk = Desk()
    TravelAgent(desk).travel("I wish to see Lisbon.")
    assert (desk.booked, "was used before, with other arguments" in told(kaizen_llm)[1]) == ([("LIS-1", "Ann")], True)


@pytest.mark.kaizen_virtual
def test_a_booking_of_which_nobody_knows_whether_it_was_made_is_not_made_again(kaizen_llm):
    waiting = Waiting()
    again = ToolCall(id="call-7", name="wait", arguments="{}")
    script(kaizen_llm, called(again), called(again))
    TravelAgent(Desk(), tools=[Tool(waiting.wait, timeout=5, idempotent=False)]).travel("I wish to wait.")
    late, unknown = told(kaizen_llm)
    assert (late, "it is not executed again" in unknown) == (error("wait did not end within 5 s."), True)
    assert waiting.ended == ["cancelled"]


# --- approval ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("verdict", "bookings"), [(True, 1), (False, 0), ("Ann is grounded", 0)])
def test_a_booking_is_made_when_somebody_agrees(kaizen_llm, verdict, bookings):
    desk, asked = Desk(), []

    async def agree(approval):
        asked.append((approval.tool, approval.arguments, approval.session_id))
        return verdict

    script(kaizen_llm, called(BOOK))
    agent = TravelAgent(desk, tools=[Tool(desk.book, requires_approval=agree)])
    result = agent.travel("I wish to see Lisbon.", session_id="s")
    assert (asked, len(desk.booked)) == ([("book", BOOK["arguments"], "s")], bookings)
    assert result.steps[1].outcome == ("ok" if bookings else "refused")
    assert isinstance(verdict, bool) or "Ann is grounded" in told(kaizen_llm)[0]


def test_without_anybody_to_ask_nothing_is_booked(kaizen_llm):
    desk = Desk()

    async def agree(approval):
        raise ConnectionError("nobody is there")

    script(kaizen_llm, called(BOOK))
    with pytest.raises(errors.ToolFailed, match="Nobody could be asked"):
        TravelAgent(desk, tools=[Tool(desk.book, requires_approval=agree)]).travel("I wish to see Lisbon.")
    assert desk.booked == []
    kaizen_llm.assert_calls(1)


# --- where it ends ----------------------------------------------------------------------------------------------------


def test_a_model_that_goes_on_calling_tools_is_stopped(kaizen_llm):
    steps = [called({"name": "weather", "arguments": {"city": f"city {n}"}}) for n in range(5)]
    script(kaizen_llm, *steps)
    desk = Desk()
    with pytest.raises(errors.StepLimitReached, match="max_steps=3") as stopped:
        TravelAgent(desk, strategy=ToolLoopStrategy(max_steps=3)).travel("I wish for sun.")
    assert (stopped.value.steps, len(desk.asked)) == (3, 3)
    kaizen_llm.assert_calls(4)


def test_a_model_that_makes_the_same_call_again_and_again_is_stopped(kaizen_llm):
    script(kaizen_llm, *[called(WEATHER)] * 6)
    desk = Desk()
    with pytest.raises(errors.RepeatedToolCall, match=r'weather\({"city": ?"Lisbon"}\)') as stopped:
        TravelAgent(desk).travel("I wish for sun.")
    assert (stopped.value.tool, len(desk.asked)) == ("weather", 2)


def test_it_is_the_same_call_however_its_arguments_are_written(kaizen_llm):
    arguments = SEARCH["arguments"]
    written = json.dumps(arguments), json.dumps(arguments, indent=2), json.dumps(dict(reversed(arguments.items())))
    calls = [ToolCall(id=f"call-{n}", name="search_flights", arguments=text) for n, text in enumerate(written)]
    script(kaizen_llm, *map(called, calls))
    desk = Desk()
    with pytest.raises(errors.RepeatedToolCall):
        TravelAgent(desk).travel("I wish to see Lisbon.")
    assert len(desk.asked) == 2


def test_equal_calls_of_one_reply_are_no_repetition(kaizen_llm):
    script(kaizen_llm, called(WEATHER, WEATHER, WEATHER))
    desk = Desk()
    assert TravelAgent(desk).travel("I wish for sun.").outputs == DONE
    assert (len(told(kaizen_llm)), desk.asked) == (3, ["weather in Lisbon"] * 3)


def test_two_tools_of_one_name_are_refused_before_anything_is_asked(kaizen_llm):
    with pytest.raises(errors.ToolDefinitionError, match="weather"):
        BaseAgent(signature=TripSignature, tools=[Desk().weather, Desk().weather])
    kaizen_llm.assert_attempts(0)


# --- sessions ---------------------------------------------------------------------------------------------------------


def test_later_turns_show_what_earlier_ones_called(kaizen_llm):
    script(kaizen_llm, called(WEATHER))
    agent = TravelAgent(Desk(), {"max_turns": 5})
    for wish in ("I wish for sun.", "I wish for rain."):
        agent.travel(wish, session_id="s")
    roles = [message.role for message in kaizen_llm.journal.requests[-1].messages]
    assert roles == ["system", "user", "assistant", "tool", "assistant", "user", "assistant", "tool"]


def test_a_run_that_is_stopped_leaves_nothing_in_its_session(kaizen_llm):
    script(kaizen_llm, *[called(WEATHER)] * 6, user="rain")
    script(kaizen_llm)
    agent = TravelAgent(Desk(), {"max_turns": 5})
    with pytest.raises(errors.RepeatedToolCall):
        agent.travel("I wish for rain.", session_id="s")
    agent.travel("I wish for sun.", session_id="s")
    assert kaizen_llm.journal.requests[-1].messages[1:] == (Message("user", "wish: I wish for sun."),)


def test_sessions_with_tools_stay_apart(kaizen_llm):
    def secret(who: str) -> str:
        """Look up what somebody has said."""
        return f"the secret of {who}"

    @tool
    def own() -> str:
        """Look up the own one."""
        return "nothing"

    kaizen_llm.otherwise(
        lambda request: (
            DONE
            if request.messages[-1].role == "tool"
            else called({"name": "secret", "arguments": {"who": request.messages[-1].content}})
        )
    )
    agent = TravelAgent(Desk(), {"max_turns": 5}, tools=[secret, own])
    items = [{"wish": f"{who} {turn}", "session_id": who} for turn in range(3) for who in ("ann", "bob", "cy")]
    agent.run_batch(items, max_concurrency=9)
    kaizen_llm.assert_sessions_isolated()
