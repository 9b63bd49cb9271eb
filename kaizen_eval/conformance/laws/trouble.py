"""What goes wrong in the situations of laws: faults that pass, faults that do not, and policies of trying again."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from kaizen_eval.fake import (
    Authentication,
    BadGateway,
    BadRequest,
    Conflict,
    ConnectionClosed,
    ConnectionCut,
    ConnectionRefused,
    ConnectionReset,
    ContentFilter,
    ContextLengthExceeded,
    Empty,
    EmptyBody,
    Fault,
    Garbage,
    GatewayTimeout,
    HtmlReply,
    InsufficientQuota,
    Length,
    Malformed,
    NotFound,
    NotJson,
    Overloaded,
    PayloadTooLarge,
    PermissionDenied,
    RateLimit,
    Refusal,
    RequestTimeout,
    ServerError,
    ServiceUnavailable,
    ToolCallOnly,
    TruncatedJson,
    Unprocessable,
    WrongShape,
)

__all__ = [
    "AGES",
    "BRIEF",
    "LASTING",
    "PASSING",
    "advised",
    "lasting",
    "passing",
    "patient",
    "policies",
    "unfit",
    "unusable",
]

AGES = 1_000_000.0
"""Seconds: longer than all that a situation may wait for."""

PASSING: tuple[Fault, ...] = (
    ServerError(),
    RateLimit(),
    ServiceUnavailable(),
    ConnectionReset(),
    ConnectionRefused(),
    ConnectionClosed(),
    RequestTimeout(),
    Conflict(),
    BadGateway(),
    GatewayTimeout(),
    Overloaded(),
    HtmlReply(),
    NotJson(),
    EmptyBody(),
    WrongShape(),
    TruncatedJson(),
    ConnectionCut(),
    Garbage(),
)
LASTING: tuple[Fault, ...] = (
    BadRequest(),
    Authentication(),
    PermissionDenied(),
    NotFound(),
    PayloadTooLarge(),
    Unprocessable(),
    ContextLengthExceeded(),
    InsufficientQuota(),
    Refusal(),
    ContentFilter(),
)
BRIEF = 0.25
"""Seconds that an exchange takes which says nothing else: what is asked at once is known to be asked before its end."""
_LATENCIES = (None, 0.1, 2.0)


def passing() -> SearchStrategy[Fault]:
    """After which the same may be asked again, when its asker likes."""
    return st.one_of(st.sampled_from(PASSING[:3]), st.sampled_from(PASSING))


def lasting() -> SearchStrategy[Fault]:
    """After which the same is never asked again."""
    return st.sampled_from(LASTING)


def unfit() -> SearchStrategy[Fault]:
    """Replies that are no answer, after which the model may be asked anew."""
    return st.sampled_from([Empty(), Malformed(), Empty(text=" \n"), ToolCallOnly()])


def unusable(*, prose: bool = True) -> SearchStrategy[Fault]:
    """Replies that came as they should, and are no answer; some of them say what may be an answer, where prose is."""
    empty: list[Fault] = [Empty(), Empty(text=None), Empty(text=" \n")]
    never = [Refusal(), *empty, Length(), ContentFilter(), ToolCallOnly(), Length(text="{}")]
    return st.sampled_from([*never, Malformed()] if prose else never)


def advised() -> SearchStrategy[Fault]:
    """With a `Retry-After`: in seconds, in milliseconds, as a date, or as both of the first two."""
    kinds = st.sampled_from([RateLimit, ServiceUnavailable, ServerError])
    seconds = st.sampled_from([1, 2, 0, 0.5, 7.25, 30, 90, 3600])
    milliseconds = st.sampled_from([250, 1500, 1, 0, 20_000, 333.3])
    advice = st.one_of(
        st.fixed_dictionaries({"retry_after": seconds}),
        st.fixed_dictionaries({"retry_after_ms": milliseconds}),
        st.fixed_dictionaries({"retry_after": seconds, "retry_after_date": st.just(value=True)}),
        st.fixed_dictionaries({"retry_after": seconds, "retry_after_ms": milliseconds}),
    )
    return st.builds(
        lambda kind, told, latency: kind(latency=latency, **told), kinds, advice, st.sampled_from(_LATENCIES)
    )


def policies(*, least: int = 1, most: int = 5, base: float = 0.0) -> SearchStrategy[dict[str, Any]]:
    """Mappings for `AgentConfig.retry`, with so many attempts, and a `base` of no less."""
    bases = [each for each in (0.5, 1.0, 0.0, 0.1, 3.0) if each >= base]
    caps = st.sampled_from([8.0, 2.0, 0.75, 60.0])
    return st.fixed_dictionaries({"attempts": st.integers(least, most), "base": st.sampled_from(bases), "cap": caps})


def patient(policy: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Fields of a config that tries again by this policy, with all the time in the world."""
    return {"retry": policy, "timeout": AGES, "request_timeout": AGES, **more}
