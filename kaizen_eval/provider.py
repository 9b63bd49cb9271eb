"""The Provider protocol: anything that can answer a ChatRequest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from kaizen_eval.messages import ChatReply, ChatRequest

__all__ = ["Provider"]


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
