"""Tokens: how many a text or a request has, by the model's own encoding or by an estimate."""

from __future__ import annotations

from kaizen_eval.metrics.tokens.encoding import Encoding, pieces
from kaizen_eval.metrics.tokens.estimate import BYTES_PER_TOKEN, ESTIMATE, estimate
from kaizen_eval.metrics.tokens.loading import encoding_of, warm
from kaizen_eval.metrics.tokens.prompt import (
    LEAST_CACHED,
    TOKENS_PER_MESSAGE,
    cached_tokens,
    estimate_messages,
    message_tokens,
    name_tokens,
    prompt_tokens,
)
from kaizen_eval.metrics.tokens.tool_tokens import call_tokens

__all__ = [
    "BYTES_PER_TOKEN",
    "ESTIMATE",
    "LEAST_CACHED",
    "TOKENS_PER_MESSAGE",
    "Encoding",
    "cached_tokens",
    "call_tokens",
    "encoding_of",
    "estimate",
    "estimate_messages",
    "message_tokens",
    "name_tokens",
    "pieces",
    "prompt_tokens",
    "warm",
]
