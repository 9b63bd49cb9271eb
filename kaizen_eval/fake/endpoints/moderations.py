"""`POST /moderations`."""

from __future__ import annotations

import json

from kaizen_eval.fake.endpoints.base import Arrival
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.model.completion import Completion
from kaizen_eval.fake.wire.events import Answer, json_answer
from kaizen_eval.fake.wire.headers import request_id
from kaizen_eval.fake.wire.moderations import Verdict, decode_inputs, decode_verdicts, encode_response
from kaizen_eval.messages import ChatRequest, Message

__all__ = ["ModerationsEndpoint"]

_USUAL_MODEL = "omni-moderation-latest"


class ModerationsEndpoint:
    """Moderations: nothing is flagged unless the script says so."""

    def read(self, arrival: Arrival, *, model: str) -> Inquiry:  # noqa: ARG002 - what moderates is a model of its own
        contents = decode_inputs(arrival.body)
        request = ChatRequest(
            model=arrival.body.get("model") or _USUAL_MODEL,
            messages=tuple(Message("user", content.text) for content in contents),
            session_id=arrival.session_id,
            agent_id=arrival.agent_id,
        )
        return Inquiry(
            request=request, endpoint="moderations", body=arrival.body, headers=arrival.headers, prompt_tokens=0
        )

    def write(self, completion: Completion, inquiry: Inquiry) -> Answer:
        contents = decode_inputs(inquiry.body or {})
        verdicts = (Verdict(),) * len(contents)
        if completion.choices:
            verdicts = decode_verdicts(completion.choices[0].text or "", len(contents))
        body = encode_response(contents, verdicts, mark=completion.mark, model=inquiry.request.model or "")
        return json_answer(200, json.dumps(body).encode(), request_id(completion.mark))
