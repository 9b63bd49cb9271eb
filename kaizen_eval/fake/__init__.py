"""The deterministic LLM: scripts, faults, journal, and the doors that lead to it."""

from __future__ import annotations

from kaizen_eval.fake.fake_llm import FakeLLM
from kaizen_eval.fake.fault import Fault
from kaizen_eval.fake.faults import FAULTS
from kaizen_eval.fake.http_faults import (
    Authentication,
    BadRequest,
    ContextLengthExceeded,
    HttpStatus,
    InsufficientQuota,
    NotFound,
    PermissionDenied,
    RateLimit,
    ServerError,
)
from kaizen_eval.fake.journal import Exchange, Journal
from kaizen_eval.fake.latency import Latency
from kaizen_eval.fake.rate_limits import RateLimits
from kaizen_eval.fake.reply import Reply
from kaizen_eval.fake.reply_faults import ContentFilter, Empty, Length, Malformed, Refusal, ToolCallOnly
from kaizen_eval.fake.wire_faults import (
    ConnectionCut,
    ConnectionRefused,
    ConnectionReset,
    EmptyBody,
    Garbage,
    HangBeforeHeaders,
    HangInBody,
    HtmlReply,
    NotJson,
    NullBody,
    TruncatedJson,
    WrongShape,
)

__all__ = [
    "FAULTS",
    "Authentication",
    "BadRequest",
    "ConnectionCut",
    "ConnectionRefused",
    "ConnectionReset",
    "ContentFilter",
    "ContextLengthExceeded",
    "Empty",
    "EmptyBody",
    "Exchange",
    "FakeLLM",
    "Fault",
    "Garbage",
    "HangBeforeHeaders",
    "HangInBody",
    "HtmlReply",
    "HttpStatus",
    "InsufficientQuota",
    "Journal",
    "Latency",
    "Length",
    "Malformed",
    "NotFound",
    "NotJson",
    "NullBody",
    "PermissionDenied",
    "RateLimit",
    "RateLimits",
    "Refusal",
    "Reply",
    "ServerError",
    "ToolCallOnly",
    "TruncatedJson",
    "WrongShape",
]
