"""The server door, from the side of our own agents: the real OpenAI SDK on a socket that leads to the fake."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

from kaizen_eval import bridge, run_context
from kaizen_eval.clients import Clients, clients_for, release
from kaizen_eval.config import AgentConfig
from kaizen_eval.llm.openai import OpenAIProvider
from kaizen_eval.messages import ChatDelta, ChatReply, ChatRequest

__all__ = ["ServerDoor"]


class ServerDoor:
    """A Provider that may be used from any event loop; connections live as agents' own do.

    Args:
        base_url: of the server.
        api_key: also says which of its fakes is asked, see `x-kaizen-test`.
        model: for requests that name none.
    """

    name = "openai"

    def __init__(self, base_url: str, api_key: str, *, model: str) -> None:
        self._base_url = base_url
        self._api_key = api_key
        self._model = model
        self._config = AgentConfig()

    def __repr__(self) -> str:
        return f"ServerDoor({self._base_url!r})"

    async def complete(self, request: ChatRequest) -> ChatReply:
        """One attempt; what it raises is the OpenAIProvider's."""
        async with self._clients() as clients:
            return await self._provider(clients).complete(self._with_model(request))

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatDelta, None]:
        """One attempt, part by part; what it raises is the OpenAIProvider's."""
        async with (
            self._clients() as clients,
            aclosing(self._provider(clients).stream(self._with_model(request))) as deltas,
        ):
            async for delta in deltas:
                yield delta

    async def aclose(self) -> None:
        """Nothing of the running loop's stays open; see `close`."""

    def close(self) -> None:
        """Close the connections that `run()` has opened on the background loop."""
        bridge.run(release(self))

    @asynccontextmanager
    async def _clients(self) -> AsyncIterator[Clients]:
        run = run_context.active()
        if run is not None:
            yield run.clients
            return
        async with clients_for(self._config) as clients:
            yield clients

    def _provider(self, clients: Clients) -> OpenAIProvider:
        key = (ServerDoor, self._base_url, self._api_key)
        opened = clients.get(key, self._opened, user=self)
        assert isinstance(opened, OpenAIProvider)  # noqa: S101 - for the type checker
        return opened

    def _with_model(self, request: ChatRequest) -> ChatRequest:
        return request if request.model else replace(request, model=self._model)

    def _opened(self) -> OpenAIProvider:
        return OpenAIProvider(self._api_key, self._base_url, journal_headers=True)
