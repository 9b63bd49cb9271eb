"""The Provider protocols: anything that can answer a ChatRequest, and anything that can do so part by part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from kaizen_eval.messages import ChatDelta, ChatReply, ChatRequest

__all__ = ["Provider", "StreamingProvider"]


@runtime_checkable
class Provider(Protocol):
    """A model behind one method.

    `complete` raises only `ProviderError` and `UsageError`: foreign errors are translated inside. It makes one
    attempt and waits for nothing but the answer; retries and time limits belong to the caller.
    """

    name: str

    async def complete(self, request: ChatRequest) -> ChatReply: ...

    async def aclose(self) -> None:
        """Free connections; closing twice is harmless."""
        ...


@runtime_checkable
class StreamingProvider(Provider, Protocol):
    """A Provider that also gives its replies while they are made; most of ours do, a provider need not."""

    def stream(self, request: ChatRequest) -> AsyncIterator[ChatDelta]:
        """One attempt, begun when the first part is asked for; an async generator, as a rule.

        Raises what `complete` raises, from the iterator: before the first part, or after some, and then with what had
        come as `received`. Closing the iterator (`aclose`) ends the request at once. `request.stream` need not be set.
        """
        ...
