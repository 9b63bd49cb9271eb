"""`POST /embeddings`."""

from __future__ import annotations

import json

from kaizen_eval.fake.endpoints.base import Arrival
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.model.completion import Completion
from kaizen_eval.fake.model.embedding import Vector, embed_text, embed_tokens
from kaizen_eval.fake.model.token_texts import text_of
from kaizen_eval.fake.wire.embeddings import (
    EmbeddingsRequest,
    Input,
    count_tokens,
    decode_request,
    decode_vectors,
    encode_response,
)
from kaizen_eval.fake.wire.events import Answer, json_answer
from kaizen_eval.fake.wire.headers import request_id
from kaizen_eval.messages import ChatRequest, Message

__all__ = ["EmbeddingsEndpoint"]


class EmbeddingsEndpoint:
    """Embeddings: the script's own, or made from the texts."""

    def read(self, arrival: Arrival, *, model: str) -> Inquiry:
        asked = decode_request(arrival.body, model=model)
        request = ChatRequest(
            model=asked.model,
            messages=tuple(Message("user", _shown(one, asked.model)) for one in asked.inputs),
            session_id=arrival.session_id,
            agent_id=arrival.agent_id,
        )
        return Inquiry(
            request=request,
            endpoint="embeddings",
            body=arrival.body,
            headers=arrival.headers,
            prompt_tokens=count_tokens(asked),
        )

    def write(self, completion: Completion, inquiry: Inquiry) -> Answer:
        asked = decode_request(inquiry.body or {}, model=inquiry.request.model or "")
        body = encode_response(asked, _vectors(completion, asked), completion.usage)
        return json_answer(200, json.dumps(body).encode(), request_id(completion.mark))


def _vectors(completion: Completion, asked: EmbeddingsRequest) -> tuple[Vector, ...]:
    if completion.choices:
        return decode_vectors(completion.choices[0].text or "", len(asked.inputs))
    return tuple(_embedded(one, asked) for one in asked.inputs)


def _embedded(one: Input, asked: EmbeddingsRequest) -> Vector:
    """Tokens are embedded as the text that they stand for, as far as it is known."""
    if not isinstance(one, str):
        text = text_of(one, asked.model)
        if text is None:
            return embed_tokens(one, model=asked.model, dimensions=asked.dimensions)
        one = text
    return embed_text(one, model=asked.model, dimensions=asked.dimensions)


def _shown(one: Input, model: str) -> str:
    """What rules and the journal see."""
    if isinstance(one, str):
        return one
    text = text_of(one, model)
    return " ".join(map(str, one)) if text is None else text
