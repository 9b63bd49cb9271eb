"""RefineStrategy: draft, critique, revision."""

from __future__ import annotations

import pytest

from kaizen_eval import BaseAgent, FakeLLM, InputField, OutputField, RefineStrategy, Signature, virtual_time
from kaizen_eval.errors import ConfigError, RateLimited, ReplyDoesNotFit
from kaizen_eval.fake import Reply

WORSE = {"is_good": False, "critique": "Say why."}
GOOD = {"is_good": True, "critique": ""}


class QA(Signature):
    """Answer the question."""

    question: str = InputField()
    answer: str = OutputField()


def run(llm, strategy, **config):
    with virtual_time():
        return BaseAgent(config, provider=llm, signature=QA, strategy=strategy).run(question="Why?")


def answers(*texts):
    return [{"answer": text} for text in texts]


def test_a_draft_that_the_critic_finds_good_stays():
    llm = FakeLLM().script([*answers("Because."), GOOD])
    assert run(llm, RefineStrategy(rounds=3)).outputs == {"answer": "Because."}
    llm.assert_attempts(2)


def test_a_draft_is_revised_by_what_the_critic_said():
    llm = FakeLLM().script([*answers("Because."), WORSE, *answers("Because it is so.")])
    assert run(llm, RefineStrategy()).outputs == {"answer": "Because it is so."}
    assert [(message.role, message.content) for message in llm.requests[-1].messages[1:]] == [
        ("user", "question: Why?"),
        ("assistant", '{"answer": "Because."}'),
        ("user", "Revise your answer. What must change:\nSay why."),
    ]


def test_the_critic_is_shown_the_task_the_inputs_and_the_answer_as_it_is_now():
    llm = FakeLLM().script([*answers("one"), WORSE, *answers("two"), GOOD])
    run(llm, RefineStrategy(rounds=2))
    shown = [request.messages[-1].content for request in llm.requests]
    assert shown[3] == 'task: Answer the question.\ngiven: {"question": "Why?"}\ndraft: {"answer": "two"}'


@pytest.mark.parametrize("rounds", [1, 2, 5])
def test_there_are_no_more_calls_than_the_rounds_allow(rounds):
    llm = FakeLLM().script([*answers("0"), *(reply for n in range(rounds) for reply in (WORSE, *answers(str(n + 1))))])
    assert run(llm, RefineStrategy(rounds=rounds)).outputs == {"answer": str(rounds)}
    llm.assert_attempts(1 + 2 * rounds)


def test_the_critic_may_be_another_model():
    llm = FakeLLM().script([*answers("a"), WORSE, *answers("b")])
    run(llm, RefineStrategy(critic="strict"), model="writer")
    assert [request.model for request in llm.requests] == ["writer", "strict", "writer"]


def test_a_call_that_fails_fails_the_run():
    llm = FakeLLM().script(answers("a"))
    llm.fail("rate_limit")
    with pytest.raises(RateLimited):
        run(llm, RefineStrategy(), retries=0)


def test_a_revision_that_does_not_fit_is_asked_for_again():
    llm = FakeLLM().script([*answers("a"), WORSE, "…", *answers("b")])
    assert run(llm, RefineStrategy(), output_retries=1).outputs == {"answer": "b"}


def test_a_revision_that_never_fits_fails_the_run_and_the_draft_is_no_answer():
    llm = FakeLLM().script([*answers("a"), WORSE, "…"])
    with pytest.raises(ReplyDoesNotFit):
        run(llm, RefineStrategy(), output_retries=0)


def test_the_session_remembers_the_last_answer_alone():
    llm = FakeLLM().script([*answers("a"), WORSE, *answers("b"), *answers("c"), GOOD])
    with virtual_time():
        agent = BaseAgent({"max_turns": 5}, provider=llm, signature=QA, strategy=RefineStrategy)
        agent.run("s", question="Why?")
        agent.run("s", question="And?")
    said = [message.content for message in llm.requests[3].messages[1:]]
    assert said == ["question: Why?", '{"answer": "b"}', "question: And?"]


def test_what_the_run_cost_is_the_sum_of_all_calls():
    usage = {"prompt": 10, "completion": 1}
    replies = [Reply(data=data, usage=usage) for data in (*answers("a"), WORSE, *answers("b"))]
    assert run(FakeLLM().script(replies), RefineStrategy())["_tokens"]["total"] == 33


def test_an_agent_without_a_signature_is_refined_too():
    llm = FakeLLM().script(["Because.", WORSE, "Because it is so."])
    with virtual_time():
        result = BaseAgent(provider=llm, strategy=RefineStrategy).run(question="Why?")
    assert result.outputs == {"response": "Because it is so."}


def test_without_a_run_around_it_the_strategy_works_by_itself():
    llm = FakeLLM().script([*answers("a"), WORSE, *answers("b")])
    agent = BaseAgent(provider=llm, signature=QA, strategy=RefineStrategy())
    with virtual_time() as clock:
        assert clock.run(agent.strategy.execute(QA, {"question": "Why?"}, agent.config)) == {"answer": "b"}


@pytest.mark.parametrize(
    ("arguments", "text"),
    [({"rounds": 0}, "rounds must be at least 1, not 0."), ({"critic": 3}, "critic must be text, not 3.")],
)
def test_arguments_that_cannot_work_are_refused(arguments, text):
    with pytest.raises(ConfigError) as caught:
        RefineStrategy(**arguments)
    assert str(caught.value) == text
