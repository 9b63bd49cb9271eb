"""The front: HTTP requests in, what the client meets out; what the doors "sdk" and "server" share."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

from kaizen_eval.errors import UsageError
from kaizen_eval.fake.brain import Outcome
from kaizen_eval.fake.client.received import error_name
from kaizen_eval.fake.desk.desk import Desk
from kaizen_eval.fake.endpoints.base import Arrival, Endpoint
from kaizen_eval.fake.endpoints.chat import ChatEndpoint
from kaizen_eval.fake.endpoints.routing import Routes, Way
from kaizen_eval.fake.front.access import access_with, without_keys
from kaizen_eval.fake.front.legible import id_in, legible
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.journal.exchange import Opened, WhyRefused
from kaizen_eval.fake.model.completion import Completion
from kaizen_eval.fake.wire.errors import Rejection, refusal_id
from kaizen_eval.fake.wire.events import Answer, WireEvent
from kaizen_eval.fake.wire.headers import CORS, PREFLIGHT, Headers, request_id, standing_headers
from kaizen_eval.fake.wire.json_body import decode_json
from kaizen_eval.llm.wire import AGENT_HEADER, RUN_HEADER, SESSION_HEADER

__all__ = ["Front", "TurnedAway", "Visit"]

_log = logging.getLogger("kaizen_eval.fake")
_JSON = "application/json"
_CHAT = frozenset({"/v1/chat/completions", "/chat/completions"})
_STRANGER = 401
"""The status for those of whom nothing is kept but that they came."""
_LONGEST = 1000
"""Characters of each part of a reason in the journal: who sends a long path fills no memory with it."""


class Visit(NamedTuple):
    """A request that is being answered."""

    opened: Opened
    endpoint: Endpoint
    wants_head: bool = False
    """Whether the body is left out."""


class TurnedAway(NamedTuple):
    """A request that the service refuses, whatever the script says."""

    opened: Opened
    """Whoever sends the answer closes it."""
    answer: Answer


class Front:
    """Leads requests to their endpoints, and writes down what comes of them.

    Args:
        desk: which decides what is said.
        model: stands in where a request names none.
        api_key: the only one that is let in; None lets everybody in, with any key or none.
    """

    def __init__(self, desk: Desk, *, model: str, api_key: str | None = None) -> None:
        self.desk = desk
        self._model = model
        self._access = access_with(api_key)
        self._chat = Way(ChatEndpoint())

    def receive(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Visit | TurnedAway | Answer:
        """Open an exchange, which may be refused as the real service would; an answer alone is to a preflight.

        Args:
            method: in capitals.
            path: with its query.
            headers: names in lower case.
            body: as it came, decompressed.

        Raises:
            ScriptError: the script is not finished.
        """
        try:
            if method == "OPTIONS":
                return self._preflight(path)
            inquiry, endpoint = self._read(method, path, headers, body)
        except Rejection as refused:
            opened = self.refuse(method, path, headers, refused, body=body)
            return TurnedAway(opened, self._refusal(method, path, headers, body, refused))
        return Visit(self.desk.open(inquiry), endpoint, method == "HEAD")

    def look(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Inquiry:
        """What is asked, as far as it can be made out, also where this service would refuse it; opens nothing."""
        try:
            return self._read(method, path, headers, body)[0]
        except Rejection:
            return legible(path, headers, body, model=self._model)

    def refuse(
        self, method: str, path: str, headers: Mapping[str, str], refused: Rejection, *, body: bytes = b""
    ) -> Opened:
        """Enter a request that is refused in the journal and in the log: whoever asked may have swallowed it."""
        self._note(method, path, refused)
        path = path.partition("?")[0]
        told = (f"{method} {path}".strip(), refused.message, str(refused.__cause__ or ""))
        asked, message, detail = (text[:_LONGEST] for text in told)
        is_stranger = refused.status == _STRANGER
        inquiry = legible(path, {} if is_stranger else headers, b"" if is_stranger else body, model=self._model)
        why = WhyRefused(asked, refused.status, message, detail)
        return self.desk.refuse(inquiry, why, error=error_name(refused.answer(), inquiry))

    def answer(self, visit: Visit, outcome: Outcome) -> WireEvent:
        """What the client meets."""
        opened, endpoint, wants_head = visit
        told = _standing(opened, outcome.seconds)
        if not isinstance(outcome.event, Completion):
            return _told(outcome.event, told) if isinstance(outcome.event, Answer) else outcome.event
        try:
            answer = endpoint.write(outcome.event, opened.inquiry)
        except Rejection as refused:
            return self._too_late(visit, refused, (request_id(outcome.event.mark), *told))
        answer = Answer(answer.status, answer.headers + told, b"" if wants_head else answer.body)
        return answer if outcome.spoiling is None else outcome.spoiling.spoil(answer)

    def marked(self, opened: Opened, answer: Answer) -> Answer:
        """An answer of the fake's own, such as to a miss, with the headers that every response has."""
        return _told(answer, (request_id(self.desk.mark(opened)), *_standing(opened, 0)))

    def _too_late(self, visit: Visit, refused: Rejection, told: Headers) -> Answer:
        """Refuse what was well asked for and is not there."""
        opened, arrived = visit.opened, visit.opened.inquiry
        answer = _told(refused.answer(), told)
        self.desk.journal.refuse(opened, WhyRefused("", refused.status, refused.message))
        opened.error = error_name(answer, arrived)
        return replace(answer, body=b"") if visit.wants_head else answer

    def _read(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[Inquiry, Endpoint]:
        arrival, endpoint = self._arrival(method, path, headers, body)
        inquiry = endpoint.read(arrival, model=self._model)
        if RUN_HEADER in headers:
            inquiry = replace(inquiry, run_id=id_in(headers, RUN_HEADER))
        return inquiry, endpoint

    def _arrival(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[Arrival, Endpoint]:
        path, _, query = path.partition("?")
        endpoint, names = self._way(method, path)
        self._access.check(headers)
        is_named = bool(names) and not body  # to cancel one thing says all by its path
        said = _body(headers, body) if method == "POST" and not is_named else {}
        shown = without_keys(headers)
        ids = (id_in(headers, SESSION_HEADER), id_in(headers, AGENT_HEADER))
        return Arrival(method, path, said, shown, names, query, *ids), endpoint

    def _way(self, method: str, path: str) -> Way:
        """A chat needs none of the other endpoints."""
        return self._chat if method == "POST" and path in _CHAT else self._routes.way(method, path)

    @cached_property
    def _routes(self) -> Routes:
        from kaizen_eval.fake.endpoints.every import routes  # noqa: PLC0415 - a server starts without most of them

        return routes(self.desk.responses)

    def _preflight(self, path: str) -> Answer:
        """What a browser asks before it lets a page ask."""
        methods = ", ".join(self._routes.methods(path.partition("?")[0]))
        return Answer(200, (("allow", methods), ("access-control-allow-methods", methods), *PREFLIGHT), b"")

    def _refusal(self, method: str, path: str, headers: Mapping[str, str], body: bytes, refused: Rejection) -> Answer:
        told = (("x-request-id", refusal_id(method, path, body)), *standing_headers(0, self.desk.unlimited))
        if "origin" in headers:
            told += CORS
        answer = _told(refused.answer(), told)
        return replace(answer, body=b"") if method == "HEAD" else answer

    def _note(self, method: str, path: str, refused: Rejection) -> None:
        """Whoever asked may have swallowed the refusal; a query may hold a key."""
        path = path.partition("?")[0]
        if not refused.is_unspoken:
            cause = "" if refused.__cause__ is None else f" ({refused.__cause__})"
            _log.info("%s %s: %d %s%s", method, path, refused.status, refused.message, cause)
            return
        _log.warning("%s %s: the fake LLM does not speak this: %s", method, path, refused.message)
        self.desk.complain(UsageError(f"The fake LLM does not speak {method} {path}: {refused.message}"))


def _body(headers: Mapping[str, str], body: bytes) -> Mapping[str, object]:
    """A request that does not say what its body is may be JSON."""
    kind = headers.get("content-type", _JSON)
    if kind != _JSON and kind.partition(";")[0].strip().lower() != _JSON:
        raise Rejection(
            f"Unsupported content type: '{kind}'. This API method only accepts '{_JSON}' requests, but you specified "
            f"the header 'Content-Type: {kind}'. Please try again with a supported content type.",
            code="unsupported_content_type",
        )
    return decode_json(body)


def _standing(opened: Opened, seconds: float) -> Headers:
    """But for the id, what every response to this request has."""
    told = standing_headers(round(seconds * 1000), opened.allowances)
    return told + CORS if "origin" in opened.inquiry.headers else told


def _told(answer: Answer, told: tuple[tuple[str, str], ...]) -> Answer:
    """With the headers that every response has, as far as it says nothing else."""
    own = {name for name, _ in answer.headers}
    return replace(answer, headers=answer.headers + tuple(header for header in told if header[0] not in own))
