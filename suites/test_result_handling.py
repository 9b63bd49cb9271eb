"""Result handling: what a result holds, and how an agent reads it."""

from __future__ import annotations

import pytest
from example_agents import ChatAgent, InsightAgent, MemoryConfig, QAAgent

from kaizen_eval.fake import Reply

TOKENS = {"prompt": 10, "completion": 5, "total": 15, "cached": 0, "reasoning": 0}
BILLED = {"prompt": 10, "completion": 5}


@pytest.mark.kaizen_virtual
def test_a_result_holds_the_outputs_and_what_they_cost(kaizen_llm):
    kaizen_llm.otherwise(Reply(data={"answer": "42"}, usage=BILLED, latency=0.25))
    assert QAAgent({"model": "gpt-4"}).ask("6 x 7?") == {
        "answer": "42",
        "_timing": 250.0,
        "_tokens": TOKENS,
        "_cost": 0.0006,
        "_attempts": 1,
        "_parse_tier": 1,
    }


@pytest.mark.kaizen_virtual
def test_with_memory_a_result_also_holds_its_session(kaizen_llm):
    kaizen_llm.otherwise(Reply(data={"reply": "hi"}, usage=BILLED))
    assert ChatAgent(MemoryConfig()).chat("Hello", session_id="user123") == {
        "reply": "hi",
        "_timing": 0.0,
        "_tokens": TOKENS,
        "_cost": 0.0006,
        "_attempts": 1,
        "_parse_tier": 1,
        "_session_id": "user123",
    }


def test_outputs_are_separate_from_what_they_cost(kaizen_llm):
    kaizen_llm.otherwise({"answer": "42"})
    result = QAAgent().ask("6 x 7?")
    assert (result.outputs, result.metrics.attempts) == ({"answer": "42"}, 1)


def test_an_agent_reads_directly_by_get_and_by_extraction(kaizen_llm):
    kaizen_llm.otherwise({"summary": "short", "confidence": 0.75, "keywords": ["a", "b"]})
    assert InsightAgent().process("a long text") == {
        "summary": "short",
        "confidence": 0.75,
        "keywords": ["a", "b"],
        "sources": ["none"],
    }


def test_outputs_with_defaults_are_there_when_the_model_left_them_out(kaizen_llm):
    kaizen_llm.otherwise({"summary": "short"})
    assert InsightAgent().run(data="x").outputs == {"summary": "short", "confidence": 0.5, "keywords": []}


def test_a_default_list_belongs_to_one_result_alone(kaizen_llm):
    kaizen_llm.otherwise({"summary": "short"})
    agent = InsightAgent()
    agent.run(data="x")["keywords"].append("mine")
    assert agent.run(data="x")["keywords"] == []


def test_extraction_gives_the_wished_type_or_the_default():
    agent = InsightAgent()
    result = {"n": 3.0, "tags": ("a",), "json": '{"a": 1}', "word": "many"}
    assert (
        agent.extract_int(result, "n"),
        agent.extract_list(result, "tags"),
        agent.extract_dict(result, "json"),
        agent.extract_int(result, "word", default=-1),
        agent.extract_str(result, "nothing", default="-"),
    ) == (3, ["a"], {"a": 1}, -1, "-")
