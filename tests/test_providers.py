"""Which provider a run asks, and how long that provider stays open."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from doubles import Scripted, answer

from kaizen_eval import providers
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.errors import ConfigError
from kaizen_eval.messages import ChatReply
from kaizen_eval.resilience.clock import virtual_time
from kaizen_eval.signatures import InputField, OutputField, Signature

names = (f"house-{n}" for n in itertools.count())


class QA(Signature):
    question: str = InputField()
    answer: str = OutputField()


class House:
    """A registered provider that keeps every instance it made."""

    def __init__(self, *, seconds: float = 0) -> None:
        self.name = next(names)
        self._seconds = seconds
        self.opened: list[Scripted] = []
        providers.register(self.name, self.make)

    def make(self, config):
        self.opened.append(Scripted(answer(answer="42"), seconds=self._seconds))
        return self.opened[-1]

    def agent(self, **config):
        return BaseAgent({"llm_provider": self.name, "model": "m", **config}, signature=QA)

    def closed(self):
        return [provider.closed for provider in self.opened]


def test_without_a_provider_or_a_key_the_error_says_what_to_do(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ConfigError) as caught:
        BaseAgent(signature=QA).run(question="?")
    assert str(caught.value) == (
        "No model to ask: the config names no llm_provider and OPENAI_API_KEY is not set. Set OPENAI_API_KEY for "
        'OpenAI, or llm_provider="mock" for a fake, or pass provider=… to the agent; in tests, use the fixture '
        "kaizen_llm."
    )


def test_an_unknown_provider_is_refused_with_a_suggestion():
    with pytest.raises(ConfigError, match="Unknown llm_provider 'openay'; did you mean 'openai'\\? Known: "):
        BaseAgent({"llm_provider": "openay"}, signature=QA).run(question="?")


def test_mock_answers_with_a_reply_that_fits():
    assert isinstance(BaseAgent({"llm_provider": "mock"}, signature=QA).run(question="?")["answer"], str)


@pytest.mark.parametrize("bad", [("", Scripted), ("name", None)])
def test_only_a_named_factory_can_be_registered(bad):
    with pytest.raises(ConfigError, match="register takes a name and a function"):
        providers.register(*bad)


def test_use_llm_goes_before_what_the_config_says():
    fake = Scripted(answer(answer="from the fake"))
    subject = BaseAgent({"llm_provider": "openai", "model": "gpt-4"}, signature=QA)
    with providers.use_llm(fake):
        assert subject.run(question="?")["answer"] == "from the fake"
    assert fake.closed == 0


def test_an_agents_own_provider_goes_before_use_llm():
    own, other = Scripted(answer(answer="own")), Scripted(answer(answer="other"))
    with providers.use_llm(other):
        assert BaseAgent(signature=QA, provider=own).run(question="?")["answer"] == "own"


def test_the_innermost_use_llm_counts_and_holds_in_every_thread():
    said = []
    with providers.use_llm(Scripted(answer(answer="outer"))), providers.use_llm(Scripted(answer(answer="inner"))):
        thread = threading.Thread(target=lambda: said.append(BaseAgent(signature=QA).run(question="?")["answer"]))
        thread.start()
        thread.join()
    assert said == ["inner"]


def test_use_llm_refuses_what_cannot_answer():
    with pytest.raises(ConfigError, match="use_llm takes a provider"), providers.use_llm("gpt-4"):
        pass
    with (
        pytest.raises(ConfigError, match=r"use_llm takes an instance, such as Scripted\(\)"),
        providers.use_llm(Scripted),
    ):
        pass


def test_on_the_background_loop_agents_with_equal_settings_share_one_open_provider():
    house = House()
    for _ in range(3):
        house.agent().run(question="?")
    house.agent(base_url="http://127.0.0.1:1/v1").run(question="?")
    assert house.closed() == [0, 0]


def test_closing_an_agent_closes_what_nobody_else_uses():
    house = House()
    first, second = house.agent(), house.agent()
    first.run(question="?")
    second.run(question="?")
    first.close()
    still_open = house.closed()
    second.close()
    assert (still_open, house.closed()) == ([0], [1])


def test_a_closed_agent_opens_its_provider_again():
    house = House()
    subject = house.agent()
    for _ in range(2):
        subject.run(question="?")
        asyncio.run(subject.aclose())
    assert house.closed() == [1, 1]


def test_in_a_callers_own_loop_a_provider_lives_for_the_run():
    house = House()
    asyncio.run(house.agent().run_async(question="?"))
    asyncio.run(house.agent().run_async(question="?"))
    assert house.closed() == [1, 1]


def test_an_async_with_block_keeps_one_provider_open():
    house = House()

    async def scene():
        async with house.agent() as subject:
            for _ in range(3):
                await subject.run_async(question="?")
            async with subject:
                await subject.strategy.execute(QA, {"question": "?"}, subject.config)
            return house.closed()

    assert (asyncio.run(scene()), house.closed()) == ([0], [1])


def test_a_batch_in_a_callers_own_loop_shares_one_provider():
    house = House()
    asyncio.run(house.agent().run_batch_async([{"question": str(n)} for n in range(5)]))
    assert house.closed() == [1]


def test_a_batch_on_the_background_loop_uses_what_is_open_there():
    house = House()
    subject = house.agent()
    subject.run(question="?")
    subject.run_batch([{"question": str(n)} for n in range(3)])
    assert house.closed() == [0]


def test_a_strategy_executed_by_itself_opens_and_closes_its_provider():
    house = House()
    subject = house.agent()
    asyncio.run(subject.strategy.execute(QA, {"question": "?"}, subject.config))
    assert house.closed() == [1]


def test_a_provider_is_closed_also_when_the_run_fails():
    name = next(names)
    failing = Scripted(ChatReply(text=""))
    providers.register(name, lambda config: failing)
    with pytest.raises(Exception, match="empty"):
        asyncio.run(BaseAgent({"llm_provider": name}, signature=QA).run_async(question="?"))
    assert failing.closed == 1


def test_at_the_end_of_the_process_everything_is_closed_without_a_word():
    script = (
        "from kaizen_eval import BaseAgent, providers\n"
        "from kaizen_eval.messages import ChatReply\n"
        "class House:\n"
        "    name = 'house'\n"
        "    async def complete(self, request): return ChatReply(text='hello')\n"
        "    async def aclose(self): print('closed')\n"
        "providers.register('house', lambda config: House())\n"
        "print(BaseAgent({'llm_provider': 'house'}).run(name='Ada')['response'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", script], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr, done.returncode) == ("hello\nclosed\n", "", 0)


def test_blocks_on_two_loops_at_once_are_kept_apart():
    house = House()
    subject = house.agent()
    inside, ended = threading.Barrier(2, timeout=10), threading.Barrier(2, timeout=10)

    async def visit():
        async with subject:
            await subject.run_async(question="?")
            await asyncio.to_thread(inside.wait)
        await asyncio.to_thread(ended.wait)
        return subject._owner.kept()

    with ThreadPoolExecutor(2) as pool:
        kept = [future.result() for future in [pool.submit(asyncio.run, visit()) for _ in range(2)]]
    assert (kept, house.closed()) == ([None, None], [1, 1])


def test_the_last_of_overlapping_blocks_closes():
    house = House()

    async def scene():
        subject = house.agent()
        await subject.__aenter__()
        await subject.__aenter__()
        await subject.run_async(question="?")
        await subject.__aexit__(None, None, None)
        after_the_first = house.closed()
        await subject.__aexit__(None, None, None)
        return after_the_first, house.closed()

    assert asyncio.run(scene()) == ([0], [1])


def test_a_run_that_outlives_the_block_beside_it_keeps_its_provider():
    house = House(seconds=1)

    async def scene():
        subject = house.agent()
        async with subject:
            beside = asyncio.create_task(subject.run_async(question="?"))
            await asyncio.sleep(0.5)
        at_the_blocks_end = house.closed()
        await beside
        return at_the_blocks_end, house.closed()

    with virtual_time() as clock:
        assert clock.run(scene()) == ([0], [1])
