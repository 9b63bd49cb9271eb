"""Endpoint: what a front asks of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.model.completion import Completion
from kaizen_eval.fake.wire.events import Answer

__all__ = ["Arrival", "Endpoint"]


class Arrival(NamedTuple):
    """An HTTP request that has found its endpoint."""

    method: str
    path: str
    body: Mapping[str, Any]
    """Decoded; empty where none is due."""
    headers: Mapping[str, str]
    """Names in lower case; never the key."""
    names: tuple[str, ...] = ()
    """What the path names, such as the id of a response."""
    query: str = ""
    session_id: str | None = None
    agent_id: str | None = None


class Endpoint(Protocol):
    """Reads requests and writes answers; what is said in between is decided elsewhere."""

    def read(self, arrival: Arrival, *, model: str) -> Inquiry:
        """The inquiry in a request; `model` stands in when it names none.

        Raises:
            Rejection: the real service would refuse it, too.
        """
        ...

    def write(self, completion: Completion, inquiry: Inquiry) -> Answer:
        """The response, whole or as a stream, with `x-request-id`.

        Raises:
            Rejection: what is asked for is not there.
        """
        ...
