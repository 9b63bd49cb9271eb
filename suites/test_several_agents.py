"""Several agents: one asks another as a tool; what they share, what stays apart, and how a circle is caught."""

from __future__ import annotations

import asyncio
import json

import pytest
from acting_agents import ArticleSignature, Desk, EditorAgent, FactSignature, ReporterAgent, TravelAgent, newsroom

from kaizen_eval import BaseAgent, Budget, BufferMemory, InputField, OutputField, Signature, Strategy, errors
from kaizen_eval.events import AttemptEnded, RunEnded, RunStarted
from kaizen_eval.fake import Reply
from kaizen_eval.messages import Message, Usage
from kaizen_eval.streamed import TextDelta

ARTICLE = {"article": "Tea is old."}
FACT = {"fact": "Tea was drunk in 2737 BC."}


def ask(*topics):
    return Reply(tool_calls=[{"name": "reporter", "arguments": {"topic": topic}} for topic in topics])


def script(llm, *topics):
    """The editor asks the reporter for each topic, all at once, and writes; the reporter finds its fact."""
    llm.when(user="subject").steps([ask(*topics), ARTICLE])
    llm.when(user="topic").reply(FACT)


def shown(request):
    """What a request holds beside the system message."""
    return [message for message in request.messages if message.role != "system"]


def of(llm, agent):
    """The requests of one agent."""
    return [request for request in llm.journal.requests if request.agent_id == agent]


class Recorder:
    """Keeps the events that it is told of."""

    def __init__(self):
        self.events = []

    def on_event(self, event):
        self.events.append(event)

    def of_kind(self, kind):
        return {event.agent_id: event for event in self.events if isinstance(event, kind)}


def test_an_agent_asks_another_and_goes_on_with_its_answer(kaizen_llm):
    script(kaizen_llm, "tea")
    result = newsroom().write("History of tea")
    assert result.outputs == ARTICLE
    assert shown(of(kaizen_llm, "reporter")[0]) == [Message("user", "topic: tea")]
    assert [message.content for message in shown(of(kaizen_llm, "editor")[-1])] == [
        "subject: History of tea",
        "",
        json.dumps(FACT),
    ]
    kaizen_llm.assert_tools_called([("reporter", {"topic": "tea"})], agent="editor")


def test_the_model_is_told_what_the_other_agent_is_for_and_what_it_takes(kaizen_llm):
    kaizen_llm.otherwise(ARTICLE)
    newsroom().write("History of tea")
    (offered,) = (tool["function"] for tool in of(kaizen_llm, "editor")[0].tools)
    assert (offered["name"], offered["description"]) == ("reporter", "Find one fact.")
    assert offered["parameters"]["properties"] == {"topic": {"description": "What it shall be about", "type": "string"}}


def test_the_other_agent_is_given_all_that_it_is_called_with(kaizen_llm):
    class Translate(Signature):
        """Translate a text."""

        text: str = InputField()
        language: str = InputField()
        translation: str = OutputField()

    expert = BaseAgent(signature=Translate, agent_id="expert")
    call = {"name": "expert", "arguments": {"text": "tea", "language": "French"}}
    kaizen_llm.when(user="subject").steps([Reply(tool_calls=[call]), ARTICLE])
    kaizen_llm.when(user="language").reply({"translation": "thé"})
    EditorAgent(tools=[expert.as_tool()], agent_id="editor").write("History of tea")
    assert shown(of(kaizen_llm, "expert")[0]) == [Message("user", "text: tea\nlanguage: French")]
    assert shown(of(kaizen_llm, "editor")[-1])[-1].content == '{"translation": "thé"}'


def test_the_readers_of_a_run_are_told_its_own_words_alone(kaizen_llm):
    script(kaizen_llm, "tea")
    *items, result = newsroom().run_stream(subject="History of tea")
    assert {item.agent_id for item in items} == {"editor"}
    assert "".join(item.text for item in items if isinstance(item, TextDelta)) == json.dumps(ARTICLE)
    assert (result.outputs, len(of(kaizen_llm, "reporter"))) == (ARTICLE, 1)


