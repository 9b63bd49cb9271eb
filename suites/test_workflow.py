"""Workflows with agents inside: what runs and in which order, what each node is given, and what becomes of failures."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ticket_desk import AnswerAgent, ClassifyAgent, SummaryAgent, triage

from kaizen_eval import Budget, errors
from kaizen_eval.events import NodeEnded, NodeSkipped, NodeStarted, RunStarted
from kaizen_eval.fake import Reply
from kaizen_eval.runtime.local import LocalRuntime
from kaizen_eval.workflow import WorkflowBuilder

TICKET = "I was charged twice."
MESSAGES = ["Where is my order?", "It came broken.", "Nobody answers."]
INPUTS = {"ticket": TICKET, "messages": MESSAGES}
ALONE = {"ticket": TICKET, "messages": []}


def script(llm, kind="billing", urgency=0.9, latency=0.0):
    """The desk finds this kind; every other agent answers in words that tell whom they are from."""
    llm.when(user="message:").reply(lambda request: Reply(data={"summary": last(request).upper()}, latency=latency))
    llm.when(user="role: cashier").reply(Reply(data={"answer": "You get it back."}, latency=latency))
    llm.when(user="role: engineer").reply(Reply(data={"answer": "Switch it off and on."}, latency=latency))
    llm.when(user="ticket:").reply(Reply(data={"kind": kind, "urgency": urgency}, latency=latency))


def last(request):
    return request.messages[-1].content.removeprefix("message: ")


def asked(llm):
    """How often each agent was asked."""
    return Counter(request.agent_id for request in llm.journal.requests)


class Recorder:
    """Keeps the events that it is told of."""

    def __init__(self):
        self.events = []

    def on_event(self, event):
        self.events.append(event)

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]


# --- order and branches -----------------------------------------------------------------------------------------------


def test_a_ticket_goes_to_its_desk_and_a_letter_is_made_of_all(kaizen_llm):
    script(kaizen_llm)
    results, _ = LocalRuntime().execute(triage().build(), INPUTS)
    assert results["letter"] == "\n".join(["You get it back.", *(f"- {message.upper()}" for message in MESSAGES)])
    assert asked(kaizen_llm) == {"classify": 1, "summarize": 3, "cashier": 1}


@pytest.mark.parametrize(
    ("kind", "urgency", "first"),
    [
        ("billing", 0.9, "You get it back."),
        ("technical", 0.9, "Switch it off and on."),
        ("technical", 0.2, "We will write to you."),
        ("other", 0.9, "We will write to you."),
    ],
)
def test_conditions_decide_who_is_asked(kaizen_llm, kind, urgency, first):
    script(kaizen_llm, kind, urgency)
    results, _ = LocalRuntime().execute(triage().build(), ALONE)
    assert results["letter"] == first


def test_nobody_asks_an_agent_that_was_skipped_and_the_results_say_why(kaizen_llm):
    script(kaizen_llm, "technical")
    results, _ = LocalRuntime().execute(triage().build(), INPUTS)
    assert ("cashier" in results, asked(kaizen_llm)["cashier"]) == (False, 0)
    assert list(results.skipped) == ["cashier"]
    assert "{{classify.kind}} == 'billing'" in results.skipped["cashier"]


def test_what_needs_a_skipped_node_is_skipped_too(kaizen_llm):
    script(kaizen_llm, "other")
    flow = triage().add_node(len, "length", {"obj": "{{cashier.answer}}"})
    results, _ = LocalRuntime().execute(flow.build(), INPUTS)
    assert list(results.skipped) == ["cashier", "engineer", "length"]


def test_a_condition_may_be_a_function_of_the_result(kaizen_llm):
    script(kaizen_llm)
    flow = WorkflowBuilder().add_node(ClassifyAgent(), "classify")
    flow.add_node(str.upper, "alarm", {"self": "help"})
    flow.connect("classify", "alarm", when=lambda result: result["urgency"] > 0.95)
    results, _ = LocalRuntime().execute(flow.build(), {"ticket": TICKET})
    assert (list(results), list(results.skipped)) == (["classify"], ["alarm"])


# --- what nodes are given ---------------------------------------------------------------------------------------------


def test_an_agent_takes_from_the_inputs_what_nothing_else_fills(kaizen_llm):
    script(kaizen_llm)
    LocalRuntime().execute(triage().build(), INPUTS)
    (cashier,) = (request for request in kaizen_llm.journal.requests if request.agent_id == "cashier")
    assert cashier.messages[-1].content == f"ticket: {TICKET}\nrole: cashier"


def test_a_whole_value_keeps_its_type_and_in_a_text_it_is_written(kaizen_llm):
    script(kaizen_llm)
    seen = []
    flow = WorkflowBuilder().add_node(ClassifyAgent(), "classify")
    flow.add_node(
        lambda urgency, text: seen.append((urgency, text)),
        "look",
        {"urgency": "{{classify.urgency}}", "text": "{{classify.kind}} at {{classify.urgency}}: {{inputs.ticket}}"},
    )
    LocalRuntime().execute(flow.build(), {"ticket": TICKET})
    assert seen == [(0.9, f"billing at 0.9: {TICKET}")]


def test_a_field_of_a_result_goes_to_the_input_that_its_edge_names(kaizen_llm):
    script(kaizen_llm)
    flow = WorkflowBuilder().add_node(ClassifyAgent(), "classify")
    flow.add_node(lambda desk, how: f"{desk}: {how}", "note", {"how": "by hand"})
    flow.connect("classify", "note", {"kind": "desk"})
    assert LocalRuntime().execute(flow.build(), {"ticket": TICKET}).results["note"] == "billing: by hand"


def test_what_is_missing_is_told_before_anybody_is_asked(kaizen_llm):
    script(kaizen_llm)
    with pytest.raises(errors.InputError) as refused:
        LocalRuntime().execute(triage().build(), {"tiket": TICKET})
    assert all(word in str(refused.value) for word in ("ticket", "messages"))
    kaizen_llm.assert_calls(0)


def test_what_cannot_work_is_told_all_at_once_before_anybody_is_asked(kaizen_llm):
    flow = triage().add_node("Archive", "archive", {"text": "{{leter.output}}"}).connect("letter", "classify")
    with pytest.raises(errors.WorkflowError) as refused:
        flow.build()
    assert [word in str(refused.value) for word in ("'Archive'", "'letter'", "classify")] == [True] * 3
    kaizen_llm.assert_calls(0)


# --- side by side -----------------------------------------------------------------------------------------------------


@pytest.mark.kaizen_virtual
def test_what_does_not_depend_on_each_other_runs_side_by_side(kaizen_llm):
    script(kaizen_llm, latency=10)
    LocalRuntime().execute(triage().build(), {"ticket": TICKET, "messages": MESSAGES[:2]})
    assert kaizen_llm.clock.elapsed == 20


@pytest.mark.kaizen_virtual
@pytest.mark.parametrize(("concurrency", "seconds"), [(1, 30), (2, 20), (3, 10), (50, 10)])
def test_as_many_items_at_a_time_as_the_node_may(kaizen_llm, concurrency, seconds):
    script(kaizen_llm, latency=10)
    flow = WorkflowBuilder().add_node(
        SummaryAgent(), "summaries", {"message": "{{item}}"}, each="{{inputs.messages}}", concurrency=concurrency
    )
    results, _ = LocalRuntime().execute(flow.build(), {"messages": MESSAGES})
    assert [result["summary"] for result in results["summaries"]] == [message.upper() for message in MESSAGES]
    assert kaizen_llm.clock.elapsed == seconds


def test_no_items_are_no_runs(kaizen_llm):
    script(kaizen_llm)
    results, _ = LocalRuntime().execute(triage().build(), ALONE)
    assert (results["summaries"], asked(kaizen_llm)["summarize"]) == ([], 0)


# --- what goes wrong --------------------------------------------------------------------------------------------------


def test_a_failing_node_is_named_and_what_had_finished_can_be_read(kaizen_llm):
    kaizen_llm.when(user="role: cashier").fail("refusal")
    script(kaizen_llm)
    with pytest.raises(errors.NodeFailed) as failed:
        LocalRuntime().execute(triage().build(), ALONE)
    error = failed.value
    assert (error.node, type(error.__cause__), sorted(error.results)) == (
        "cashier",
        errors.Refused,
        ["classify", "summaries"],
    )
    assert "cashier" in str(error)


@pytest.mark.kaizen_virtual
def test_a_failing_node_ends_what_runs_beside_it(kaizen_llm):
    kaizen_llm.when(user="message:").fail("hang")
    kaizen_llm.when(user="ticket:").fail("refusal", latency=5)
    with pytest.raises(errors.NodeFailed, match="classify"):
        LocalRuntime().execute(triage({"timeout": 1000}).build(), INPUTS)
    assert kaizen_llm.clock.elapsed == 5


def test_an_agent_of_a_workflow_tries_again_by_itself(kaizen_llm):
    kaizen_llm.when(user="role: cashier").fail("server_error").times(2)
    script(kaizen_llm)
    results, _ = LocalRuntime().execute(triage({"retry": {"base": 0, "jitter": "none"}}).build(), INPUTS)
    assert (results["cashier"]["_attempts"], asked(kaizen_llm)["classify"]) == (3, 1)


def test_a_node_that_may_is_tried_again_as_a_whole(kaizen_llm):
    kaizen_llm.when(user="ticket:").reply("no idea").times(2)
    script(kaizen_llm)
    retry = {"attempts": 2, "base": 0, "jitter": "none"}
    flow = WorkflowBuilder().add_node(ClassifyAgent({"model": "gpt-4"}), "classify", retry=retry)
    results, _ = LocalRuntime().execute(flow.build(), {"ticket": TICKET})
    assert (results["classify"]["kind"], len(kaizen_llm.journal.requests)) == ("billing", 3)


@pytest.mark.kaizen_virtual
def test_before_the_next_try_of_a_node_is_waited_as_long_as_the_provider_asks(kaizen_llm):
    kaizen_llm.fail("rate_limit", retry_after=40).times(1)
    script(kaizen_llm)
    agent = ClassifyAgent({"retries": 0})
    flow = WorkflowBuilder().add_node(agent, "classify", retry={"attempts": 2, "base": 1, "jitter": "none"})
    LocalRuntime().execute(flow.build(), {"ticket": TICKET})
    assert kaizen_llm.clock.elapsed == 40


@pytest.mark.kaizen_virtual
def test_a_node_ends_with_its_own_timeout(kaizen_llm):
    kaizen_llm.when(user="ticket:").fail("hang")
    flow = WorkflowBuilder().add_node(ClassifyAgent(), "classify", timeout=7)
    with pytest.raises(errors.NodeTimeout) as late:
        LocalRuntime().execute(flow.build(), {"ticket": TICKET})
    assert (late.value.node, kaizen_llm.clock.elapsed) == ("classify", 7)


@pytest.mark.kaizen_virtual
def test_all_end_with_the_deadline_of_the_workflow(kaizen_llm):
    kaizen_llm.when(user="message:").fail("hang")
    script(kaizen_llm, latency=4)
    with pytest.raises(errors.WorkflowTimeout) as late:
        LocalRuntime(timeout=20).execute(triage({"timeout": 1000}).build(), INPUTS)
    assert (sorted(late.value.results), kaizen_llm.clock.elapsed) == (["cashier", "classify"], 20)


@pytest.mark.kaizen_virtual
def test_no_wait_is_begun_for_which_the_workflow_has_no_time(kaizen_llm):
    kaizen_llm.when(user="ticket:").fail("rate_limit", retry_after=30)
    flow = WorkflowBuilder().add_node(ClassifyAgent({"timeout": 1000}), "classify")
    with pytest.raises((errors.NodeFailed, errors.WorkflowTimeout)):
        LocalRuntime(timeout=20).execute(flow.build(), {"ticket": TICKET})
    assert kaizen_llm.clock.elapsed == 0


def test_all_spend_from_the_budget_of_the_workflow(kaizen_llm):
    script(kaizen_llm)
    with pytest.raises(errors.BudgetExceeded) as spent:
        LocalRuntime(budget=Budget(max_calls=1)).execute(triage().build(), ALONE)
    assert (spent.value.limit, spent.value.node, sorted(spent.value.results)) == (
        "max_calls",
        "cashier",
        ["classify", "summaries"],
    )
    kaizen_llm.assert_calls(1)


@pytest.mark.kaizen_virtual
def test_cancelling_the_caller_cancels_every_agent(kaizen_llm):
    kaizen_llm.fail("hang")

    async def impatient():
        async with asyncio.timeout(3):
            await LocalRuntime().execute_async(triage({"timeout": 1000}).build(), INPUTS)

    with pytest.raises(TimeoutError):
        kaizen_llm.clock.run(impatient())
    assert (kaizen_llm.clock.elapsed, {exchange.outcome for exchange in kaizen_llm.journal.exchanges}) == (3, {"hang"})


# --- going on ---------------------------------------------------------------------------------------------------------


def test_what_had_finished_is_not_asked_again(kaizen_llm, tmp_path):
    kaizen_llm.when(user="role: cashier").fail("refusal").times(1)
    script(kaizen_llm)
    runtime = LocalRuntime(checkpoints=tmp_path / "runs.db")
    workflow = triage().build()
    with pytest.raises(errors.NodeFailed) as failed:
        runtime.execute(workflow, INPUTS)
    results, run_id = runtime.execute(workflow, INPUTS)
    assert (run_id, results["letter"].splitlines()[0]) == (failed.value.run_id, "You get it back.")
    assert {agent: asked(kaizen_llm)[agent] for agent in ("classify", "cashier")} == {"classify": 1, "cashier": 2}


def test_a_finished_run_is_told_again_and_nobody_is_asked(kaizen_llm, tmp_path):
    script(kaizen_llm)
    runtime = LocalRuntime(checkpoints=tmp_path / "runs.db")
    results, run_id = runtime.execute(triage().build(), INPUTS)
    again = runtime.execute(triage().build(), INPUTS, run_id=run_id)
    assert again == (results, run_id)
    kaizen_llm.assert_calls(5)


# --- workflows inside -------------------------------------------------------------------------------------------------


def test_a_workflow_is_a_node_of_another(kaizen_llm):
    script(kaizen_llm)
    outer = WorkflowBuilder("outer").add_subworkflow("desk", triage().build())
    outer.add_node(str.upper, "loud", {"self": "{{desk.output}}"})
    results, _ = LocalRuntime().execute(outer.build(), ALONE)
    assert results == {"desk": "You get it back.", "loud": "YOU GET IT BACK."}


def test_an_agent_is_a_workflow_of_one_node(kaizen_llm):
    script(kaizen_llm)
    agent = AnswerAgent({"model": "gpt-4"})
    results, _ = LocalRuntime().execute(agent.to_workflow().build(), {"ticket": TICKET, "role": "cashier"})
    assert {node: result.outputs for node, result in results.items()} == {"agent": {"answer": "You get it back."}}


def test_a_failing_node_of_a_workflow_inside_is_named_with_those_around_it(kaizen_llm):
    kaizen_llm.when(user="role: cashier").fail("refusal")
    script(kaizen_llm)
    outer = WorkflowBuilder("outer").add_subworkflow("desk", triage().build())
    with pytest.raises(errors.NodeFailed) as failed:
        LocalRuntime().execute(outer.build(), ALONE)
    assert failed.value.node == "desk/cashier"


# --- events and figures -----------------------------------------------------------------------------------------------


def test_the_runs_of_all_agents_are_children_of_the_workflow(kaizen_llm):
    script(kaizen_llm)
    recorder = Recorder()
    _, run_id = LocalRuntime(observer=recorder).execute(triage({"observer": recorder}).build(), ALONE)
    parents = {event.agent_id: event.parent_run_id for event in recorder.of(RunStarted)}
    assert {agent: parent == run_id for agent, parent in parents.items() if agent in {"classify", "cashier"}} == {
        "classify": True,
        "cashier": True,
    }


def test_the_observer_is_told_which_nodes_began_ended_and_were_skipped(kaizen_llm):
    script(kaizen_llm)
    recorder = Recorder()
    LocalRuntime(observer=recorder).execute(triage().build(), ALONE)
    told = {kind.__name__: sorted(event.node for event in recorder.of(kind)) for kind in (NodeStarted, NodeEnded)}
    ran = ["cashier", "classify", "letter", "summaries"]
    assert told == {"NodeStarted": ran, "NodeEnded": ran}
    assert [event.node for event in recorder.of(NodeSkipped)] == ["engineer"]


def test_what_the_workflow_cost_is_what_its_agents_were_billed(kaizen_llm):
    script(kaizen_llm)
    recorder = Recorder()
    results, _ = LocalRuntime(observer=recorder).execute(triage().build(), INPUTS)
    billed = sum(exchange.usage.total for exchange in kaizen_llm.journal.exchanges)
    assert (results.metrics.usage.total, results.metrics.attempts) == (billed, 5)


# --- any graph --------------------------------------------------------------------------------------------------------


@st.composite
def graphs(draw):
    """The nodes that each of up to twelve nodes needs, all of them earlier ones; and an order to build them in."""
    count = draw(st.integers(1, 12))
    needs = {
        f"n{number}": draw(st.sets(st.sampled_from([f"n{earlier}" for earlier in range(number)]))) if number else set()
        for number in range(count)
    }
    return needs, draw(st.permutations(list(needs)))


def built(graph, node):
    needs, order = graph
    flow = WorkflowBuilder()
    for name in order:
        flow.add_node(node, name, {"topic": name})
        for need in sorted(needs[name]):
            flow.connect(need, name, {})
    return flow.build()


@given(graph=graphs())
@settings(deadline=None)  # the first example loads what later ones use
def test_each_node_runs_once_after_all_that_it_needs_whatever_the_order_of_building(graph):
    ended = []

    async def node(topic):
        assert graph[0][topic] <= set(ended)
        await asyncio.sleep(0)
        ended.append(topic)
        return topic

    results, _ = LocalRuntime().execute(built(graph, node))
    assert (sorted(ended), results) == (sorted(graph[0]), {name: name for name in graph[0]})
