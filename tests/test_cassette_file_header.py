"""The header of a cassette: what was recorded, with what, and what it cost."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from cassette_exchanges import EXCHANGES, answered, recorded
from hypothesis import given, settings
from hypothesis import strategies as st

from kaizen_eval.metrics.pricing import table_version
from kaizen_eval.recording.exchange import Exchange, Failure
from kaizen_eval.recording.file import Totals, encode, header_for
from kaizen_eval.recording.file.assembled import assembled_text
from kaizen_eval.recording.file.moments import amount_of, amount_text, moment_of, moment_text

AT = datetime(2026, 11, 22, 22, 54, 31, tzinfo=UTC)
USAGE = {"prompt_tokens": 1_000_000, "completion_tokens": 100_000}
TABLE = table_version()


def asked(answer: object, *, model: object = "gpt-4o-mini", status: int = 200, slot: int = 1) -> Exchange:
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return answered(json.dumps({"model": model}).encode(), body, slot=slot, status=status)


def stream(*events: object) -> bytes:
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events) + b"data: [DONE]\n\n"


def totals_of(*exchanges: Exchange) -> Totals:
    return header_for(exchanges, recorded_at=AT, parts=()).totals


KNOWN = Totals(
    exchanges=1, prompt_tokens=1_000_000, completion_tokens=100_000, cost_usd=Decimal("0.21"), price_table=TABLE
)
RESPONSES_USAGE = {"input_tokens": 1_000_000, "output_tokens": 100_000}


@pytest.mark.parametrize(
    "answer",
    [
        {"model": "gpt-4o-mini-2024-07-18", "usage": USAGE},
        {"model": "gpt-4o-mini-2999-01-01-unheard-of", "usage": USAGE},
        {"usage": RESPONSES_USAGE},
        stream({"model": "gpt-4o-mini", "usage": None}, {"choices": [], "usage": USAGE}),
        stream({"type": "response.completed", "response": {"model": "gpt-4o-mini", "usage": RESPONSES_USAGE}}),
        stream(
            {"type": "message_start", "message": {"usage": {"input_tokens": 1_000_000, "output_tokens": 1}}},
            {"type": "message_delta", "usage": {"output_tokens": 100_000}},
        ),
    ],
)
def test_tokens_and_cost_are_found_wherever_a_service_tells_them(answer: object):
    assert totals_of(asked(answer)) == KNOWN


def test_what_was_cached_costs_what_the_table_says():
    usage = USAGE | {"prompt_tokens_details": {"cached_tokens": 1_000_000}}

    assert totals_of(asked({"usage": usage})).cost_usd == Decimal("0.135")


def test_a_price_that_is_not_known_is_said_so_and_is_never_nothing():
    found = totals_of(asked({"usage": USAGE}), asked({"usage": USAGE}, model="our-own", slot=2))

    assert found == replace(
        KNOWN, exchanges=2, prompt_tokens=2_000_000, completion_tokens=200_000, cost_usd=None, unpriced=("our-own",)
    )


@pytest.mark.parametrize("answer", [{"choices": []}, b"no JSON", b"", stream({"choices": []}), [1], {"usage": 1}])
def test_an_answer_that_does_not_tell_its_tokens_makes_the_cost_unknown(answer: object):
    assert totals_of(asked(answer)) == Totals(exchanges=1, cost_usd=None, unmetered=1)


def test_errors_and_requests_that_ask_no_model_cost_nothing():
    refused = replace(asked({}, slot=2), response=None, failure=Failure("ConnectError", "refused"))
    others = [answered(b"", b"{}", slot=3), answered(b"{", b"{}", slot=4), asked({"usage": USAGE}, model=1, slot=5)]

    assert totals_of(asked({"usage": USAGE}, status=429), refused, *others) == Totals(exchanges=5, cost_usd=Decimal(0))


@pytest.mark.parametrize(
    ("failure", "unmetered"),
    [("ConnectError", 0), ("ConnectTimeout", 0), ("PoolTimeout", 0), ("ReadTimeout", 1), ("ReadError", 1), (None, 1)],
)
def test_a_request_that_may_have_been_answered_makes_the_cost_unknown(failure: str | None, unmetered: int):
    lost = replace(asked({}), response=None, failure=failure and Failure(failure, "lost"), was_left=failure is None)

    assert totals_of(lost).unmetered == unmetered


def test_a_header_names_the_models_that_were_asked_and_the_second_in_utc():
    moment = datetime(2026, 11, 22, 23, 54, 31, 999_999, tzinfo=timezone(timedelta(hours=1)))
    header = header_for([asked({}), asked({}, model="b", slot=2), asked({}, slot=3)], recorded_at=moment)

    assert (header.models, header.recorded_at) == (("b", "gpt-4o-mini"), AT)
    assert [name for name, _ in header.parts] == ["kaizen-eval", "openai", "httpx2"]


@settings(deadline=None)
@given(exchanges=st.lists(EXCHANGES, max_size=3))
def test_any_exchanges_have_a_header(exchanges: list[Exchange]):
    assert header_for(exchanges, recorded_at=AT, parts=()).totals.exchanges == len(exchanges)


@settings(deadline=None)
@given(amount=st.none() | st.decimals(0, 10**9, allow_nan=False), moment=st.datetimes(timezones=st.just(UTC)))
def test_amounts_and_times_come_back(amount: Decimal | None, moment: datetime):
    assert amount_of(amount_text(amount)) == amount
    assert moment_of(moment_text(moment)) == moment.replace(microsecond=0)


@pytest.mark.parametrize("text", ["-", "free", "NaN", "-1", "Infinity"])
def test_an_amount_that_is_none_is_refused(text: str):
    with pytest.raises(ValueError, match=text):
        amount_of(text)


def test_recording_twice_differs_in_times_alone():
    once = [asked({"usage": USAGE}), asked(stream({"choices": []}), slot=2)]
    again = [replace(one, sent_at_us=7, response=_later(one)) for one in once]

    lines = [encode(recorded(*one, days=days), form="yaml").splitlines() for days, one in enumerate([once, again])]
    differing = [pair for pair in zip(*lines, strict=True) if len(set(pair)) == 2]

    names = [line.split(b":")[0].strip().decode() for line, _ in differing]
    assert names == ["recorded_at", *["sent_at_us", "at_us", "offsets_us"] * 2]


def _later(exchange: Exchange) -> Any:
    assert exchange.response is not None
    return replace(exchange.response, at_us=8, offsets_us=(9,))


def chat(content: object, *, choice: int = 0, **delta: object) -> object:
    return {"choices": [{"index": choice, "delta": {"content": content, **delta}}]}


def call(index: int, **function: object) -> object:
    return chat(None, tool_calls=[{"index": index, "function": function}])


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (stream(chat("Hel"), chat("lo\n")), "Hello\n"),
        (stream(chat("a"), chat("x", choice=1), chat("b")), "ab\n\nx"),
        (stream(chat(None, refusal="I "), chat("", refusal="won't")), "I won't"),
        (stream(call(0, name="f", arguments=""), call(0, arguments='{"a":'), call(0, arguments="1}")), 'f {"a": 1}'),
        (stream({"type": "response.output_text.delta", "output_index": 0, "delta": "Hi"}), "Hi"),
        (
            stream(
                {
                    "type": "response.output_item.added",
                    "output_index": 1,
                    "item": {"type": "function_call", "name": "f"},
                },
                {"type": "response.function_call_arguments.delta", "output_index": 1, "delta": '{"a":1}'},
            ),
            'f {"a": 1}',
        ),
        (stream({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}}), "Hi"),
        (stream(chat("Hel"), chat("lo")).replace(b"\n", b"\r\n"), "Hello"),
        (stream(chat("Hel"), chat("lo"))[:-30], "Hel"),
        (b'event: a\ndata:{"choices":[{"delta":{"content":"Hi"}}]}\n\n', "Hi"),
        (stream([1], 1, {"choices": 1}, {"choices": [1, {"delta": 1}]}, call(0), chat(None, tool_calls=[1])), ""),
        (json.dumps(chat("data: {}")).encode(), ""),
        (b"\xffdata: {", ""),
        (b"", ""),
    ],
)
def test_the_text_beside_a_stream_is_what_it_adds_up_to(body: bytes, text: str):
    assert assembled_text(body) == text


@settings(deadline=None)
@given(st.binary() | st.binary().map(lambda junk: b"data: {" + junk))
def test_any_body_has_some_text_beside_it(body: bytes):
    assert isinstance(assembled_text(body), str)
