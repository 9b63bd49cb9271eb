"""The front: HTTP requests in, what the client meets out; what the doors "sdk" and "server" share."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from typing import NamedTuple

from kaizen_eval.errors import UsageError
from kaizen_eval.fake.brain import Outcome
from kaizen_eval.fake.completion import Completion
from kaizen_eval.fake.desk import Desk
from kaizen_eval.fake.endpoints.base import Arrival, Endpoint
from kaizen_eval.fake.endpoints.chat import ChatEndpoint
from kaizen_eval.fake.journal import Opened
from kaizen_eval.fake.wire.errors import Rejection
from kaizen_eval.fake.wire.events import Answer, WireEvent
from kaizen_eval.llm.wire import AGENT_HEADER, SESSION_HEADER

__all__ = ["Front", "Visit"]

_log = logging.getLogger("kaizen_eval.fake")


class Visit(NamedTuple):
    """A request that is being answered."""

    opened: Opened
    endpoint: Endpoint


class _Route(NamedTuple):
    method: str
    path: re.Pattern[str]
    """Searched for at the end of the path: whatever a base URL puts before it is none of ours."""
    endpoint: Endpoint


class Front:
    """Leads requests to their endpoints, and writes down what comes of them."""

    def __init__(self, desk: Desk, *, model: str) -> None:
        self.desk = desk
        self._model = model
        self._routes = (_Route("POST", re.compile(r"/chat/completions/?$"), ChatEndpoint()),)

    def receive(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Visit | Answer:
        """Open an exchange, or refuse as the real service would.

        Args:
            method: in capitals.
            path: with its query.
            headers: names in lower case.
            body: as it came, decompressed.

        Raises:
            ScriptError: the script is not finished.
        """
        try:
            arrival, endpoint = self._arrival(method, path, headers, body)
            inquiry = endpoint.read(arrival, model=self._model)
        except Rejection as refused:
            if refused.is_unspoken:
                self._complain(method, path, refused)
            return refused.answer()
        return Visit(self.desk.open(inquiry), endpoint)

    def answer(self, visit: Visit, outcome: Outcome) -> WireEvent:
        """What the client meets."""
        if not isinstance(outcome.event, Completion):
            return outcome.event
        try:
            answer = visit.endpoint.write(outcome.event, visit.opened.inquiry)
        except Rejection as refused:
            return refused.answer()
        return answer if outcome.spoiling is None else outcome.spoiling.spoil(answer)

    def _complain(self, method: str, path: str, refused: Rejection) -> None:
        """Whoever asked may have swallowed the refusal."""
        _log.warning("%s %s: the fake LLM does not speak this: %s", method, path, refused.message)
        self.desk.complain(UsageError(f"The fake LLM does not speak {method} {path}: {refused.message}"))

    def _arrival(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[Arrival, Endpoint]:
        path, _, query = path.partition("?")
        for route in self._routes:
            if route.method == method and (found := route.path.search(path)):
                said = _json(body) if method == "POST" else {}
                ids = (_id(headers, SESSION_HEADER), _id(headers, AGENT_HEADER))
                shown = {name: value for name, value in headers.items() if name != "authorization"}
                return Arrival(method, path, said, shown, found.groups(), query, *ids), route.endpoint
        raise Rejection(
            f"Unknown request URL: {method} {path}. Please check the URL for typos.", status=404, is_unspoken=True
        )


def _json(body: bytes) -> Mapping[str, object]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Rejection(f"We could not parse the JSON body of your request: {error}.") from error
    if not isinstance(data, dict):
        raise Rejection("The body of your request must be a JSON object.")
    return data


def _id(headers: Mapping[str, str], name: str) -> str | None:
    return json.loads(headers[name]) if name in headers else None
