"""A secret that comes in parts goes from all of them, and the stream stays a stream."""

from __future__ import annotations

import json
from itertools import zip_longest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redaction_asking import (
    EXAMPLES,
    SSE,
    VALUE,
    assembled,
    came,
    chat_stream,
    cut,
    exchange,
    pieces_of,
    plain_redactor,
    secrets,
    writings,
)

from kaizen_eval.recording.exchange import RecordedRequest
from kaizen_eval.recording.redaction import REDACTED, Finding

KEY = next(iter(EXAMPLES))
splits = st.lists(st.integers(0, 300), max_size=12)
DONE = b"data: [DONE]\n\n"


def events(*data: object) -> bytes:
    return b"".join(f"data: {json.dumps(one)}\n\n".encode() for one in data)


def redacted(body: bytes) -> bytes:
    return came([body], SSE).body.data


@settings(deadline=None)
@given(secrets, splits, splits)
def test_a_secret_split_over_deltas_always_goes(secret, edges, reads):
    text = f"Take ü {secret} and go."
    body = b"".join(chat_stream(cut(text, edges))) + DONE
    response = came(cut(body, reads), SSE)
    assert assembled(response.body.data) == f"Take ü {REDACTED} and go."
    assert len(response.sizes) == len(cut(body, reads))
    assert plain_redactor().scan(exchange(RecordedRequest("GET", "/x"), response)) == ()


@settings(deadline=None)
@given(secrets, splits, splits)
def test_events_stay_as_many_as_they_were(secret, edges, reads):
    body = b"".join(chat_stream(cut(f"So: {secret}", edges)))
    after = came(cut(body, reads), SSE).body.data
    assert after.count(b"\n\n") == body.count(b"\n\n")
    assert [writing for writing in writings(secret) if writing in assembled(after)] == []


@settings(deadline=None)
@given(secrets, splits, splits)
def test_a_redacted_stream_is_redacted_no_further(secret, edges, reads):
    body = b"".join(chat_stream(cut(f"{secret} {secret}", edges)))
    first = came(cut(body, reads), SSE)
    again = came(pieces_of(first), SSE)
    assert (again.body, again.sizes) == (first.body, first.sizes)


@settings(deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=9), max_size=9), splits)
def test_a_stream_without_secrets_stays_byte_for_byte(parts, reads):
    body = b"".join(chat_stream(parts)) + DONE
    response = came(cut(body, reads), SSE)
    assert pieces_of(response) == cut(body, reads)


@settings(deadline=None)
@given(secrets, secrets, splits, splits)
def test_choices_that_come_by_turns_are_read_apart(one, other, edges, more):
    first, second = chat_stream(cut(f"A {one} b.", edges)), chat_stream(cut(f"C {other} d.", more), index=1)
    turns = [event for pair in zip_longest(first, second, fillvalue=b"") for event in pair]
    body = redacted(b"".join(turns))
    assert [assembled(body, 0), assembled(body, 1)] == [f"A {REDACTED} b.", f"C {REDACTED} d."]


def test_the_placeholder_stands_in_the_first_delta_that_held_a_part():
    body = b"".join(chat_stream(["Key: ", KEY[:2], KEY[2:9], KEY[9:] + " ok", "?"]))
    assert redacted(body) == b"".join(chat_stream(["Key: ", REDACTED, "", " ok", "?"]))


def test_arguments_in_deltas_are_read_as_json():
    arguments = json.dumps({"api_key": "short", "q": "x"})
    body = b"".join(
        chat_stream([arguments[start : start + 3] for start in range(0, len(arguments), 3)], field="arguments")
    )
    assert assembled(redacted(body), field="arguments") == json.dumps({"api_key": REDACTED, "q": "x"})


def test_a_stream_that_is_cut_is_redacted_as_far_as_it_came():
    body = b"".join(chat_stream(["So ", KEY[:12], KEY[12:]]))[:-9]
    assert KEY[12:-9].encode() not in redacted(body)


