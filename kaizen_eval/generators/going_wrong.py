"""What providers do wrong, by what may come of it."""

from __future__ import annotations

from typing import Literal

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from kaizen_eval import fake
from kaizen_eval.fake import Fault

__all__ = ["PERMANENT", "TRANSIENT", "UNUSABLE", "Kind", "faults"]

Kind = Literal["any", "transient", "permanent", "unusable"]

TRANSIENT: tuple[Fault, ...] = (
    fake.RateLimit(),
    fake.ServerError(),
    fake.RequestTimeout(),
    fake.Conflict(),
    fake.BadGateway(),
    fake.ServiceUnavailable(),
    fake.GatewayTimeout(),
    fake.Overloaded(),
    fake.ConnectionRefused(),
    fake.ConnectionReset(),
    fake.ConnectionClosed(),
    fake.Garbage(),
    fake.ResetAfterHeaders(),
    fake.ResetInBody(),
    fake.ConnectionCut(),
    fake.LengthTooLong(),
    fake.LengthTooShort(),
    fake.InvalidChunk(),
    fake.HtmlReply(),
    fake.TruncatedJson(),
    fake.NotJson(),
    fake.WrongShape(),
    fake.NullBody(),
    fake.EmptyBody(),
    fake.TruncatedGzip(),
    fake.BrokenGzip(),
    fake.InvalidUtf8(),
    fake.HangBeforeHeaders(),
    fake.HalfOpen(),
    fake.HangInBody(),
)
"""May pass: the same is tried again. The last three never answer, and end with `request_timeout`."""

PERMANENT: tuple[Fault, ...] = (
    fake.BadRequest(),
    fake.Authentication(),
    fake.PermissionDenied(),
    fake.NotFound(),
    fake.PayloadTooLarge(),
    fake.Unprocessable(),
    fake.ContextLengthExceeded(),
    fake.InsufficientQuota(),
    fake.ContentFilter(),
    fake.Refusal(),
    fake.Length(),
)
"""Will not pass: nothing is asked again."""

UNUSABLE: tuple[Fault, ...] = (fake.Empty(), fake.Malformed(), fake.ToolCallOnly())
"""Replies that are of no use: the same is asked again as a new call, `output_retries` times."""

_ADVICE = st.one_of(
    st.builds(fake.RateLimit, retry_after=st.integers(0, 3600)),
    st.builds(fake.RateLimit, retry_after_ms=st.integers(0, 60_000)),
    st.builds(fake.RateLimit, retry_after=st.integers(0, 3600), retry_after_date=st.just(value=True)),
)
"""A wait that the provider asks for: in seconds, in milliseconds, as a date."""


def faults(kind: Kind = "any") -> SearchStrategy[Fault]:
    """Faults of one kind, the commonest first; among the transient ones also such as say how long to wait."""
    if kind == "transient":
        return st.sampled_from(TRANSIENT) | _ADVICE
    if kind == "permanent":
        return st.sampled_from(PERMANENT)
    if kind == "unusable":
        return st.sampled_from(UNUSABLE)
    return st.one_of(faults("transient"), faults("permanent"), faults("unusable"))
