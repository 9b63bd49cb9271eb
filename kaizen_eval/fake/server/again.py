"""Requests that come again, byte for byte: read once, and where a rule says the same again, written once."""

from __future__ import annotations

from typing import NamedTuple

from kaizen_eval.fake.brain import Choice, Outcome
from kaizen_eval.fake.completion import Completion
from kaizen_eval.fake.desk import Desk
from kaizen_eval.fake.endpoints.chat import ChatEndpoint
from kaizen_eval.fake.front import Front, Visit
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.journal import Opened
from kaizen_eval.fake.reply import Reply
from kaizen_eval.fake.script import Script
from kaizen_eval.fake.server.incoming import HttpRequest
from kaizen_eval.fake.server.outgoing import whole
from kaizen_eval.fake.wire.events import Answer
from kaizen_eval.fake.wire.headers import UNLIMITED

__all__ = ["Again", "Arrivals"]

_MOST = 256
"""Requests that are remembered; when there are more, all are forgotten."""
_LONGEST = 16_384
"""Bytes of a body that is remembered."""


class _Written(NamedTuple):
    """An answer without its ids."""

    script: Script
    action: object
    """The reply that was given, by identity; another script or another reply is written anew."""
    outcome: Outcome
    between_ids: list[bytes]
    size: int
    """Of an id; with a longer one the length of the body is another."""


class Again:
    """What is known of a request that came before."""

    __slots__ = ("_written", "endpoint", "inquiry", "question", "seed")

    def __init__(self, visit: Visit, seed: int) -> None:
        self.inquiry: Inquiry = visit.opened.inquiry
        self.endpoint = visit.endpoint
        self.question = visit.opened.question
        self.seed = seed
        self._written: _Written | None = None

    def answer(self, desk: Desk, choice: Choice, opened: Opened) -> bytes | None:
        """The response with new ids, noted in the journal; None where it is to be written anew."""
        written = self._written
        if written is None or written.action is not choice.action or written.script is not desk.script:
            return None
        mark = desk.mark(opened).encode()
        if opened.allowances is not UNLIMITED or len(mark) != written.size:
            return None
        desk.note(opened, written.outcome)
        return mark.join(written.between_ids)

    def keep(self, desk: Desk, choice: Choice, opened: Opened, outcome: Outcome, answer: Answer) -> None:
        """Remember an answer that differs the next time in nothing but its ids."""
        is_constant = isinstance(choice.action, Reply) and isinstance(outcome.event, Completion)
        if (
            not is_constant
            or _varies(opened.inquiry, outcome.event)
            or outcome.spoiling
            or desk.real_ids
            or opened.allowances is not UNLIMITED
        ):
            return
        data = whole(answer)
        if data is not None:
            mark = desk.mark(opened).encode()
            self._written = _Written(desk.script, choice.action, outcome, data.split(mark), len(mark))


def _varies(inquiry: Inquiry, event: object) -> bool:
    """Whether more than the mark differs the next time: probabilities, thoughts, the ids of calls."""
    choices = event.choices if isinstance(event, Completion) else ()
    return inquiry.logprobs is not None or any(choice.reasoning or choice.tool_calls for choice in choices)


class Arrivals:
    """The requests to one front, the latest of which are remembered."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self._known: dict[tuple[object, ...], Again] = {}

    def receive(self, request: HttpRequest) -> tuple[Visit | Answer, Again | None]:
        """As `Front.receive`, and what is known of the request.

        Raises:
            ScriptError: the script is not finished.
        """
        method, target, headers, body = request[:4]
        if len(body) > _LONGEST or method != "POST":
            return self.front.receive(method, target, headers, body), None
        key = (target, body, *headers.items())
        again = self._known.get(key)
        desk = self.front.desk
        if again is not None and again.seed == desk.seed:
            return Visit(desk.open(again.inquiry, question=again.question), again.endpoint), again
        came = self.front.receive(method, target, headers, body)
        # other endpoints remember what was said before: the same request may mean something else
        if isinstance(came, Visit) and isinstance(came.endpoint, ChatEndpoint):
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[key] = again = Again(came, desk.seed)
            return came, again
        return came, None
