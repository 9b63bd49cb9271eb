"""OpenAI's embeddings as a server sees them: request bodies in, vectors out."""

from __future__ import annotations

import base64
import struct
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.model.embedding import LARGEST, Vector
from kaizen_eval.fake.wire import fields
from kaizen_eval.fake.wire.errors import Rejection
from kaizen_eval.fake.wire.scripted import said_of_each
from kaizen_eval.messages import Usage
from kaizen_eval.metrics.tokens import encoding_of

__all__ = ["EmbeddingsRequest", "Input", "count_tokens", "decode_request", "decode_vectors", "encode_response"]

Input = str | tuple[int, ...]
"""A text, or the tokens of one."""

_SIZES: Mapping[str, int] = {
    "text-embedding-3-small": 1536,
    "text-embedding-3-large": 3072,
    "text-embedding-ada-002": 1536,
}
_USUAL = 1536
"""Dimensions of a model that OpenAI does not have; it may be asked for any number up to LARGEST."""
_FIXED = frozenset({"text-embedding-ada-002"})
"""Models that do not shorten their vectors."""
_MOST_INPUTS = 2048
_LONGEST_INPUT = 8192
_MOST_TOKENS = 300_000
_WRONG_INPUT = "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference."


class EmbeddingsRequest(NamedTuple):
    """What is to be embedded, and how."""

    model: str
    inputs: tuple[Input, ...]
    dimensions: int
    form: Literal["float", "base64"]


def decode_request(body: Mapping[str, Any], *, model: str) -> EmbeddingsRequest:
    """The request in a body; `model` stands in where it names none.

    Raises:
        Rejection: the real service would refuse it, too.
    """
    _check({"model": model, **body})
    named = body.get("model", model)
    return EmbeddingsRequest(
        named, _inputs(body["input"]), _dimensions(named, body.get("dimensions")), body.get("encoding_format", "float")
    )


def count_tokens(asked: EmbeddingsRequest) -> int:
    """The tokens of all inputs.

    Raises:
        Rejection: too many in one of them, or in all together.
    """
    encoding = encoding_of(asked.model)
    counts = [encoding.count(one) if isinstance(one, str) else len(one) for one in asked.inputs]
    longest, total = max(counts), sum(counts)
    if longest > _LONGEST_INPUT:
        raise Rejection(
            f"This model's maximum context length is {_LONGEST_INPUT} tokens, however you requested {longest} tokens "
            f"({longest} in your prompt; 0 for the completion). Please reduce your prompt; or completion length."
        )
    if total > _MOST_TOKENS:
        message = f"Requested {total} tokens, max {_MOST_TOKENS} tokens per request"
        raise Rejection(message, kind="max_tokens_per_request", code="max_tokens_per_request")
    return total


def decode_vectors(text: str, count: int) -> tuple[Vector, ...]:
    """The vectors that a script says, as JSON: one for all inputs, or a list of one for each.

    Raises:
        ScriptError: they are none, or not as many as the inputs.
    """
    vectors = said_of_each(text, count, is_one=_is_vector)
    if vectors is None or not all(map(_is_vector, vectors)):
        raise ScriptError(
            f"A reply to an embeddings request is a vector for all inputs, or a list of one for each of the {count}, "
            f"such as Reply(data=[0.6, 0.8]), not {text!r}."
        )
    return tuple(tuple(map(float, vector)) for vector in vectors)


def encode_response(asked: EmbeddingsRequest, vectors: Sequence[Vector], usage: Usage) -> dict[str, Any]:
    """The body of a response."""
    write = list if asked.form == "float" else _base64
    return {
        "object": "list",
        "data": [
            {"object": "embedding", "index": index, "embedding": write(vector)} for index, vector in enumerate(vectors)
        ],
        "model": asked.model,
        "usage": {"prompt_tokens": usage.prompt, "total_tokens": usage.prompt},
    }


_check_fields = fields.record(
    {"input": fields.anything, "model": fields.text()},
    {
        "dimensions": fields.nullable(fields.whole(1)),
        "encoding_format": fields.one_of("float", "base64"),
        "user": fields.text(),
    },
)


def _check(body: Mapping[str, Any]) -> None:
    _check_fields("", body)


def _inputs(value: object) -> tuple[Input, ...]:
    if isinstance(value, str):
        return (_one(value, "input"),)
    if not isinstance(value, list) or not value:
        raise Rejection(_WRONG_INPUT)
    if type(value[0]) is int:
        return (_one(value, "input"),)
    if len(value) > _MOST_INPUTS:
        raise fields.array_too_long("input", len(value), _MOST_INPUTS)
    if len({type(one) for one in value}) > 1:
        raise Rejection(_WRONG_INPUT)
    return tuple(_one(one, f"input[{place}]") for place, one in enumerate(value))


def _one(value: object, path: str) -> Input:
    if value == "":
        raise Rejection(f"Invalid '{path}': input cannot be an empty string.", param=path, code="invalid_value")
    if isinstance(value, str):
        return value
    if not isinstance(value, list) or not value or not all(type(token) is int and token >= 0 for token in value):
        raise Rejection(_WRONG_INPUT)
    return tuple(value)


def _dimensions(model: str, asked: int | None) -> int:
    most = _SIZES.get(model, LARGEST)
    if asked is None:
        return _SIZES.get(model, _USUAL)
    if model in _FIXED:
        raise Rejection("This model does not support specifying dimensions.", param="dimensions")
    if asked > most:
        raise Rejection(
            f"Invalid value for 'dimensions' = {asked}. Must be less than or equal to {most}.", param="dimensions"
        )
    return asked


def _is_vector(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(type(part) in (int, float) for part in value)


def _base64(vector: Vector) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
