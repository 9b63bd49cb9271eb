"""The deterministic LLM: scripts, faults, journal, and the doors that lead to it."""

from __future__ import annotations

from kaizen_eval.fake.body_faults import (
    BrokenGzip,
    EmptyBody,
    HtmlReply,
    InvalidUtf8,
    NotJson,
    NullBody,
    TruncatedGzip,
    TruncatedJson,
    WrongContentType,
    WrongShape,
)
from kaizen_eval.fake.connection_faults import (
    ConnectionClosed,
    ConnectionRefused,
    ConnectionReset,
    Garbage,
    HalfOpen,
    HangBeforeHeaders,
)
from kaizen_eval.fake.delivery_faults import (
    ConnectionCut,
    HangInBody,
    InvalidChunk,
    LengthTooLong,
    LengthTooShort,
    ResetAfterHeaders,
    ResetInBody,
    SlowBody,
    SlowHeaders,
)
from kaizen_eval.fake.distributions import Lognormal, Uniform
from kaizen_eval.fake.fake_llm import FakeLLM
from kaizen_eval.fake.fault import Fault
from kaizen_eval.fake.faults import FAULTS
from kaizen_eval.fake.http_faults import (
    Authentication,
    BadGateway,
    BadRequest,
    Conflict,
    ContextLengthExceeded,
    GatewayTimeout,
    HttpStatus,
    InsufficientQuota,
    NotFound,
    Overloaded,
    PayloadTooLarge,
    PermissionDenied,
    RateLimit,
    RequestTimeout,
    ServerError,
    ServiceUnavailable,
    Unprocessable,
)
from kaizen_eval.fake.journal import Exchange, Journal
from kaizen_eval.fake.json_match import ABSENT, PRESENT
from kaizen_eval.fake.latency import Latency
from kaizen_eval.fake.making import GENERATED, Generated
from kaizen_eval.fake.rate_limits import RateLimits
from kaizen_eval.fake.reply import Reply
from kaizen_eval.fake.reply_faults import ContentFilter, Empty, Length, Malformed, Refusal, ToolCallOnly
from kaizen_eval.fake.several import Pick
from kaizen_eval.fake.stream_additions import StreamComments, StreamDuplicates, StreamEndless, StreamError, StreamFailed
from kaizen_eval.fake.stream_changes import (
    StreamAsJson,
    StreamCrumbs,
    StreamInvalidJson,
    StreamInvalidUtf8,
    StreamReordered,
    StreamWithoutFirst,
    StreamWithoutIndex,
    StreamWrongId,
)
from kaizen_eval.fake.stream_cuts import (
    StreamCut,
    StreamCutInCharacter,
    StreamCutInEvent,
    StreamStall,
    StreamUnended,
    StreamWithoutDone,
)
from kaizen_eval.fake.template import Template
from kaizen_eval.fake.text_match import Contains, Exactly
from kaizen_eval.fake.tool_faults import BrokenArguments, UnknownTool, WrongToolId

__all__ = [
    "ABSENT",
    "FAULTS",
    "GENERATED",
    "PRESENT",
    "Authentication",
    "BadGateway",
    "BadRequest",
    "BrokenArguments",
    "BrokenGzip",
    "Conflict",
    "ConnectionClosed",
    "ConnectionCut",
    "ConnectionRefused",
    "ConnectionReset",
    "Contains",
    "ContentFilter",
    "ContextLengthExceeded",
    "Empty",
    "EmptyBody",
    "Exactly",
    "Exchange",
    "FakeLLM",
    "Fault",
    "Garbage",
    "GatewayTimeout",
    "Generated",
    "HalfOpen",
    "HangBeforeHeaders",
    "HangInBody",
    "HtmlReply",
    "HttpStatus",
    "InsufficientQuota",
    "InvalidChunk",
    "InvalidUtf8",
    "Journal",
    "Latency",
    "Length",
    "LengthTooLong",
    "LengthTooShort",
    "Lognormal",
    "Malformed",
    "NotFound",
    "NotJson",
    "NullBody",
    "Overloaded",
    "PayloadTooLarge",
    "PermissionDenied",
    "Pick",
    "RateLimit",
    "RateLimits",
    "Refusal",
    "Reply",
    "RequestTimeout",
    "ResetAfterHeaders",
    "ResetInBody",
    "ServerError",
    "ServiceUnavailable",
    "SlowBody",
    "SlowHeaders",
    "StreamAsJson",
    "StreamComments",
    "StreamCrumbs",
    "StreamCut",
    "StreamCutInCharacter",
    "StreamCutInEvent",
    "StreamDuplicates",
    "StreamEndless",
    "StreamError",
    "StreamFailed",
    "StreamInvalidJson",
    "StreamInvalidUtf8",
    "StreamReordered",
    "StreamStall",
    "StreamUnended",
    "StreamWithoutDone",
    "StreamWithoutFirst",
    "StreamWithoutIndex",
    "StreamWrongId",
    "Template",
    "ToolCallOnly",
    "TruncatedGzip",
    "TruncatedJson",
    "Uniform",
    "UnknownTool",
    "Unprocessable",
    "WrongContentType",
    "WrongShape",
    "WrongToolId",
]
