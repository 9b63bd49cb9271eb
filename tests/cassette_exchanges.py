"""Bodies and exchanges of every kind, for laws about cassettes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import strategies as st

from kaizen_eval.recording.body import Body
from kaizen_eval.recording.exchange import Exchange, Failure, RecordedRequest, RecordedResponse
from kaizen_eval.recording.file import Recording, header_for

__all__ = ["AWKWARD", "BODIES", "EXCHANGES", "JSON_TEXTS", "RECORDINGS", "TEXTS", "WORDS", "answered", "recorded"]

MOMENT = datetime(2026, 11, 22, 22, 54, 31, tzinfo=UTC)
AWKWARD = (
    "\0\x01\x07\t\n\r\x0b\x0c\x1b\x1c \x7f\x80\x85\x9f\xa0\xad\u061c\u200b\u200d\u2028\u2029\u202e\ud7ff\ue000\ufeff"
    "\ufffd\ufffe\uffff\U0001f600\U000e0041\U0010ffff\"\\'/#:-?{}[],&*!|>%@`=~.<aé9"
)
TEXTS = st.text(alphabet=st.one_of(st.sampled_from(AWKWARD), st.characters(exclude_categories=["Cs"])))
WORDS = st.one_of(
    TEXTS, st.sampled_from(["", "no", "Yes", "null", "~", "1", "1e3", "0x1f", "1:30", "2026-11-22", "=", "<<"])
)

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
_DUMPED = st.builds(
    lambda value, indent, separators, ascii_: json.dumps(
        value, indent=indent, separators=separators, ensure_ascii=ascii_
    ),
    _VALUES,
    st.sampled_from([None, None, None, 0, 1, 2, 4, "\t"]),
    st.sampled_from([None, (",", ":"), (", ", ": "), (",", ": "), (" , ", " : ")]),
    st.booleans(),
)
_WHITE = st.text(alphabet=" \t\r\n", max_size=2)
_NUMBERS = st.from_regex(r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,5})?([eE][+-]?[0-9]{1,4})?", fullmatch=True)
_STRINGS = st.from_regex(
    r'"([^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4}|\\ud83d\\ude00|\\u2028|\\u00e9)*"', fullmatch=True
)
_WRITTEN = st.recursive(
    _NUMBERS | _STRINGS | st.sampled_from(["true", "false", "null"]),
    lambda inner: st.one_of(
        st.builds(lambda items, white: f"[{white}{f'{white},'.join(items)}]", st.lists(inner, max_size=4), _WHITE),
        st.builds(
            lambda pairs, white: f"{{{f',{white}'.join(f'{name}:{white}{value}' for name, value in pairs)}}}",
            st.lists(st.tuples(_STRINGS, inner), max_size=4),
            _WHITE,
        ),
    ),
    max_leaves=10,
)
JSON_TEXTS = st.builds(
    lambda text, end: text + end, _DUMPED | _WRITTEN, st.sampled_from(["", "", "\n", " ", "\n\n", "\r\n"])
)
_STREAMS = st.builds(
    lambda events, end: "".join(f"data: {event.replace(chr(10), ' ')}{end}{end}" for event in events),
    st.lists(JSON_TEXTS | st.just("[DONE]"), max_size=4),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
_MANGLED = st.builds(
    lambda text, at, junk: text.encode(errors="replace")[: at % 40] + junk + text.encode(errors="replace")[at % 40 :],
    JSON_TEXTS,
    st.integers(0, 39),
    st.binary(max_size=3),
)
BODIES = st.one_of(
    st.binary(),
    st.one_of(TEXTS, JSON_TEXTS, _STREAMS, _WHITE).map(lambda text: text.encode(errors="replace")),
    _MANGLED,
)
"""Any bytes: most of them nearly something that a person would want to read."""

_TIMES = st.integers(0, 10**12)
_PAIRS = st.lists(st.tuples(WORDS, WORDS), max_size=3).map(tuple)
_REQUESTS = st.builds(RecordedRequest, WORDS, WORDS, _PAIRS, _PAIRS, BODIES.map(Body))
_FAILURES = st.builds(Failure, WORDS, WORDS, _TIMES)


@st.composite
def _responses(draw: st.DrawFn) -> RecordedResponse:
    data = draw(BODIES)
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=3))) if data else []
    edges = [0, *cuts, len(data)] if data else []
    sizes = tuple(end - begin for begin, end in pairwise(edges))
    offsets = tuple(draw(_TIMES) for _ in sizes)
    return RecordedResponse(draw(st.integers(100, 999)), draw(_PAIRS), Body(data), sizes, offsets, draw(_TIMES))


_ENDS = st.one_of(
    st.tuples(_responses(), st.none(), st.booleans()),
    st.tuples(st.none(), _FAILURES, st.booleans()),
    st.tuples(_responses(), _FAILURES, st.booleans()),
    st.tuples(st.none(), st.none(), st.just(True)),  # the client left before anything came
)
EXCHANGES = st.builds(
    lambda ends, lane, slot, key, request, sent: Exchange(
        lane=lane,
        slot=slot,
        key=key,
        request=request,
        response=ends[0],
        failure=ends[1],
        was_left=ends[2],
        sent_at_us=sent,
    ),
    _ENDS,
    WORDS,
    st.integers(1, 10**6),
    WORDS,
    _REQUESTS,
    _TIMES,
)
RECORDINGS = st.builds(
    lambda exchanges, days: recorded(*exchanges, days=days),
    st.lists(EXCHANGES, max_size=3, unique_by=lambda exchange: (exchange.lane, exchange.slot)),
    st.integers(0, 10_000),
)


def recorded(*exchanges: Exchange, days: int = 0) -> Recording:
    """A recording of these exchanges, in the order in which a file has them."""
    ordered = tuple(sorted(exchanges, key=lambda exchange: (exchange.lane, exchange.slot)))
    parts = (("kaizen-eval", "0.1.0"), ("openai", "3.54.0"))
    return Recording(header_for(ordered, recorded_at=MOMENT + timedelta(days=days), parts=parts), ordered)


def answered(asked: bytes, answer: bytes, *, slot: int = 1, lane: str = "", status: int = 200) -> Exchange:
    """A plain exchange: a chat completion that came in one piece."""
    kind = (("content-type", "application/json"),)
    response = RecordedResponse(
        status, kind, Body(answer), (len(answer),) if answer else (), (1500,) if answer else (), 1200
    )
    request = RecordedRequest("POST", "/chat/completions", (), kind, Body(asked))
    return Exchange(
        lane=lane, slot=slot, key=f"{slot:032x}", request=request, response=response, sent_at_us=slot * 1000
    )