def test_the_step_holds_what_the_other_agent_was_given_and_gave(kaizen_llm):
    script(kaizen_llm, "tea")
    _, step, _ = newsroom().write("History of tea").steps
    assert (step.tool, step.arguments, step.outcome, step.result) == ("reporter", {"topic": "tea"}, "ok", FACT)


def test_its_run_is_a_child_in_the_events(kaizen_llm):
    script(kaizen_llm, "tea")
    recorder = Recorder()
    newsroom({"observer": recorder}, {"observer": recorder}).write("History of tea")
    started = recorder.of_kind(RunStarted)
    assert (started["editor"].parent_run_id, started["reporter"].parent_run_id) == (None, started["editor"].run_id)


def test_each_agent_has_its_own_lane_in_the_journal(kaizen_llm):
    script(kaizen_llm, "tea", "milk")
    newsroom().write("History of tea")
    said = {agent: [len(shown(request)) for request in of(kaizen_llm, agent)] for agent in ("editor", "reporter")}
    assert said == {"editor": [1, 4], "reporter": [1, 1]}


# --- what goes wrong --------------------------------------------------------------------------------------------------


def test_a_fault_is_tried_again_by_the_agent_that_met_it_and_by_no_other(kaizen_llm):
    kaizen_llm.when(user="topic").fail("server_error").times(2)
    script(kaizen_llm, "tea")
    retry = {"retry": {"attempts": 3, "base": 0, "jitter": "none"}}
    result = newsroom(retry, retry).write("History of tea")
    assert (result["_attempts"], result.total.attempts, len(of(kaizen_llm, "editor"))) == (2, 5, 2)


def test_an_agent_that_fails_is_an_error_that_the_model_is_told(kaizen_llm):
    kaizen_llm.when(user="topic").fail("refusal")
    script(kaizen_llm, "tea")
    result = newsroom().write("History of tea")
    assert (result.outputs, result.steps[1].outcome) == (ARTICLE, "error")
    assert shown(of(kaizen_llm, "editor")[-1])[-1].content.startswith('{"error": "reporter failed: Refused:')


def test_an_agent_that_answers_badly_is_asked_again_by_itself_alone(kaizen_llm):
    kaizen_llm.when(user="topic").reply("no idea").times(1)
    script(kaizen_llm, "tea")
    newsroom().write("History of tea")
    assert (len(of(kaizen_llm, "reporter")), len(of(kaizen_llm, "editor"))) == (2, 2)


# --- deadline and budget ----------------------------------------------------------------------------------------------


@pytest.mark.kaizen_virtual
def test_it_ends_with_the_deadline_of_the_run_that_asked_it(kaizen_llm):
    kaizen_llm.when(user="topic").fail("hang")
    script(kaizen_llm, "tea")
    with pytest.raises(errors.RunTimeout):
        newsroom({"timeout": 20}).write("History of tea")
    assert kaizen_llm.clock.elapsed == 20


@pytest.mark.kaizen_virtual
def test_it_begins_no_wait_for_which_the_run_that_asked_it_has_no_time(kaizen_llm):
    kaizen_llm.when(user="topic").fail("rate_limit", retry_after=30)
    script(kaizen_llm, "tea")
    assert newsroom({"timeout": 20}, {"timeout": 60}).write("History of tea").outputs == ARTICLE
    assert (kaizen_llm.clock.elapsed, len(of(kaizen_llm, "reporter"))) == (0, 1)


@pytest.mark.kaizen_virtual
def test_its_own_timeout_ends_it_alone(kaizen_llm):
    kaizen_llm.when(user="topic").fail("hang")
    script(kaizen_llm, "tea")
    assert newsroom(reporter={"timeout": 5}).write("History of tea").outputs == ARTICLE
    assert kaizen_llm.clock.elapsed == 5


def test_it_spends_from_the_budget_of_the_run_that_asked_it(kaizen_llm):
    kaizen_llm.when(user="subject").steps([ask("tea"), ask("milk"), ARTICLE])
    kaizen_llm.when(user="topic").reply(FACT)
    with pytest.raises(errors.BudgetExceeded) as spent:
        newsroom({"budget": Budget(max_calls=3)}).write("History of tea")
    assert spent.value.limit == "max_calls"
    assert [request.agent_id for request in kaizen_llm.journal.requests] == ["editor", "reporter", "editor"]


