"""FallbackStrategy: the first way that succeeds."""

from __future__ import annotations

import pytest

from kaizen_eval import (
    AsyncSingleShotStrategy,
    BaseAgent,
    FakeLLM,
    FallbackStrategy,
    InputField,
    OutputField,
    RunResult,
    SelfConsistencyStrategy,
    Signature,
    ToolLoopStrategy,
    virtual_time,
)
from kaizen_eval.errors import (
    AuthenticationFailed,
    ConfigError,
    ConnectionLost,
    RateLimited,
    ReplyDoesNotFit,
    RunTimeout,
)
from kaizen_eval.fake import Generated, Latency, Reply, StreamCut
from kaizen_eval.streamed import Restarted


class QA(Signature):
    """Answer the question."""

    question: str = InputField()
    answer: str = OutputField()


def fake():
    """Of its models, "busy" is never free, "mute" makes no sense, and every other one answers with its name."""
    llm = FakeLLM()
    llm.when(model="busy").fail("rate_limit")
    llm.when(model="mute").reply("…")
    llm.otherwise(lambda request: {"answer": request.model})
    return llm


def agent(llm, strategy, **config):
    return BaseAgent({"model": "busy", "retries": 0, **config}, provider=llm, signature=QA, strategy=strategy)


def run(llm, strategy, **config):
    with virtual_time():
        return agent(llm, strategy, **config).run(question="Why?")


def models(llm):
    return [request.model for request in llm.requests]


def test_the_next_model_is_asked_when_the_first_fails():
    llm = fake()
    assert run(llm, FallbackStrategy("spare"))["answer"] == "spare"
    assert models(llm) == ["busy", "spare"]


def test_no_other_model_is_asked_when_the_first_succeeds():
    llm = fake()
    run(llm, FallbackStrategy("spare"), model="fine")
    assert models(llm) == ["fine"]


def test_each_way_has_all_its_attempts():
    llm = fake()
    run(llm, FallbackStrategy("spare"), retries=2)
    assert models(llm) == ["busy", "busy", "busy", "spare"]


def test_a_reply_that_does_not_fit_is_a_failure_too():
    llm = fake()
    assert run(llm, FallbackStrategy("spare"), model="mute", output_retries=0)["answer"] == "spare"


def test_only_the_errors_that_were_chosen_lead_to_the_next_way():
    llm = fake()
    with pytest.raises(RateLimited):
        run(llm, FallbackStrategy("spare", on=(ReplyDoesNotFit,)))
    assert models(llm) == ["busy"]


def test_the_last_failure_is_raised_and_tells_of_those_before_it():
    llm = fake()
    llm.otherwise("{}")
    with pytest.raises(ReplyDoesNotFit) as caught:
        run(llm, FallbackStrategy("mute", "spare"), output_retries=0)
    assert [note.partition(" failed: ")[0] for note in caught.value.__notes__ if note.startswith("Before it")] == [
        "Before it, AsyncSingleShotStrategy with busy",
        "Before it, AsyncSingleShotStrategy with mute",
    ]
    assert "RateLimited: The provider answered 429 (rate_limit_exceeded)" in caught.value.__notes__[-2]


def test_an_alternative_may_be_settings():
    llm = fake()
    run(llm, FallbackStrategy({"model": "spare", "temperature": 0.2}))
    assert (llm.requests[-1].model, llm.requests[-1].temperature) == ("spare", 0.2)


def test_an_alternative_may_have_a_provider_of_its_own():
    other = FakeLLM().script([{"answer": "from elsewhere"}])
    assert run(fake(), FallbackStrategy({"model": "spare", "provider": other}))["answer"] == "from elsewhere"


def test_an_alternative_may_be_another_strategy():
    llm = FakeLLM().script(["…", {"answer": "no"}, {"answer": "yes"}, {"answer": "yes"}])
    assert run(llm, FallbackStrategy(SelfConsistencyStrategy(3)), output_retries=0)["answer"] == "yes"


def test_all_ways_share_the_deadline_of_the_run():
    llm = FakeLLM()
    llm.when(model="busy").fail("server_error", latency=4)
    llm.otherwise(Generated(latency=Latency(first=4)))
    with pytest.raises(RunTimeout):
        run(llm, FallbackStrategy("spare"), timeout=6)
    assert models(llm) == ["busy", "spare"]