def test_events_of_responses_and_the_last_that_repeat_them():
    head = {"output_index": 0, "content_index": 0, "item_id": "msg_1"}
    deltas = [{"type": "response.output_text.delta", **head, "delta": part} for part in ["Key ", KEY[:7], KEY[7:]]]
    done = {"type": "response.output_text.done", **head, "text": f"Key {KEY}"}
    output = [{"type": "message", "content": [{"type": "output_text", "text": f"Key {KEY}"}]}]
    completed = {"type": "response.completed", "response": {"output": output}}
    clean = [{**delta, "delta": part} for delta, part in zip(deltas, ["Key ", REDACTED, ""], strict=True)]
    output_clean = [{"type": "message", "content": [{"type": "output_text", "text": f"Key {REDACTED}"}]}]
    assert redacted(events(*deltas, done, completed)) == events(
        *clean, {**done, "text": f"Key {REDACTED}"}, {**completed, "response": {"output": output_clean}}
    )


@pytest.mark.parametrize("name", ["text", "partial_json", "thinking"])
def test_content_blocks_of_anthropic(name):
    def block(*parts):
        return [{"type": "content_block_delta", "index": 0, "delta": {"type": "x", name: part}} for part in parts]

    assert redacted(events(*block("a ", KEY[:5], KEY[5:]))) == events(*block("a ", REDACTED, ""))


def test_lines_of_json_are_a_stream_too():
    lines = [json.dumps({"message": {"content": part}}) for part in ("a ", KEY[:5], KEY[5:])]
    clean = [json.dumps({"message": {"content": part}}) for part in ("a ", REDACTED, "")]
    body = came(["\n".join(lines).encode()], (("content-type", "application/x-ndjson"),)).body.data
    assert body == "\n".join(clean).encode()


def test_deltas_that_are_plain_text():
    assert redacted(f"data: see {KEY[:9]}\n\ndata: {KEY[9:]}\n\n".encode()) == b"data: see [REDACTED]\n\ndata: \n\n"


def test_tokens_with_their_probabilities_lose_their_bytes_and_rivals_too():
    def told(*tokens):
        entries = [{"token": token, "logprob": -0.5, "bytes": data, "top_logprobs": top} for token, data, top in tokens]
        return json.dumps({"choices": [{"logprobs": {"content": entries}}]}).encode()

    def top(token, data):
        return [{"token": token, "bytes": data, "logprob": -0.5}]

    said = told(("a ", [97], []), (KEY[:2], [115, 107], top("Sk", [83])), (KEY[2:], [45], top(KEY[2:], [45])))
    left = told(("a ", [97], []), (REDACTED, [0, 0], top("", [0])), ("", [0], top("", [0])))
    assert came([said]).body.data == left
    assert came([left]).body.data == left


def test_a_finding_names_the_event():
    body = came([b"".join(chat_stream(["Say ", VALUE[:4], VALUE[4:]]))], SSE, plain_redactor(environment={}))
    found = plain_redactor().scan(exchange(RecordedRequest("GET", "/x"), body))
    assert found[0] == Finding("response.body.events[1].choices[0].delta.content", "value of an environment variable")


def test_pieces_that_part_a_secret_part_what_is_put_there():
    pieces = [b'{"a": "' + KEY[:10].encode(), KEY[10:40].encode(), KEY[40:].encode() + b'"}']
    assert pieces_of(came(pieces)) == [b'{"a": "[', b"REDACT", b'ED]"}']


def test_an_event_of_several_lines_is_one_document():
    lines = json.dumps({"password": "x", "say": f"ü {KEY} ok"}, indent=1, ensure_ascii=False).split("\n")
    body = "id: 7\n: wait\n" + "".join(f"data: {line}\n" for line in lines) + "\n"
    clean = body.replace(KEY, REDACTED).replace('"x"', f'"{REDACTED}"')
    assert redacted(body.encode()).decode() == clean


def test_lines_of_a_stream_that_are_no_data_are_read_too():
    assert redacted(f": {KEY}\nid: {KEY}\ndata: x\n\n".encode()) == b": [REDACTED]\nid: [REDACTED]\ndata: x\n\n"


@pytest.mark.parametrize("begins", [b"data: ", b": ", b"event: a\ndata: "])
def test_a_private_key_goes_on_in_lines_that_name_no_field(begins):
    key = next(one for one in EXAMPLES if one.startswith("-----BEGIN")).encode()
    assert redacted(begins + key + b"\n\n" + DONE) == begins + REDACTED.encode() + b"\n\n" + DONE
