"""OpenAI's list of models as a server writes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from kaizen_eval.fake.model.completion import CREATED
from kaizen_eval.fake.wire.errors import Rejection

__all__ = ["MODELS", "KnownModel", "encode_model", "encode_models", "find_model"]


class KnownModel(NamedTuple):
    """What is told of a model."""

    created: int
    """Seconds since the epoch."""
    owned_by: str = "system"


MODELS: Mapping[str, KnownModel] = {
    "gpt-3.5-turbo": KnownModel(1_677_610_602, "openai"),
    "gpt-4": KnownModel(1_687_882_411, "openai"),
    "gpt-4-turbo": KnownModel(1_712_361_441),
    "gpt-4.1": KnownModel(1_744_316_542),
    "gpt-4.1-mini": KnownModel(1_744_318_173),
    "gpt-4.1-nano": KnownModel(1_744_321_707),
    "gpt-4o": KnownModel(1_715_367_049),
    "gpt-4o-2024-08-06": KnownModel(1_722_814_719),
    "gpt-4o-mini": KnownModel(1_721_172_741),
    "gpt-4o-mini-2024-07-18": KnownModel(1_721_172_717),
    "gpt-5": KnownModel(1_754_425_777),
    "gpt-5-mini": KnownModel(1_754_425_928),
    "gpt-5-nano": KnownModel(1_754_426_384),
    "o1": KnownModel(1_734_375_816),
    "o3": KnownModel(1_744_225_308),
    "o3-mini": KnownModel(1_737_146_383),
    "o4-mini": KnownModel(1_744_225_351),
    "omni-moderation-latest": KnownModel(1_731_689_265),
    "text-embedding-3-large": KnownModel(1_705_953_180),
    "text-embedding-3-small": KnownModel(1_705_948_997),
    "text-embedding-ada-002": KnownModel(1_671_217_299, "openai-internal"),
}
"""The well-known names, for clients that look before they ask. A fake lists its own beside them, and takes any model
that a request names, listed or not.
"""


def find_model(name: str, *, own: str) -> str:
    """The name, if it is known.

    Raises:
        Rejection: it is not.
    """
    if name != own and name not in MODELS:
        raise Rejection(f"The model '{name}' does not exist", status=404, param="model", code="model_not_found")
    return name


def encode_models(names: Iterable[str]) -> dict[str, Any]:
    """The body of a list."""
    return {"object": "list", "data": [encode_model(name) for name in names]}


def encode_model(name: str) -> dict[str, Any]:
    """One model; what is told of one that is not well known is the fake's own."""
    known = MODELS.get(name, KnownModel(CREATED, "kaizen-eval"))
    return {"id": name, "object": "model", "created": known.created, "owned_by": known.owned_by}
