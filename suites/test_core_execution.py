"""Core execution pattern: a method of the agent calls `run`, and the run does the rest."""

from __future__ import annotations

from example_agents import ChatAgent, InsightAgent, MemoryConfig, QAAgent

from kaizen_eval.messages import Message
from kaizen_eval.strategies import AsyncSingleShotStrategy


def test_a_method_that_calls_run_returns_what_the_model_answered(kaizen_llm):
    kaizen_llm.when(user="6 x 7").reply({"answer": "42"})
    assert QAAgent().ask("What is 6 x 7?").outputs == {"answer": "42"}


def test_the_model_is_shown_the_instructions_the_fields_and_the_input(kaizen_llm):
    QAAgent().ask("What is 6 x 7?")
    (request,) = kaizen_llm.journal.requests
    system = (
        "Answer in one sentence.\n\n"
        "You are given:\n- question: What somebody wants to know\n\n"
        "Answer with:\n- answer: One sentence\n\n"
        "Reply with one JSON object."
    )
    assert request.messages == (Message("system", system), Message("user", "question: What is 6 x 7?"))


def test_one_run_is_one_call_and_one_attempt(kaizen_llm):
    QAAgent().ask("What is 6 x 7?")
    kaizen_llm.assert_calls(1)
    kaizen_llm.assert_outcomes("reply")


def test_the_settings_of_the_config_reach_the_request(kaizen_llm):
    QAAgent({"model": "gpt-4", "temperature": 0.25, "max_tokens": 64, "seed": 7}).ask("Why?")
    (request,) = kaizen_llm.journal.requests
    assert (request.model, request.temperature, request.max_tokens, request.seed) == ("gpt-4", 0.25, 64, 7)


def test_settings_that_were_not_made_are_not_sent(kaizen_llm):
    QAAgent({"model": "gpt-4"}).ask("Why?")
    (request,) = kaizen_llm.journal.requests
    assert (request.temperature, request.top_p, request.max_tokens, request.seed, request.stop) == (
        None,
        None,
        None,
        None,
        (),
    )


def test_a_production_config_needs_no_key_here(kaizen_llm):
    ChatAgent(MemoryConfig()).chat("Hello", session_id="s")
    assert [request.model for request in kaizen_llm.journal.requests] == ["gpt-4"]


def test_runs_of_one_agent_do_not_disturb_each_other(kaizen_llm):
    kaizen_llm.otherwise(lambda request: {"answer": request.messages[-1].content})
    agent = QAAgent()
    assert [agent.ask(question)["answer"] for question in "ab"] == ["question: a", "question: b"]


def test_a_single_shot_is_the_strategy_unless_another_is_chosen():
    assert type(InsightAgent().strategy) is AsyncSingleShotStrategy
