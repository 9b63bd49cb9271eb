"""`POST /chat/completions`."""

from __future__ import annotations

import json

from kaizen_eval.fake.completion import Completion
from kaizen_eval.fake.endpoints.base import Arrival
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.wire.chat import decode_inquiry, encode_completion
from kaizen_eval.fake.wire.chat_stream import encode_stream
from kaizen_eval.fake.wire.events import Answer, json_answer

__all__ = ["ChatEndpoint"]


class ChatEndpoint:
    """Chat Completions."""

    def read(self, arrival: Arrival, *, model: str) -> Inquiry:
        return decode_inquiry(
            arrival.body,
            model=model,
            headers=arrival.headers,
            session_id=arrival.session_id,
            agent_id=arrival.agent_id,
        )

    def write(self, completion: Completion, inquiry: Inquiry) -> Answer:
        request_id = ("x-request-id", f"req_{completion.mark}")
        if inquiry.request.stream:
            head = (("content-type", "text/event-stream; charset=utf-8"), request_id)
            return Answer(200, head, encode_stream(completion, inquiry))
        return json_answer(200, json.dumps(encode_completion(completion, inquiry)).encode(), request_id)
