"""A recorded request as the fake would read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from kaizen_eval.fake.endpoints.base import Arrival, Endpoint
from kaizen_eval.fake.endpoints.every import routes
from kaizen_eval.fake.endpoints.stored_responses import StoredResponses
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.wire.errors import Rejection
from kaizen_eval.recording.conversation.looking import json_of, mapping
from kaizen_eval.recording.exchange import RecordedRequest

__all__ = ["EARLIER", "Scene", "asked_body", "scene_of"]

EARLIER = "previous_response_id"
"""The field that says which response is continued: the fake has others, with other ids."""


class Scene(NamedTuple):
    """Where a request goes, and what it asks there."""

    endpoint: Endpoint
    inquiry: Inquiry


def asked_body(request: RecordedRequest) -> Mapping[str, Any]:
    """Empty where there is no JSON object."""
    return mapping(json_of(request.body.data))


def scene_of(request: RecordedRequest) -> Scene | None:
    """None where the fake has no such endpoint, or would refuse the request; earlier responses are left out."""
    body = {name: value for name, value in asked_body(request).items() if name != EARLIER}
    try:
        endpoint, names = routes(StoredResponses()).way(request.method, request.path)
        arrival = Arrival(request.method, request.path, body, dict(request.headers), names, urlencode(request.query))
        return Scene(endpoint, endpoint.read(arrival, model="fake"))
    except Rejection:
        return None
