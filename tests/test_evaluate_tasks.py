"""What can be evaluated, and what is refused."""

from __future__ import annotations

import asyncio
import functools
import pickle
import threading

import pytest
from evaluating import case, cases, failures, outcomes

from kaizen_eval import BaseAgent, FakeLLM, InputField, OutputField, Signature, virtual_time
from kaizen_eval.errors import ConfigError, DatasetError
from kaizen_eval.evals import Case, CaseTurn, Dataset, evaluate, evaluate_async
from kaizen_eval.evals.running.tasks import task_of


class Echo(Signature):
    """Say it again."""

    q: str = InputField()
    answer: str = OutputField()


class Echoing(BaseAgent):
    signature = Echo

    def __init__(self) -> None:
        super().__init__(provider=echoing())


def echoing() -> FakeLLM:
    return FakeLLM().otherwise(lambda request: {"answer": request.messages[-1].content.removeprefix("q: ")})


def an_agent() -> Echoing:
    return Echoing()


async def coroutine(q):
    await asyncio.sleep(1)
    return {"answer": q}


def plain(q):
    return {"answer": q}


def bare(q):
    return q


async def through_an_agent(q):
    return await Echoing().run_async(q=q)


def through_an_agent_in_a_thread(q):
    return Echoing().run(q=q)


class Callable:
    async def __call__(self, q):
        return {"answer": q}


