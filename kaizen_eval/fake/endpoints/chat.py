"""`POST /chat/completions`."""

from __future__ import annotations

from kaizen_eval.fake.endpoints.base import Arrival
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.model.completion import Completion
from kaizen_eval.fake.wire.chat.body import write_completion
from kaizen_eval.fake.wire.chat.request import decode_inquiry
from kaizen_eval.fake.wire.chat.stream import ChatStream
from kaizen_eval.fake.wire.events import Answer, json_answer
from kaizen_eval.fake.wire.headers import request_id

__all__ = ["ChatEndpoint"]

_STREAM = ("content-type", "text/event-stream; charset=utf-8")


class ChatEndpoint:
    """Chat Completions."""

    def read(self, arrival: Arrival, *, model: str) -> Inquiry:  # noqa: ARG002 - the real service asks for one, too
        return decode_inquiry(
            arrival.body,
            headers=arrival.headers,
            session_id=arrival.session_id,
            agent_id=arrival.agent_id,
        )

    def write(self, completion: Completion, inquiry: Inquiry) -> Answer:
        named = request_id(completion.mark)
        if inquiry.request.stream:
            return Answer(200, (_STREAM, named), ChatStream(completion, inquiry))
        return json_answer(200, write_completion(completion, inquiry), named)
