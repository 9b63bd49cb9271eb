"""What can be made out of an HTTP request, also of one that is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Literal, cast

from kaizen_eval.fake.front.access import without_keys
from kaizen_eval.fake.inquiry import EndpointName, Inquiry
from kaizen_eval.fake.wire.errors import Rejection
from kaizen_eval.fake.wire.json_body import decode_json
from kaizen_eval.llm.wire import AGENT_HEADER, RUN_HEADER, SESSION_HEADER
from kaizen_eval.messages import ChatRequest

__all__ = ["id_in", "legible"]

_NAMED = re.compile(r"/(chat(?=/completions)|responses|embeddings|moderations|models)(?:/|\Z)")
_LONGEST = 16_384
"""Bytes of the body of a refused request that is kept."""


def id_in(headers: Mapping[str, str], name: str) -> str | None:
    """What a header of ours says about who asks: a JSON string, as our provider writes any text, or plain words.

    Raises:
        Rejection: it is empty, or a JSON string that is broken.
    """
    said = headers.get(name)
    if said is None or (said and not said.startswith('"')):
        return said
    try:
        return str(json.loads(said))
    except ValueError:
        raise Rejection(f"Invalid header '{name}': expected a name or a JSON string, but got {said!r}.") from None


def legible(path: str, headers: Mapping[str, str], body: bytes, *, model: str) -> Inquiry:
    """As much as there is; `model` stands in where none is named."""
    said = _said(body)
    named = said.get("model") if said else None
    request = ChatRequest(
        model=named if isinstance(named, str) else model,
        messages=(),
        session_id=_id(headers, SESSION_HEADER),
        agent_id=_id(headers, AGENT_HEADER),
    )
    return Inquiry(
        request=request,
        endpoint=_endpoint_at(path),
        body=said,
        headers=without_keys(headers),
        run_id=_id(headers, RUN_HEADER),
    )


def _said(body: bytes) -> Mapping[str, object] | None:
    with suppress(Rejection):
        return decode_json(body) if 0 < len(body) <= _LONGEST else None
    return None


def _id(headers: Mapping[str, str], name: str) -> str | None:
    with suppress(Rejection):
        return id_in(headers, name)
    return None


def _endpoint_at(path: str) -> EndpointName | Literal[""]:
    match = _NAMED.search(path)
    return "" if match is None else cast("EndpointName", match[1])
