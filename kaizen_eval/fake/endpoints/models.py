"""`GET /models` and `GET /models/{model}`."""

from __future__ import annotations

import json

from kaizen_eval.fake.endpoints.base import Arrival
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.model.completion import Completion
from kaizen_eval.fake.wire.events import Answer, json_answer
from kaizen_eval.fake.wire.headers import request_id
from kaizen_eval.fake.wire.models import MODELS, encode_model, encode_models, find_model
from kaizen_eval.messages import ChatRequest

__all__ = ["ModelsEndpoint"]


class ModelsEndpoint:
    """The models: a list of them, or what is told of one."""

    def read(self, arrival: Arrival, *, model: str) -> Inquiry:
        name = find_model(arrival.names[0], own=model) if arrival.names else model
        return Inquiry(
            request=ChatRequest(model=name, messages=(), session_id=arrival.session_id, agent_id=arrival.agent_id),
            endpoint="models",
            operation="retrieve" if arrival.names else "list",
            headers=arrival.headers,
            prompt_tokens=0,
        )

    def write(self, completion: Completion, inquiry: Inquiry) -> Answer:
        name = inquiry.request.model or ""
        is_list = inquiry.operation == "list"
        body = encode_models(dict.fromkeys((*MODELS, name))) if is_list else encode_model(name)
        return json_answer(200, json.dumps(body).encode(), request_id(completion.mark))
