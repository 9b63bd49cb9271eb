"""Critical rules: what one loses by not calling `run`, and what one may never assume."""

from __future__ import annotations

import pytest
from example_agents import ChatAgent, InsightAgent, MemoryConfig, QAAgent

from kaizen_eval import BaseAgent, errors


@pytest.mark.asyncio
async def test_a_strategy_executed_by_itself_has_no_session_and_no_figures(kaizen_llm):
    agent = ChatAgent(MemoryConfig())
    await agent.run_async("s", message="I am Alice")
    outputs = await agent.strategy.execute(agent.signature, {"message": "Who am I?"}, agent.config)
    assert (list(outputs), kaizen_llm.journal.requests[-1].session_id) == (["reply"], None)
    kaizen_llm.assert_asked(lambda text: text == "message: Who am I?")


def test_inputs_must_be_named_as_the_signature_names_them(kaizen_llm):
    with pytest.raises(errors.InputError, match="question"):
        QAAgent().run(query="Why?")
    kaizen_llm.assert_attempts(0)


def test_only_declared_outputs_may_be_counted_on(kaizen_llm):
    kaizen_llm.otherwise({"summary": "short", "mood": "good"})
    result = InsightAgent().run(data="x")
    assert (result.get("mood"), sorted(result.outputs)) == (None, ["confidence", "keywords", "summary"])


def test_no_run_fails_quietly(kaizen_llm):
    kaizen_llm.fail("server_error")
    with pytest.raises(errors.RunError):
        QAAgent().ask("Why?")


def test_one_session_id_is_one_conversation(kaizen_llm):
    agent = ChatAgent(MemoryConfig())
    agent.conversation(["a", "b"], session_id="s")
    agent.conversation(["c"], session_id="t")
    assert [len(request.messages) for request in kaizen_llm.journal.requests] == [2, 4, 2]


@pytest.mark.parametrize(
    ("setting", "hint"), [({"modle": "gpt-4"}, "model"), ({"timeout": -1}, "timeout"), ({"max_turns": 0}, "max_turns")]
)
def test_a_setting_that_cannot_work_is_refused_when_the_agent_is_made(setting, hint):
    with pytest.raises(errors.ConfigError, match=hint):
        BaseAgent(setting)


def test_fields_of_ones_own_config_stay_readable(kaizen_llm):
    class Settings:
        model = "gpt-4"
        tone = "warm"

    agent = QAAgent(Settings())
    agent.ask("Why?")
    assert (agent.config.tone, kaizen_llm.journal.requests[0].model) == ("warm", "gpt-4")
