"""One fake server for this process, and a fake of its own behind it for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

import pytest

from kaizen_eval.fake import FakeLLM
from kaizen_eval.fake.server.tenants import KEY_PREFIX
from kaizen_eval.pytest_plugin import hooks, options, stage
from kaizen_eval.resilience.clock import current_clock
from kaizen_eval.testing.network import network_guard

if TYPE_CHECKING:
    from kaizen_eval.fake.server.running import Serving

__all__ = ["ServedLLM", "fake_behind_server", "server"]

_SERVER = pytest.StashKey["Serving"]()
_numbers = count(1)


class ServedLLM(FakeLLM):
    """A fake of one test, over HTTP."""

    def __init__(self, *, seed: int, base_url: str, api_key: str) -> None:
        super().__init__(seed=seed)
        self.base_url = base_url
        """As clients of the OpenAI API take it."""
        self.api_key = api_key
        """Leads to this fake and no other of the same server."""


@contextmanager
def server(request: pytest.FixtureRequest) -> Iterator[ServedLLM]:
    """A fake that clients find by the environment, and no way to a real host."""
    if current_clock() is not None:
        pytest.fail(
            "kaizen_server answers on real sockets, on the real clock, and this test is on virtual time: leave out "
            "kaizen_llm, kaizen_clock or the marker kaizen_virtual, or use kaizen_llm.transport() under your client.",
            pytrace=False,
        )
    hooks.register(request.config)
    with fake_behind_server(request) as llm, network_guard() as guard:
        own = stage.of(request.node)
        own.guards.append(guard)
        own.llm = llm
        own.door = "server"
        with _environment({"OPENAI_BASE_URL": llm.base_url, "OPENAI_API_KEY": llm.api_key}):
            yield llm


@contextmanager
def fake_behind_server(request: pytest.FixtureRequest, kind: type[ServedLLM] = ServedLLM) -> Iterator[ServedLLM]:
    """A fake of this test's own behind the one server of the process."""
    serving = _serving(request.config)
    name = str(next(_numbers))
    llm = kind(seed=options.read(request.config).seed, base_url=serving.base_url, api_key=KEY_PREFIX + name)
    serving.put(name, llm)
    try:
        yield llm
    finally:
        serving.forget(name)


def _serving(config: pytest.Config) -> Serving:
    """Started by the first test that needs it; each worker of pytest-xdist is a process with one."""
    if _SERVER not in config.stash:
        serving = FakeLLM().serve()
        serving.start()
        config.stash[_SERVER] = serving
        config.add_cleanup(serving.stop)
    return config.stash[_SERVER]


@contextmanager
def _environment(wanted: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