KINDS = {
    "agent": Echoing(),
    "class of an agent": Echoing,
    "function that makes an agent": an_agent,
    "coroutine function": coroutine,
    "plain function": plain,
    "bare value": bare,
    "lambda that gives something to await": lambda q: coroutine(q),  # noqa: PLW0108 - it is what is tried
    "partial": functools.partial(lambda how, q: how(q), plain),
    "object": Callable(),
    "function that runs an agent": through_an_agent,
    "plain function that runs an agent": through_an_agent_in_a_thread,
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_task_may_be(kind):
    with virtual_time():
        assert outcomes(evaluate(cases(2), KINDS[kind])) == {"q0#1": "passed", "q1#1": "passed"}


def test_it_is_named_as_on_a_command_line():
    tasks = [Echoing(), Echoing, an_agent, plain, functools.partial(plain), Callable()]
    names = [evaluate([case()], task).manifest.task for task in tasks]
    assert names == [f"{__name__}:{name}" for name in ["Echoing", "Echoing", "an_agent", "plain", "plain", "Callable"]]


def test_a_plain_function_runs_in_a_thread_of_its_own():
    seen = set()

    def task(q):
        seen.add(threading.current_thread().name)

    evaluate([case()], task)
    assert seen == {"kaizen-eval task"}


def generator(q):
    yield q


async def async_generator(q):
    yield q


async def asks_nothing():
    return 1


class NeedsMore(BaseAgent):
    def __init__(self, key) -> None:
        super().__init__({"api_key": key})


IN_PARTS = "is a generator, whose outputs would come in parts: return them as a dict instead."
KNOWN = (
    "a task is an agent, its class, a function without arguments that makes one, or a function from inputs to outputs."
)


@pytest.mark.parametrize(
    ("task", "said"),
    [
        (5, f"5 is no task: {KNOWN}"),
        (asyncio, f"The module asyncio is no task; name what stands in it: {KNOWN}"),
        (Echo, f"The class {__name__}:Echo is no task; give BaseAgent(signature=…): {KNOWN}"),
        (lambda: 3, f"{__name__}:<lambda> takes no inputs, and what it makes is no agent but 3: {KNOWN}"),
        (asks_nothing, f"{__name__}:asks_nothing takes no inputs, so that a case has nothing to ask it: {KNOWN}"),
        (generator, f"{__name__}:generator {IN_PARTS}"),
        (async_generator, f"{__name__}:async_generator {IN_PARTS}"),
        (
            NeedsMore,
            (
                f"{__name__}:NeedsMore cannot be made without arguments: NeedsMore.__init__() missing 1 required "
                "positional argument: 'key'. Give an instance, or a function without arguments that makes one."
            ),
        ),
    ],
    ids=["number", "module", "signature", "no agent", "no inputs", "generator", "async generator", "arguments"],
)
def test_what_is_no_task_is_refused(task, said):
    with pytest.raises(ConfigError) as refused:
        evaluate([case()], task)
    assert str(refused.value) == said


def test_a_function_that_was_called_by_mistake_is_refused():
    with pytest.raises(ConfigError, match=r"What calling coroutine gave is no task; give the function itself"):
        evaluate([case()], coroutine("a"))


def test_inputs_that_a_function_does_not_take_are_refused_before_anything_runs():
    ran = []

    def task(question):
        ran.append(question)

    with pytest.raises(DatasetError) as refused:
        evaluate([case("a"), Case(id="b", inputs={"question": "?"})], task)
    name = f"{__name__}:test_inputs_that_a_function_does_not_take_are_refused_before_anything_runs.<locals>.task"
    said = f"1 case cannot be asked:\n  a: {name} takes no 'q'. It takes: question."
    assert (str(refused.value), ran) == (said, [])


def test_inputs_that_do_not_fit_the_agent_are_refused_before_anything_runs():
    llm = FakeLLM()
    with pytest.raises(DatasetError, match="dataset has 2 mistakes"):
        evaluate([Case(id=str(n), inputs={"q": n}) for n in (1, 2)], BaseAgent(signature=Echo, provider=llm))
    assert llm.requests == ()


def test_outputs_of_a_function_are_held_against_the_datasets_signature():
    dataset = Dataset([case("a", "a")], signature=Echo)
    said = (
        "Echo's outputs have 2 problems:\n- Echo has no output 'more'.\n- Echo's output 'answer' must be text (str), "
        "not 5 (int).\nIt gives: answer."
    )
    evaluation = evaluate(dataset, lambda q: {"answer": 5, "more": 1})
    assert (outcomes(evaluation), failures(evaluation)) == ({"a#1": "task_error"}, [("ReplyDoesNotFit", said)])


TURNS = [CaseTurn(inputs={"q": "one"}), CaseTurn(inputs={"q": "two"}, expected={"answer": "one two"})]


def test_turns_are_one_session():
    asked = []

    def task(q, session_id):
        asked.append((session_id, q))
        return {"answer": " ".join(q for _, q in asked)}

    evaluation = evaluate([Case(id="talk", turns=TURNS)], task)
    assert (outcomes(evaluation), asked) == ({"talk#1": "passed"}, [("talk#1", "one"), ("talk#1", "two")])


def test_an_agent_remembers_the_turns_of_a_case_and_those_of_no_other():
    llm = FakeLLM().otherwise({"answer": "one two"})
    agent = BaseAgent({"max_turns": 5}, signature=Echo, provider=llm)
    with virtual_time():
        evaluate([Case(id="a", turns=TURNS), Case(id="b", turns=TURNS)], agent, repeats=2)
    said = sorted((request.session_id, len(request.messages)) for request in llm.requests)
    assert said == [(f"{case}#{repeat}", count) for case in "ab" for repeat in (1, 2) for count in (2, 4)]
    llm.assert_sessions_isolated()


def test_turns_are_refused_where_the_task_could_not_tell_them_apart():
    with pytest.raises(DatasetError, match=r"has no argument session_id, by which it would know one turn from the"):
        evaluate([Case(id="talk", turns=TURNS)], plain)


def test_it_can_be_awaited_on_a_loop_of_ones_own():
    with virtual_time() as clock:
        evaluation = clock.run(evaluate_async(cases(3), coroutine, concurrency=2))
        assert (outcomes(evaluation), clock.elapsed) == ({f"q{n}#1": "passed" for n in range(3)}, 2.0)


def test_it_can_be_called_inside_of_a_running_loop():
    async def main():
        return evaluate([case("a", "a")], plain)

    assert outcomes(asyncio.run(main())) == {"a#1": "passed"}


@pytest.mark.parametrize("given", [Echoing, an_agent, coroutine, plain], ids=lambda given: given.__name__)
def test_what_has_a_name_can_be_sent_to_another_process(given):
    sent = pickle.loads(pickle.dumps(task_of(given)))  # noqa: S301 - it is our own
    with virtual_time() as clock:
        assert (sent.name, clock.run(sent.ask({"q": "a"}, None, "answer"))) == (task_of(given).name, {"answer": "a"})


def test_an_agent_by_itself_cannot():
    with pytest.raises(TypeError, match=r"The agent Echoing-\d+ cannot be sent to another process: evaluate its class"):
        pickle.dumps(task_of(Echoing()))
