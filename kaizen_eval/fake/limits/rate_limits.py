"""Rate limits: requests and tokens per minute, counted for each model as the real service counts them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.inquiry import CONVERSATIONS, EndpointName, Inquiry
from kaizen_eval.fake.limits.bucket import Bucket
from kaizen_eval.fake.limits.fault import LimitKind, OverLimit
from kaizen_eval.fake.timing.latency import NO_LATENCY
from kaizen_eval.fake.wire.headers import UNLIMITED, Allowance, Allowances
from kaizen_eval.metrics.tokens import estimate

__all__ = ["NO_LIMITS", "OVER_LIMIT", "USUAL_REPLY", "Admission", "RateLimits", "Turnstile"]

OVER_LIMIT = "rate limits"
"""Stands in the journal for a rule where these refused."""
USUAL_REPLY = 16
"""Tokens that a reply is taken for where the request sets no maximum: OpenAI's own example of the headers shows a
request without one take 16 from 150,000."""
_LIMITED: frozenset[EndpointName] = CONVERSATIONS | {"embeddings", "moderations"}
_MOST_MODELS = 1000
"""A client that makes up a model for each request does not fill the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    """What each model may be asked per minute; None is no limit.

    A minute's worth is there at the start, and comes back continuously. A request counts when it comes: once, and for
    an estimate of its tokens and of the longest reply that it allows. One that is refused counts for nothing.
    """

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None

    def __post_init__(self) -> None:
        for name in ("requests_per_minute", "tokens_per_minute"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
                raise ScriptError(f"RateLimits takes a whole number from 1 as {name}, or None, not {value!r}.")


NO_LIMITS = RateLimits()


class Admission(NamedTuple):
    """Whether a request is let in."""

    allowances: Allowances | None
    """What its response tells of the limits; None: nothing, as they are not for such requests."""
    refusal: OverLimit | None = None


class Turnstile:
    """Lets requests in as long as the limits allow; not safe across threads by itself."""

    def __init__(self, limits: RateLimits) -> None:
        given: Mapping[LimitKind, int | None] = {
            "requests": limits.requests_per_minute,
            "tokens": limits.tokens_per_minute,
        }
        self._limits = {kind: limit for kind, limit in given.items() if limit is not None}
        self._buckets: dict[str, dict[LimitKind, Bucket]] = {}
        self.exempt = Admission(None if self._limits else UNLIMITED)
        """What comes of requests that no limit is for."""

    def admit(self, inquiry: Inquiry, now_ns: int) -> Admission:
        """Count a request, or refuse it."""
        if not self._limits or inquiry.operation or inquiry.endpoint not in _LIMITED:
            return self.exempt
        model = inquiry.request.model or ""
        buckets = self._filled(model, now_ns)
        costs: Mapping[LimitKind, int] = {"requests": 1, "tokens": _cost(inquiry)}
        refusal = next(filter(None, (_refusal(kind, model, buckets[kind], costs[kind]) for kind in buckets)), None)
        if refusal is None:
            for kind, bucket in buckets.items():
                bucket.take(costs[kind])
        return Admission(Allowances(*map(_shown, UNLIMITED, (buckets.get("requests"), buckets.get("tokens")))), refusal)

    def _filled(self, model: str, now_ns: int) -> dict[LimitKind, Bucket]:
        buckets = self._buckets.pop(model, None)
        if buckets is None:
            buckets = {kind: Bucket(limit, now_ns) for kind, limit in self._limits.items()}
        self._buckets[model] = buckets
        if len(self._buckets) > _MOST_MODELS:
            del self._buckets[next(iter(self._buckets))]
        for bucket in buckets.values():
            bucket.refill(now_ns)
        return buckets


def _cost(inquiry: Inquiry) -> int:
    """The tokens that a request counts for when it comes: of its texts, and of the longest reply to each choice."""
    request = inquiry.request
    asked = sum(estimate(message.content) for message in request.messages)
    if inquiry.endpoint not in CONVERSATIONS:
        return asked
    return asked + inquiry.choices * (USUAL_REPLY if request.max_tokens is None else request.max_tokens)


def _shown(unlimited: Allowance, bucket: Bucket | None) -> Allowance:
    return unlimited if bucket is None else bucket.allowance


def _refusal(kind: LimitKind, model: str, bucket: Bucket, requested: int) -> OverLimit | None:
    wait = bucket.wait_ns(requested)
    if not wait:
        return None
    limit, remaining, _ = bucket.allowance
    return OverLimit(
        kind=kind,
        model=model,
        limit=limit,
        used=limit - remaining,
        requested=requested,
        wait_ns=wait if requested <= limit else 0,
        latency=NO_LATENCY,
    )
