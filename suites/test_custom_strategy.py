"""Custom strategy: how a run asks is the agent's choice; what a run promises stays."""

from __future__ import annotations

import pytest
from example_agents import CalmAgent, CalmStrategy, QAAgent, QASignature

from kaizen_eval import BaseAgent, InputField, Signature, Strategy, errors
from kaizen_eval.strategies import AsyncSingleShotStrategy


class Draft(AsyncSingleShotStrategy):
    """Two calls: a draft, then an answer that has seen it."""

    async def execute(self, signature, inputs, config):
        draft = await self.llm_call(signature, inputs, config)
        return await self.llm_call(signature, {"question": f"{inputs['question']} Draft: {draft['answer']}"}, config)


class Returns(Strategy):
    """Asks nobody."""

    def __init__(self, outputs):
        self.outputs = outputs

    async def execute(self, signature, inputs, config):
        return self.outputs


def test_the_model_sees_the_preprocessed_input_and_the_caller_the_postprocessed_output(kaizen_llm):
    kaizen_llm.otherwise({"answer": "FORTY-TWO"})
    assert CalmAgent().ask("SIX TIMES SEVEN?").outputs == {"answer": "forty-two"}
    kaizen_llm.assert_asked(lambda text: text == "question: six times seven?")


def test_a_strategy_may_be_a_class_attribute(kaizen_llm):
    class Calm(QAAgent):
        strategy = CalmStrategy

    Calm().ask("WHY?")
    kaizen_llm.assert_asked("question: why?")


def test_a_single_shot_can_be_changed_before_and_after_its_call(kaizen_llm):
    class Loud(AsyncSingleShotStrategy):
        def preprocess(self, inputs):
            return {"question": inputs["question"].upper()}

        def postprocess(self, result):
            return {"answer": result["answer"] + "!"}

    kaizen_llm.otherwise({"answer": "yes"})
    assert QAAgent(strategy=Loud).ask("why?").outputs == {"answer": "yes!"}
    kaizen_llm.assert_asked(lambda text: text == "question: WHY?")


def test_a_strategy_that_changes_a_mutable_default_changes_it_for_its_own_run_alone(kaizen_llm):
    class Packing(Signature):
        things: list[str] = InputField(default=["map"])
        extras: list[str] = InputField(default_factory=list)

    class Stuffing(AsyncSingleShotStrategy):
        def preprocess(self, inputs):
            for bag in inputs.values():
                bag.append("stone")
            return inputs

    agent = BaseAgent(signature=Packing, strategy=Stuffing)
    agent.run()
    agent.run()
    assert [request.messages[-1].content for request in kaizen_llm.journal.requests] == [
        'things: ["map", "stone"]\nextras: ["stone"]'
    ] * 2


def test_memory_keeps_the_input_as_the_caller_gave_it(kaizen_llm):
    kaizen_llm.otherwise({"answer": "YES"})
    agent = QAAgent({"max_turns": 10}, strategy=CalmStrategy)
    for question in ("ONE?", "TWO?"):
        agent.run(question=question, session_id="s")
    texts = [message.content for message in kaizen_llm.journal.requests[-1].messages[1:]]
    assert texts == ["question: ONE?", '{"answer": "yes"}', "question: two?"]


def test_every_call_of_a_strategy_is_retried_and_counted(kaizen_llm):
    kaizen_llm.script(["no JSON", {"answer": "a"}])
    kaizen_llm.fail("server_error").times(1)
    kaizen_llm.otherwise({"answer": "b"})
    result = QAAgent(strategy=Draft).ask("Why?")
    assert (result["answer"], result["_attempts"], len(result.calls)) == ("b", 4, 3)
    kaizen_llm.assert_asked("question: Why? Draft: a")


def test_the_deadline_is_the_runs_and_not_each_calls(kaizen_llm):
    kaizen_llm.script([{"answer": "a"}])
    kaizen_llm.fail("hang")
    with pytest.raises(errors.RunTimeout):
        QAAgent({"timeout": 10}, strategy=Draft).ask("Why?")
    assert kaizen_llm.clock.elapsed == 10


@pytest.mark.parametrize("outputs", [{}, {"answer": ["yes"]}, {"answer": "yes", "mood": "good"}])
def test_what_a_strategy_returns_is_checked(kaizen_llm, outputs):
    with pytest.raises(errors.ReplyDoesNotFit):
        BaseAgent(signature=QASignature, strategy=Returns(outputs)).run(question="Why?")


def test_a_strategy_that_asks_nobody_costs_nothing(kaizen_llm):
    result = QAAgent(strategy=Returns({"answer": "yes"})).ask("Why?")
    assert (result["_attempts"], result["_tokens"]["total"], result["_cost"]) == (0, 0, 0.0)


def test_the_agent_refuses_what_is_no_strategy():
    with pytest.raises(errors.ConfigError, match="execute"):
        QAAgent(strategy="fast")
