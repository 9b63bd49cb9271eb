"""Recorded requests of tests: short to write, and strategies for all that they can hold."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from kaizen_eval.recording.body import Body
from kaizen_eval.recording.exchange import Exchange, RecordedRequest, RecordedResponse
from kaizen_eval.recording.lookup.key import key_of

JSON_TYPE = (("content-type", "application/json"),)

names = st.text(max_size=8)
scalars = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9).map(lambda x: x + 0.0) | st.text(max_size=8)
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4), max_leaves=12
)
json_objects = st.dictionaries(names, json_values, max_size=5)
chat_texts = st.text(min_size=1, max_size=20)


def posted(body, path="/chat/completions", *, method="POST", query=(), headers=JSON_TYPE):
    data = body if isinstance(body, bytes) else json.dumps(body).encode("utf-8", "surrogatepass")
    return RecordedRequest(method, path, tuple(sorted(query)), headers, Body(data))


def chat(*texts, model="m", **fields):
    """A conversation: the user's and the assistant's words by turns."""
    roles = ("user", "assistant")
    messages = [{"role": roles[place % 2], "content": text} for place, text in enumerate(texts)]
    return posted({"model": model, "messages": messages, **fields})


def exchanges(*requests, lane="", ignore=()):
    return tuple(
        Exchange(
            lane=lane,
            slot=slot,
            key=key_of(request, lane=lane, ignore=ignore),
            request=request,
            response=RecordedResponse(200),
        )
        for slot, request in enumerate(requests, 1)
    )