def test_a_budget_that_both_have_counts_each_call_once(kaizen_llm):
    script(kaizen_llm, "tea")
    budget = Budget(max_calls=3, per="process")
    newsroom({"budget": budget}, {"budget": budget}).write("History of tea")
    assert budget.spent().calls == 3


def test_a_result_knows_what_the_others_cost_and_the_journal_agrees(kaizen_llm):
    script(kaizen_llm, "tea", "milk")
    recorder = Recorder()
    result = newsroom({"observer": recorder}, {"observer": recorder}).write("History of tea")
    billed = {agent: Usage() for agent in ("editor", "reporter")}
    for exchange in kaizen_llm.journal.exchanges:
        billed[exchange.agent_id] += exchange.usage
    assert result.metrics.usage == billed["editor"] == recorder.of_kind(RunEnded)["editor"].usage
    assert result.total.usage == billed["editor"] + billed["reporter"]
    attempts = [event for event in recorder.events if isinstance(event, AttemptEnded)]
    assert (result["_attempts"], result.total.attempts, len(attempts)) == (2, 4, 4)


# --- memory -----------------------------------------------------------------------------------------------------------


def test_each_remembers_its_own_part_of_a_session(kaizen_llm):
    script(kaizen_llm, "tea")
    agent = newsroom({"max_turns": 5}, {"max_turns": 5})
    for _ in range(2):
        agent.write("History of tea", session_id="s")
    assert shown(of(kaizen_llm, "reporter")[-1]) == [
        Message("user", "topic: tea"),
        Message("assistant", json.dumps(FACT)),
        Message("user", "topic: tea"),
    ]
    roles = [message.role for message in shown(of(kaizen_llm, "editor")[-1])]
    assert roles == ["user", "assistant", "tool", "assistant", "user", "assistant", "tool"]


def test_it_is_asked_in_the_session_of_the_run_that_asks(kaizen_llm):
    script(kaizen_llm, "tea")
    agent = newsroom(reporter={"max_turns": 5})
    for session in ("ann", "bob"):
        agent.write("History of tea", session_id=session)
    assert [(request.session_id, len(shown(request))) for request in of(kaizen_llm, "reporter")] == [
        ("ann", 1),
        ("bob", 1),
    ]


def test_agents_that_would_wait_for_each_others_memory_are_refused(kaizen_llm):
    script(kaizen_llm, "tea")
    memory = BufferMemory()
    reporter = ReporterAgent(memory=memory, agent_id="reporter")
    editor = EditorAgent(tools=[reporter.as_tool()], memory=memory, agent_id="editor")
    with pytest.raises(errors.UsageError, match="Give each of the two a memory of its own"):
        editor.write("History of tea", session_id="s")
    assert of(kaizen_llm, "reporter") == []


def test_sessions_of_several_agents_stay_apart(kaizen_llm):
    kaizen_llm.when(user="topic").reply(lambda request: {"fact": f"a fact for {request.session_id}"})
    kaizen_llm.when(tool_result="fact").reply(ARTICLE)
    kaizen_llm.when(user="subject").reply(lambda request: ask(request.messages[-1].content.split(": ")[1]))
    agent = newsroom({"max_turns": 5}, {"max_turns": 5})
    items = [{"subject": f"{who} {turn}", "session_id": who} for turn in range(3) for who in ("ann", "bob", "cy")]
    agent.run_batch(items, max_concurrency=9)
    kaizen_llm.assert_sessions_isolated()


def test_a_run_that_fails_in_the_end_is_forgotten_and_what_others_did_in_it_is_not(kaizen_llm):
    kaizen_llm.when(tool_result="Tea").fail("refusal")
    script(kaizen_llm, "tea")
    memories = BufferMemory(), BufferMemory()
    reporter = ReporterAgent(memory=memories[0], agent_id="reporter")
    editor = BaseAgent(signature=ArticleSignature, tools=[reporter.as_tool()], memory=memories[1])
    with pytest.raises(errors.Refused):
        editor.run(subject="History of tea", session_id="s")
    assert [len(memory) for memory in memories] == [1, 0]


# --- many -------------------------------------------------------------------------------------------------------------