def test_the_deadline_is_shared_also_without_a_run_around_it():
    llm = FakeLLM()
    llm.when(model="busy").fail("server_error", latency=4)
    llm.otherwise(Generated(latency=Latency(first=4)))
    asking = agent(llm, FallbackStrategy("spare"), timeout=6)
    with virtual_time() as clock, pytest.raises(RunTimeout):
        clock.run(asking.strategy.execute(QA, {"question": "Why?"}, asking.config))


def test_the_deadline_leads_to_no_other_way_whatever_was_chosen():
    llm = FakeLLM(latency=10)
    with pytest.raises(RunTimeout):
        run(llm, FallbackStrategy("spare", on=(Exception,)), timeout=5)
    assert models(llm) == ["busy"]


def test_what_the_run_cost_is_the_sum_of_all_ways():
    llm = FakeLLM()
    usage = {"prompt": 10, "completion": 1}
    llm.script([Reply("…", usage=usage), Reply(data={"answer": "a"}, usage=usage)])
    assert run(llm, FallbackStrategy("spare"), output_retries=0)["_tokens"]["total"] == 22


def test_tools_that_a_failed_way_called_are_not_in_the_sessions_memory():
    llm = FakeLLM()
    llm.script([Reply(tool_calls=[{"name": "look", "arguments": {}}]), "…", {"answer": "a"}, {"answer": "b"}])

    def look() -> str:
        """Look."""
        return "nothing"

    strategy = FallbackStrategy(AsyncSingleShotStrategy(), first=ToolLoopStrategy())
    with virtual_time():
        asking = BaseAgent(
            {"max_turns": 5, "output_retries": 0}, provider=llm, signature=QA, tools=[look], strategy=strategy
        )
        asking.run("s", question="Why?")
        asking.run("s", question="And?")
    assert [message.role for message in llm.requests[-1].messages] == ["system", "user", "assistant", "user"]


# --- streams ----------------------------------------------------------------------------------------------------------


def cut_after_words():
    llm = FakeLLM()
    llm.when(model="busy").fail(StreamCut(after=3))
    llm.otherwise({"answer": "whole"})
    return llm


def test_a_way_whose_first_words_were_read_is_the_last():
    llm = cut_after_words()
    with virtual_time(), pytest.raises(ConnectionLost) as caught:
        list(agent(llm, FallbackStrategy("spare")).run_stream(question="Why?"))
    assert models(llm) == ["busy"]
    assert "Nothing else was tried: the reader of the stream had seen some of the answer." in caught.value.__notes__


def test_a_stream_that_may_begin_again_is_told_that_the_words_are_void():
    llm = cut_after_words()
    with virtual_time():
        items = list(agent(llm, FallbackStrategy("spare")).run_stream(question="Why?", restart=True))
    restarts = [(item.call, item.attempt, item.error) for item in items if isinstance(item, Restarted)]
    assert restarts == [(1, 1, "ConnectionLost")]
    assert isinstance(items[-1], RunResult)
    assert items[-1]["answer"] == "whole"


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alternatives", "settings", "text"),
    [
        ((), {}, 'FallbackStrategy takes what to try next: FallbackStrategy("another-model").'),
        (
            (AsyncSingleShotStrategy,),
            {},
            "FallbackStrategy takes names of models, mappings of settings such as",
        ),
        (({"modle": "a"},), {}, "FallbackStrategy has no setting 'modle'; did you mean 'model'?"),
        (({"timeout": -1},), {}, "timeout must be more than 0, not -1."),
        (("a",), {"on": ("RateLimited",)}, "on takes classes of errors, such as (RateLimited, ServerFailed), not"),
    ],
)
def test_arguments_that_cannot_work_are_refused(alternatives, settings, text):
    with pytest.raises(ConfigError) as caught:
        FallbackStrategy(*alternatives, **settings)
    assert str(caught.value).startswith(text)


def test_an_error_that_may_be_cured_elsewhere_is_not_repeated_at_the_same_model():
    llm = FakeLLM()
    llm.fail("authentication")
    with pytest.raises(AuthenticationFailed):
        run(llm, FallbackStrategy("spare"), retries=5)
    assert models(llm) == ["busy", "spare"]
