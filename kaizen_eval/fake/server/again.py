"""Requests that come again, byte for byte: read once, and where a rule says the same again, written once."""

from __future__ import annotations

from typing import NamedTuple

from kaizen_eval.fake.brain import Choice, Outcome
from kaizen_eval.fake.desk.desk import Desk
from kaizen_eval.fake.endpoints.chat import ChatEndpoint
from kaizen_eval.fake.front.front import Front, TurnedAway, Visit
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.journal.exchange import Opened
from kaizen_eval.fake.model.completion import Completion
from kaizen_eval.fake.reply import Reply
from kaizen_eval.fake.script.script import Script
from kaizen_eval.fake.server.incoming import HttpRequest
from kaizen_eval.fake.server.outgoing import whole
from kaizen_eval.fake.wire.chat.stream import ChatStream
from kaizen_eval.fake.wire.course import course
from kaizen_eval.fake.wire.events import Answer
from kaizen_eval.fake.wire.headers import UNLIMITED

__all__ = ["Again", "Arrivals"]

_MOST = 256
"""Requests that are remembered; when there are more, all are forgotten."""
_LONGEST = 16_384
"""Bytes of a body that is remembered."""
_LONGEST_STREAM = 1024 * 1024
"""Bytes of a stream that is remembered."""
_ROOM = 8 * 1024 * 1024
"""Bytes of answers; where there are more, all are forgotten."""


class _Written(NamedTuple):
    """An answer without its ids."""

    script: Script
    action: object
    """The reply that was given, by identity; another script or another reply is written anew."""
    outcome: Outcome
    between_ids: list[bytes]
    is_sure: bool
    """Whether it was the same twice: else something in it may hang on the id."""
    size: int
    """Of an id; with a longer one the length of the body is another."""


class Again:
    """What is known of a request that came before."""

    __slots__ = ("endpoint", "inquiry", "is_repeated", "question", "seed", "written")

    def __init__(self, visit: Visit, seed: int) -> None:
        self.inquiry: Inquiry = visit.opened.inquiry
        self.endpoint = visit.endpoint
        self.question = visit.opened.question
        self.seed = seed
        self.is_repeated = False
        self.written: _Written | None = None

    def answer(self, desk: Desk, choice: Choice, opened: Opened) -> bytes | None:
        """The response with new ids, noted in the journal; None where it is to be written anew."""
        written = self.written
        if (
            written is None
            or not written.is_sure
            or written.action is not choice.action
            or written.script is not desk.script
        ):
            return None
        mark = desk.mark(opened).encode()
        if opened.allowances is not UNLIMITED or len(mark) != written.size:
            return None
        desk.note(opened, written.outcome)
        return mark.join(written.between_ids)


class Arrivals:
    """The requests to one front, the latest of which are remembered."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self._known: dict[tuple[object, ...], Again] = {}
        self._kept = 0
        """Bytes of answers that are remembered."""

    def receive(self, request: HttpRequest) -> tuple[Visit | TurnedAway | Answer, Again | None]:
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
            again.is_repeated = True
            return Visit(desk.open(again.inquiry, question=again.question), again.endpoint), again
        came = self.front.receive(method, target, headers, body)
        # other endpoints remember what was said before: the same request may mean something else
        if isinstance(came, Visit) and isinstance(came.endpoint, ChatEndpoint):
            if len(self._known) >= _MOST or self._kept > _ROOM:
                self._known.clear()
                self._kept = 0
            self._known[key] = again = Again(came, desk.seed)
            return came, again
        return came, None

    def keep(self, again: Again, choice: Choice, opened: Opened, outcome: Outcome, answer: Answer) -> None:
        """Remember an answer to what came before, if it differs the next time in nothing but its ids."""
        if not again.is_repeated:
            return  # most come only once
        desk = self.front.desk
        is_constant = isinstance(choice.action, Reply) and isinstance(outcome.event, Completion)
        if not is_constant or outcome.spoiling or desk.real_ids or opened.allowances is not UNLIMITED:
            return
        data = _at_once(answer) if isinstance(answer.body, ChatStream) else whole(answer)
        if data is not None:
            mark = desk.mark(opened).encode()
            between, before = data.split(mark), again.written
            is_same = before is not None and before.script is desk.script and before.action is choice.action
            is_sure = is_same and before is not None and before.between_ids == between
            self._kept += len(data)
            again.written = _Written(desk.script, choice.action, outcome, between, is_sure, len(mark))


def _at_once(answer: Answer) -> bytes | None:
    """All of a stream, where all of it is due at once; None of one that takes its time, or is long."""
    parts, size = [], 0
    for arriving in course(answer):
        parts.append(arriving.data)
        size += len(arriving.data)
        if arriving.at or size > _LONGEST_STREAM:
            return None
    return b"".join(parts)
