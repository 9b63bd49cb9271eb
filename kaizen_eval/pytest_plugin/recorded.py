"""A test with `kaizen_llm` whose agents ask a cassette, or the service that one is recorded from."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, NoReturn
from urllib.parse import urlsplit

import pytest

from kaizen_eval import bridge
from kaizen_eval.errors import ConfigError, UsageError
from kaizen_eval.fake import FakeLLM
from kaizen_eval.llm.openai import OpenAIProvider
from kaizen_eval.messages import ChatDelta, ChatReply, ChatRequest
from kaizen_eval.providers import use_llm
from kaizen_eval.pytest_plugin import cassettes, hooks, options, real_time, served, stage
from kaizen_eval.pytest_plugin.own_cassette import OwnCassette
from kaizen_eval.pytest_plugin.virtual import CLOCK, LLM
from kaizen_eval.recording.journaled import JournaledTransport
from kaizen_eval.recording.transport import CassetteTransport
from kaizen_eval.resilience.clock import VirtualClock
from kaizen_eval.testing.network import allow_hosts, network_guard

if TYPE_CHECKING:
    from kaizen_eval.fake import Journal
    from kaizen_eval.fake.doors.sdk import SdkDoor
    from kaizen_eval.fake.doors.transport import FakeTransport
    from kaizen_eval.fake.real_clock import RealClock

__all__ = ["RecordedLLM", "llm"]


class _Service(NamedTuple):
    """What is recorded."""

    base_url: str
    api_key: str
    model: str
    """For requests that name none."""


_NOWHERE = _Service("https://cassette.invalid/v1", "no-key", "")
_NO_MODEL = (
    "This agent names no model, and a real service is asked: name one for all such agents with --kaizen-model, such as "
    "--kaizen-model gpt-4o-mini, or set the model in the agent's config."
)
_TOO_LATE = (
    "The test is over, and so is its cassette: what is asked afterwards, such as by fixtures while they are torn down, "
    "is neither recorded nor replayed. Ask it in the test."
)
_OPENAI = "https://api.openai.com/v1"


class RecordedLLM(served.ServedLLM):
    """Its journal tells what agents asked, whoever answered; its script counts where our own server does."""

    def __init__(
        self, *, seed: int, base_url: str, api_key: str, refuse: Callable[[str], NoReturn] | None = None
    ) -> None:
        super().__init__(seed=seed, base_url=base_url, api_key=api_key)
        self._beside = FakeLLM(seed=seed)
        self.seen = self._beside._desk  # noqa: SLF001 - of its own class
        """Where the journal is kept."""
        self._refuse = refuse

    async def complete(self, request: ChatRequest) -> ChatReply:
        return await self._itself().complete(request)

    def stream(self, request: ChatRequest) -> AsyncGenerator[ChatDelta, None]:
        return self._itself().stream(request)

    def sdk(self) -> SdkDoor:
        return self._itself().sdk()

    def transport(self) -> FakeTransport:
        return self._itself().transport()

    @property
    def journal(self) -> Journal:
        return self.seen.journal

    @property
    def clock(self) -> VirtualClock | RealClock:
        """The virtual one; a test that looks at it while time is real is skipped."""
        if self._refuse is not None:
            self._refuse("looks at kaizen_llm.clock")
        return super().clock

    def check_script(self) -> None:
        """Whatever it says, a cassette answers."""

    def _itself(self) -> FakeLLM:
        """What answers those who ask the fake by its name, and no model: its script, behind every door."""
        self.seen.use(self._desk.script)
        return self._beside

    def reset(self) -> None:
        super().reset()
        self.seen.reset()

    def forgive_misses(self) -> None:
        super().forgive_misses()
        self.seen.forgive()


class _Door(OpenAIProvider):
    """Through the OpenAI SDK and a cassette."""

    def __init__(self, llm: RecordedLLM, tape: OwnCassette, service: _Service, *, is_ours: bool) -> None:
        transport = JournaledTransport(
            lambda: CassetteTransport(tape.open()), llm.seen, model=service.model, tells_whose=is_ours
        )
        super().__init__(service.api_key, service.base_url, transport=transport, journal_headers=True)
        self._model = service.model
        self._fake = llm
        self._tape = tape
        tape.service = "kaizen-eval's own server" if is_ours else self.place

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Raises:
        ConfigError: neither the agent nor --kaizen-model names a model.
        UsageError: the test is over.
        """
        return await super().complete(self._fit(request))

    def stream(self, request: ChatRequest) -> AsyncGenerator[ChatDelta, None]:
        """Raises as `complete`, but at once."""
        return super().stream(self._fit(request))

    def _fit(self, request: ChatRequest) -> ChatRequest:
        if self._tape.is_closed:
            raise UsageError(_TOO_LATE)
        return request if request.model else replace(request, model=self._stand_in())

    def _stand_in(self) -> str:
        """The model where an agent names none; a replay asks for the one that was recorded."""
        if self._tape.settings.mode == options.REPLAY:
            return self._model or self._tape.model() or self._fake.model
        if not self._model:
            raise ConfigError(_NO_MODEL)
        return self._model


