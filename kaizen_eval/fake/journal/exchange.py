"""An exchange: one attempt as the fake saw it, while it goes on and when it is over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kaizen_eval.fake.inquiry import EndpointName, Inquiry
from kaizen_eval.fake.journal.account import NOBODY, Asker
from kaizen_eval.fake.model.completion import Choice
from kaizen_eval.fake.wire.headers import UNLIMITED, Allowances
from kaizen_eval.messages import ChatRequest, ToolCall, Usage

__all__ = ["CANCELLED", "MISS", "REFUSED", "WAITING", "Door", "Exchange", "Opened", "WhyRefused"]

Door = Literal["", "direct", "sdk", "server"]
"""Through which an exchange came; empty where nobody said."""

CANCELLED = "cancelled"
"""The outcome where the caller gave up before the answer was out."""
MISS = "miss"
"""The outcome of a request that no rule is for."""
REFUSED = "refused"
"""The outcome of a request that is no good, as the service itself says, whatever the script does."""
WAITING = "…"
"""The outcome while it is not decided."""


@dataclass(frozen=True, slots=True)
class WhyRefused:
    """Why a request was refused."""

    asked: str
    """Method and path, without the query, which may hold a key; empty for what is no HTTP, and where the exchange says
    by itself what was asked.
    """
    status: int
    message: str
    """In the service's words."""
    detail: str = ""
    """What exactly is wrong, where the service does not say it."""

    def __str__(self) -> str:
        return f"{self.status} {self.message}" + (f" ({self.detail})" if self.detail else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One attempt as the fake saw it."""

    number: int
    """From 1, in the order asked."""
    request: ChatRequest
    outcome: str
    """"reply", a fault's name, "miss", "refused", "…" while no answer is out, "cancelled" where the caller gave up
    before that, or the class of what a function raised.
    """
    error: str | None
    """The class name of what the provider raises for it; None for a reply, whatever it holds."""
    text: str
    """What the model said, if anything."""
    rule: str
    """Which rule of the script it was; "generated" when none."""
    usage: Usage | None
    """What was billed; None when nothing was, as far as the caller knows. Of a chat's stream that was left or broke off
    after its beginning, what came.
    """
    started_ns: int
    """On the event loop's clock."""
    ended_ns: int | None
    """When the answer was out; None while it is not."""
    question: bytes
    """A digest of what was asked, the same for every attempt of it."""
    endpoint: EndpointName | Literal[""] = "chat"
    """Empty where the path leads to none."""
    counted_in: str = ""
    """The encoding that its tokens are counted in, such as "o200k_base"; "estimate" where the model's own is not known
    or not installed, empty where there is nothing to count.
    """
    refused: WhyRefused | None = None
    """Of a request that was refused, of which no more is known than its model and session, if those."""
    asker: Asker = field(default=NOBODY, compare=False, repr=False)
    """The agent's run in which it was asked, if any; two journals may differ in it and still be equal."""
    attempt: int = 0
    """How often the conversation asked the same before."""
    door: Door = field(default="", compare=False)
    bytes_in: int = field(default=0, compare=False)
    """Of the request's body; 0 where no bytes were."""
    bytes_out: int = field(default=0, compare=False)
    """Of the response, its head included, as far as it was given to the network."""
    first_byte_ns: int | None = field(default=None, compare=False)
    """When the first of them was; None where none were."""
    tool_calls: tuple[ToolCall, ...] = ()
    """What the model called, in its first choice where there are several; also where none of it came through."""

    @property
    def session_id(self) -> str | None:
        return self.request.session_id

    @property
    def agent_id(self) -> str | None:
        return self.request.agent_id

    @property
    def asked(self) -> str:
        """The last user message."""
        return next((m.content for m in reversed(self.request.messages) if m.role == "user"), "")

    @property
    def started(self) -> float:
        """Seconds on the event loop's clock."""
        return self.started_ns / 1e9

    @property
    def ended(self) -> float | None:
        return None if self.ended_ns is None else self.ended_ns / 1e9

    @property
    def seconds(self) -> float | None:
        """How long it took, rounded to 1 µs."""
        return None if self.ended_ns is None else round((self.ended_ns - self.started_ns) / 1e9, 6)


@dataclass(slots=True, eq=False)
class Opened:
    """An exchange in progress: what is known is filled in as it happens."""

    number: int
    inquiry: Inquiry
    started_ns: int
    question: bytes
    attempt: int
    """How often the session asked the same before."""
    asker: Asker
    outcome: str = WAITING
    error: str | None = None
    text: str = ""
    rule: str = ""
    usage: Usage | None = None
    ended_ns: int | None = None
    door: Door = ""
    bytes_in: int = 0
    bytes_out: int = 0
    first_byte_ns: int | None = None
    said: Choice | None = None
    """The first of the model's answers, if it gave any."""
    counted_in: str = ""
    version: int = 0
    """The journal's when this was last entered or changed."""
    allowances: Allowances | None = UNLIMITED
    """What the response tells of rate limits; None: nothing."""
    refused: WhyRefused | None = None

    @property
    def request(self) -> ChatRequest:
        return self.inquiry.request

    def exchange(self) -> Exchange:
        return Exchange(
            number=self.number,
            request=self.inquiry.request,
            endpoint=self.inquiry.endpoint,
            outcome=self.outcome,
            error=self.error,
            text=self.text,
            rule=self.rule,
            usage=self.usage,
            started_ns=self.started_ns,
            ended_ns=self.ended_ns,
            question=self.question,
            asker=self.asker,
            attempt=self.attempt,
            door=self.door,
            bytes_in=self.bytes_in,
            bytes_out=self.bytes_out,
            first_byte_ns=self.first_byte_ns,
            counted_in=self.counted_in,
            refused=self.refused,
            tool_calls=() if self.said is None else self.said.tool_calls,
        )
