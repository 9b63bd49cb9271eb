"""The sdk door: the real OpenAI SDK on a transport that leads to the fake."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace

from kaizen_eval.fake.client.received import BASE_URL, KEY
from kaizen_eval.fake.desk.desk import Desk
from kaizen_eval.fake.doors.transport import FakeTransport
from kaizen_eval.llm.openai import OpenAIProvider
from kaizen_eval.messages import ChatDelta, ChatReply, ChatRequest

__all__ = ["SdkDoor"]


class SdkDoor(OpenAIProvider):
    """An OpenAIProvider that needs neither key nor network, and no model in the request."""

    def __init__(self, desk: Desk, *, model: str) -> None:
        super().__init__(KEY, BASE_URL, transport=FakeTransport(desk, model=model), journal_headers=True)
        self._model = model

    async def complete(self, request: ChatRequest) -> ChatReply:
        return await super().complete(self._with_model(request))

    def stream(self, request: ChatRequest) -> AsyncGenerator[ChatDelta, None]:
        return super().stream(self._with_model(request))

    def _with_model(self, request: ChatRequest) -> ChatRequest:
        return request if request.model else replace(request, model=self._model)