@contextmanager
def llm(request: pytest.FixtureRequest) -> Iterator[RecordedLLM]:
    """A fake that is seldom asked itself; agents without a provider of their own ask the test's cassette."""
    settings = options.read(request.config)
    if settings.door == options.REPLAY:
        way = _replayed(request)
    elif (service := _service(settings)) is None:
        way = _from_our_server(request)
    else:
        way = _from_service(request, service)
    with way as fake:
        yield fake


@contextmanager
def _replayed(request: pytest.FixtureRequest) -> Iterator[RecordedLLM]:
    tape = cassettes.of(request, LLM)
    cassettes.skip_unrecorded(tape, request.node)
    request.getfixturevalue(CLOCK)
    settings = options.read(request.config)
    service = _NOWHERE._replace(model=settings.model or "")
    fake = RecordedLLM(seed=settings.seed, base_url=service.base_url, api_key=service.api_key)
    with _asked(request, fake, _Door(fake, tape, service, is_ours=False)):
        yield fake


@contextmanager
def _from_our_server(request: pytest.FixtureRequest) -> Iterator[RecordedLLM]:
    own = stage.of(request.node)
    with served.staged(request, partial(RecordedLLM, refuse=own.refuse)) as fake:
        service = _Service(fake.base_url, fake.api_key, options.read(request.config).model or fake.model)
        with (
            real_time.no_long_waits(own),
            _asked(request, fake, _Door(fake, cassettes.of(request, LLM), service, is_ours=True)),
        ):
            yield fake


@contextmanager
def _from_service(request: pytest.FixtureRequest, service: _Service) -> Iterator[RecordedLLM]:
    hooks.register(request.config)
    own = stage.of(request.node)
    fake = RecordedLLM(
        seed=options.read(request.config).seed, base_url=service.base_url, api_key=service.api_key, refuse=own.refuse
    )
    with network_guard() as guard, allow_hosts(urlsplit(service.base_url).hostname or ""):
        own.guards.append(guard)
        with _asked(request, fake, _Door(fake, cassettes.of(request, LLM), service, is_ours=False)):
            yield fake


@contextmanager
def _asked(request: pytest.FixtureRequest, fake: RecordedLLM, door: _Door) -> Iterator[None]:
    own = stage.of(request.node)
    own.llm, own.door = fake, options.read(request.config).door
    try:
        with use_llm(door):
            yield
    finally:
        bridge.run(door.aclose)  # the connections of the background loop; those of others end with them


def _service(settings: options.Settings) -> _Service | None:
    """The one that is to be recorded; None stands for our own server."""
    url = settings.base_url or os.environ.get("OPENAI_BASE_URL")
    key = os.environ.get("OPENAI_API_KEY")
    if url is None and not key:
        return None
    return _Service(url or _OPENAI, key or _NOWHERE.api_key, settings.model or "")
