"""One fake server for this process, and a fake of its own behind it for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, TypeVar
from urllib.request import getproxies

import pytest

from kaizen_eval.fake import FakeLLM
from kaizen_eval.fake.server.tenants import KEY_PREFIX
from kaizen_eval.pytest_plugin import hooks, options, stage
from kaizen_eval.pytest_plugin.virtual import is_ours
from kaizen_eval.resilience.clock import current_clock
from kaizen_eval.testing.network import network_guard

if TYPE_CHECKING:
    from kaizen_eval.fake.server.running import Serving

__all__ = ["TWO_FAKES", "ServedLLM", "server", "staged"]

TWO_FAKES = (
    "kaizen_server answers on real sockets, on the real clock, and is the one fake of its test: it goes together with "
    "none of kaizen_llm, kaizen_agent, kaizen_clock and the marker kaizen_virtual. For virtual time leave out "
    "kaizen_server, and put kaizen_llm.transport() under your client."
)

_SERVER = pytest.StashKey["Serving[FakeLLM]"]()
_numbers = count(1)


class ServedLLM(FakeLLM):
    """A fake of one test, over HTTP."""

    def __init__(self, *, seed: int, base_url: str, api_key: str) -> None:
        super().__init__(seed=seed)
        self.base_url = base_url
        """As clients of the OpenAI API take it."""
        self.api_key = api_key
        """Leads to this fake, and to no other of the same server."""


_Served = TypeVar("_Served", bound=ServedLLM)


@contextmanager
def server(request: pytest.FixtureRequest, environment: pytest.MonkeyPatch) -> Iterator[ServedLLM]:
    """A fake that clients find by the environment, and no way to a real host."""
    if is_ours(request.node) or current_clock() is not None:
        pytest.fail(TWO_FAKES, pytrace=False)
    with staged(request, ServedLLM) as llm:
        environment.setenv("OPENAI_BASE_URL", llm.base_url)
        environment.setenv("OPENAI_API_KEY", llm.api_key)
        yield llm


@contextmanager
def staged(request: pytest.FixtureRequest, make: Callable[..., _Served]) -> Iterator[_Served]:
    """A fake behind the server, the one that this test's figures are about."""
    hooks.register(request.config)
    own = stage.of(request.node)
    with _behind_server(request.config, make) as llm, network_guard() as guard:
        own.guards.append(guard)
        own.llm, own.door = llm, "server"
        if getproxies().keys() - {"no"}:
            _go_past_proxies(request.getfixturevalue("monkeypatch"))
        yield llm


@contextmanager
def _behind_server(config: pytest.Config, make: Callable[..., _Served]) -> Iterator[_Served]:
    """Asked with its key, and with any other that is no test's: an agent may bring its own.

    Whoever asks with its key when the test is over is turned away.
    """
    serving = _serving(config)
    name = str(next(_numbers))
    llm = make(seed=options.read(config).seed, base_url=serving.base_url, api_key=KEY_PREFIX + name)
    serving.put(name, llm)
    serving.put("", llm)
    try:
        yield llm
    finally:
        serving.put("", _over())
        serving.put(name, _over())


def _serving(config: pytest.Config) -> Serving[FakeLLM]:
    """Started by the first test that needs it; each worker of pytest-xdist is a process with one."""
    if _SERVER not in config.stash:
        serving = _over().serve()
        serving.start()
        config.stash[_SERVER] = serving
        config.add_cleanup(serving.stop)
    return config.stash[_SERVER]


def _over() -> FakeLLM:
    """What answers when no test is there to do it."""
    llm = FakeLLM(keep=1)
    llm.fail("permission_denied", message="The test that this request belongs to is over.")
    return llm


def _go_past_proxies(environment: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        environment.setenv(name, "127.0.0.1", prepend=",")
