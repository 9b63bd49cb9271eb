"""The fault of a request that is over a rate limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from kaizen_eval.fake.faults.base import Asked, Fault
from kaizen_eval.fake.wire.errors import encode_error
from kaizen_eval.fake.wire.events import Answer, json_answer
from kaizen_eval.fake.wire.headers import ORGANIZATION, duration

__all__ = ["LimitKind", "OverLimit"]

LimitKind = Literal["requests", "tokens"]
_LEARN = "Visit https://platform.openai.com/account/rate-limits to learn more."


@dataclass(frozen=True, slots=True, kw_only=True)
class OverLimit(Fault):
    """Made by the rate limits of a fake, never by a script; in the journal it is a rate limit like any other."""

    name: ClassVar[str] = "rate_limit"

    kind: LimitKind
    model: str
    limit: int
    used: int
    requested: int
    wait_ns: int
    """Until it would be let in; 0 when it never will be, because it asks for more than the whole limit."""

    def play(self, asked: Asked) -> Answer:
        body = encode_error(self._message(), kind=self.kind, code="rate_limit_exceeded")
        return json_answer(429, body, ("x-request-id", asked.request_id), *self._advice())

    def _message(self) -> str:
        initials = f"{self.kind} per min ({self.kind[0].upper()}PM)"
        where = f"{self.model} in organization {ORGANIZATION} on {initials}: Limit {self.limit}"
        if not self.wait_ns:
            return (
                f"Request too large for {where}, Requested {self.requested}. The input or output tokens must be "
                f"reduced in order to run successfully. {_LEARN}"
            )
        used = f"Used {self.used}, Requested {self.requested}"
        return f"Rate limit reached for {where}, {used}. Please try again in {duration(self.wait_ns)}. {_LEARN}"

    def _advice(self) -> tuple[tuple[str, str], ...]:
        if not self.wait_ns:
            return ()
        seconds, ms = -(-self.wait_ns // 1_000_000_000), -(-self.wait_ns // 1_000_000)
        return ("retry-after", str(seconds)), ("retry-after-ms", str(ms))