@pytest.mark.kaizen_virtual
def test_agents_asked_in_one_reply_work_side_by_side(kaizen_llm):
    kaizen_llm.when(user="topic").reply(Reply(data=FACT, latency=5))
    kaizen_llm.when(user="subject").steps([ask("tea", "milk", "sugar"), ARTICLE])
    newsroom().write("History of tea")
    assert kaizen_llm.clock.elapsed == 5


def test_an_agent_may_have_agents_that_have_agents(kaizen_llm):
    desk = TravelAgent(Desk(), agent_id="desk")
    reporter = BaseAgent(signature=FactSignature, tools=[desk.as_tool()], agent_id="reporter")
    editor = BaseAgent(signature=ArticleSignature, tools=[reporter.as_tool()], agent_id="editor")
    kaizen_llm.when(user="subject").steps([ask("Lisbon"), ARTICLE])
    travel = {"name": "desk", "arguments": {"wish": "to see Lisbon"}}
    kaizen_llm.when(user="topic").steps([Reply(tool_calls=[travel]), FACT])
    weather = {"name": "weather", "arguments": {"city": "Lisbon"}}
    kaizen_llm.when(user="wish").steps([Reply(tool_calls=[weather]), {"answer": "Done.", "booked": False}])
    result = editor.run(subject="Lisbon")
    assert (result.outputs, result.total.attempts, desk.desk.asked) == (ARTICLE, 6, ["weather in Lisbon"])
    assert [step.get("tool") for step in result["_steps"]] == [None, "reporter", None]
    order = ["editor", "reporter", "desk", "desk", "reporter", "editor"]
    assert [request.agent_id for request in kaizen_llm.journal.requests] == order


@pytest.mark.asyncio
async def test_runs_of_several_agents_at_once_do_not_meet(kaizen_llm):
    script(kaizen_llm, "tea")
    agent = newsroom()
    results = await asyncio.gather(*(agent.run_async(subject=f"Tea {n}") for n in range(5)))
    assert [result.total.attempts for result in results] == [3] * 5


def test_agents_that_hand_a_question_round_in_a_circle_are_caught(kaizen_llm):
    class Hands:
        """The tools of an agent, filled when the others are there."""

        def __init__(self):
            self.known = []

        async def tools(self, run):
            return self.known

    hands = Hands()
    first = BaseAgent(signature=FactSignature, tools=[hands], agent_id="first")
    second = BaseAgent(signature=FactSignature, tools=[first.as_tool()], agent_id="second")
    hands.known.append(second.as_tool())
    kaizen_llm.when(tool="second").reply(Reply(tool_calls=[{"name": "second", "arguments": {"topic": "tea"}}])).times(2)
    kaizen_llm.when(tool="first").reply(Reply(tool_calls=[{"name": "first", "arguments": {"topic": "tea"}}])).times(2)
    kaizen_llm.otherwise(FACT)
    with pytest.raises(errors.HandOffCycle) as caught:
        first.run(topic="tea")
    assert (caught.value.path, len(kaizen_llm.journal.requests)) == (("first", "second", "first"), 2)


def test_an_agent_that_a_plain_function_asks_is_part_of_the_run_too(kaizen_llm):
    script(kaizen_llm, "tea")
    recorder = Recorder()
    asked = ReporterAgent({"observer": recorder}, agent_id="reporter")

    def reporter(topic: str) -> str:
        """Find one fact."""
        return asked.run(topic=topic)["fact"]

    result = EditorAgent({"observer": recorder}, tools=[reporter], agent_id="editor").write("History of tea")
    started = recorder.of_kind(RunStarted)
    assert (started["reporter"].parent_run_id, result.total.attempts) == (started["editor"].run_id, 3)


def test_an_agent_that_asks_another_in_its_strategy_knows_what_both_cost(kaizen_llm):
    reporter = ReporterAgent(agent_id="reporter")

    class Asks(Strategy):
        async def execute(self, signature, inputs, config):
            found = await reporter.run_async(topic=inputs["subject"])
            return await self.llm_call(signature, {"subject": found["fact"]}, config)

    kaizen_llm.when(user="topic").reply(FACT)
    kaizen_llm.when(user="subject").reply(ARTICLE)
    result = BaseAgent(signature=ArticleSignature, strategy=Asks).run(subject="tea")
    assert (result["_attempts"], result.total.attempts, result.steps) == (1, 2, ())
