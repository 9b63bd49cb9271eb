"""What faults do to a response: the bytes that arrive, when, and what is left of the reply."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake import FAULTS, FakeLLM
from kaizen_eval.fake.client.reader import Lost, Response, read_whole
from kaizen_eval.fake.doors.delivery import Delivery
from kaizen_eval.fake.faults.base import Asked
from kaizen_eval.fake.faults.streams.events import events_of
from kaizen_eval.fake.wire.course import Arriving, course
from kaizen_eval.fake.wire.events import Answer, Disconnect, Hang, Piece, json_answer
from kaizen_eval.fake.wire.framing import frame, head, tail
from kaizen_eval.resilience.clock import sleep, virtual_time

BODY = json.dumps({"choices": [{"message": {"content": "Paris, é"}}]}, ensure_ascii=False).encode()
ANSWER = json_answer(200, BODY, ("x-request-id", "req_0"))
EVENTS = tuple(b'data: {"choices":[{"delta":{"content":"%b"}}]}\n\n' % word for word in (b"a", b"b", b"c", b"d"))
STREAM = Answer(
    200,
    (("content-type", "text/event-stream"),),
    (Piece(EVENTS[0] + EVENTS[1], 1.0), Piece(EVENTS[2], 2.0), Piece(EVENTS[3] + b"data: [DONE]\n\n", 3.0)),
)
NAMED = tuple(
    f"event: {name}\ndata: {json.dumps({'type': name, 'sequence_number': number} | more)}\n\n".encode()
    for number, (name, more) in enumerate(
        [
            ("response.created", {"response": {"id": "resp_0", "status": "in_progress"}}),
            ("response.output_text.delta", {"delta": "a", "item_id": "msg_0", "output_index": 0}),
            ("response.output_text.delta", {"delta": "b", "item_id": "msg_0", "output_index": 0}),
            ("response.completed", {"response": {"id": "resp_0", "status": "completed"}}),
        ]
    )
)
NAMED_STREAM = Answer(200, STREAM.headers, (Piece(b"".join(NAMED)),))


def spoiled(name: str, answer: Answer = ANSWER, **details: Any) -> Any:
    return FAULTS[name](**details).spoil(answer)


def arrived(event: Any) -> tuple[bytes, str]:
    """All bytes, and how the connection ends."""
    parts = list(course(event))
    return b"".join(part.data for part in parts), parts[-1].then


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: req_0\r\ncontent-length: %d\r\n\r\n"


@pytest.mark.parametrize(
    ("name", "length", "body", "then"),
    [
        ("reset_after_headers", len(BODY), b"", "reset"),
        ("reset_in_body", len(BODY), BODY[: len(BODY) // 2], "reset"),
        ("connection_cut", len(BODY), BODY[: len(BODY) // 2], "closed"),
        ("hang_in_body", len(BODY), BODY[: len(BODY) // 2], "silence"),
        ("truncated_json", len(BODY) // 2, BODY[: len(BODY) // 2], "silence"),
        ("length_too_long", len(BODY) + 16, BODY, "closed"),
        ("length_too_short", len(BODY) - 16, BODY, "closed"),
        ("slow_headers", len(BODY), BODY, "silence"),
        ("slow_body", len(BODY), BODY, "silence"),
    ],
)
def test_the_real_answer_is_spoiled_on_its_way(name, length, body, then):
    assert arrived(spoiled(name)) == (HEAD % length + body, then)


def test_an_invalid_chunk_comes_after_valid_ones():
    half = BODY[: len(BODY) // 2]
    sent, then = arrived(spoiled("invalid_chunk"))
    assert sent.partition(b"\r\n\r\n")[2] == b"%x\r\n%b\r\nnot a size\r\n" % (len(half), half)
    assert (b"transfer-encoding: chunked" in sent, b"content-length" in sent, then) == (True, False, "closed")


def test_slow_bytes_come_one_by_one_at_their_pace():
    parts = [part for part in course(spoiled("slow_headers", pace=0.5)) if part.data]
    assert [(len(part.data), part.at) for part in parts[:3]] == [(1, 0.5), (1, 1.0), (1, 1.5)]
    length = len(HEAD % len(BODY))
    assert parts[length] == Arriving(length * 0.5, BODY)
    parts = [part for part in course(spoiled("slow_body", pace=2)) if part.data][1:]
    assert [(part.data, part.at) for part in parts[:2]] == [(BODY[:1], 2), (BODY[1:2], 4)]
    assert len(parts) == len(BODY)


def test_a_slow_stream_waits_for_its_events():
    parts = [part for part in course(spoiled("slow_body", STREAM, pace=0.25)) if part.data][1:]
    assert (parts[0].at, parts[1].at, parts[len(EVENTS[0] + EVENTS[1])].at >= 2.25) == (1.25, 1.5, True)


def packed(event: Answer) -> bytes:
    assert isinstance(event.body, bytes)
    assert dict(event.headers)["content-encoding"] == "gzip"
    return event.body


@given(st.binary(max_size=70_000))
def test_what_is_packed_is_gzip(data):
    broken = bytearray(packed(spoiled("broken_gzip", json_answer(200, data))))
    broken[-8] ^= 0xFF
    assert gzip.decompress(bytes(broken)) == data
    with pytest.raises((zlib.error, gzip.BadGzipFile)):
        gzip.decompress(packed(spoiled("broken_gzip", json_answer(200, data))))
    with pytest.raises((EOFError, zlib.error)):
        gzip.decompress(packed(spoiled("truncated_gzip", json_answer(200, data))))


def test_invalid_utf8_stands_in_the_texts():
    body = spoiled("invalid_utf8").body
    assert body == BODY.replace(b'"content": "', b'"content": "\xff\xfe')
    with pytest.raises(UnicodeDecodeError):
        body.decode()


def data_of(event: Answer) -> list[bytes]:
    return [piece.data for piece in events_of(event)]


DONE = b"data: [DONE]\n\n"
ERROR = b'data: {"error":{"message":"No.","type":"server_error","param":null,"code":"c"}}\n\n'
NAMED_ERROR = b'event: error\ndata: {"type":"error","code":"c","message":"No.","param":null,"sequence_number":2}\n\n'


@pytest.mark.parametrize(
    ("name", "details", "of_chat", "of_responses"),
    [
        ("stream_cut", {}, [], []),
        ("stream_cut", {"after": 2}, EVENTS[:2], NAMED[:2]),
        ("stream_stall", {}, EVENTS[:1], NAMED[:1]),
        ("stream_without_done", {}, EVENTS, NAMED[:-1]),
        ("stream_without_first", {}, [*EVENTS[1:], DONE], NAMED[1:]),
        ("stream_duplicates", {}, [*(e for e in EVENTS for _ in range(2)), DONE], [e for e in NAMED for _ in range(2)]),
        ("stream_reordered", {}, [*(EVENTS[at] for at in (0, 2, 1, 3)), DONE], [NAMED[at] for at in (0, 2, 1, 3)]),
        ("stream_error", {"message": "No.", "code": "c", "after": 2}, [*EVENTS[:2], ERROR], [*NAMED[:2], NAMED_ERROR]),
        ("stream_comments", {"times": 2, "text": "hi"}, [b": hi\n\n"] * 2, [b": hi\n\n"] * 2),
    ],
)
def test_events_are_left_out_repeated_or_added_in_both_protocols(name, details, of_chat, of_responses):
    for stream, events in ((STREAM, of_chat), (NAMED_STREAM, of_responses)):
        assert data_of(spoiled(name, stream, **details)) == list(events)


@pytest.mark.parametrize("ending", ["cut", "reset", "complete"])
def test_a_stream_can_be_cut_inside_of_an_event_and_inside_of_a_character(ending):
    cut = spoiled("stream_cut_in_event", STREAM, ending=ending)
    pieces = [piece.data for piece in cut.body]
    assert (cut.ending, pieces) == (ending, [EVENTS[0], EVENTS[1][: len(EVENTS[1]) // 2]])
    for stream in (STREAM, NAMED_STREAM):
        *_, last = spoiled("stream_cut_in_character", stream, ending=ending).body
        with pytest.raises(UnicodeDecodeError, match="unexpected end of data"):
            last.data.decode()


def test_a_last_event_without_a_blank_line_is_the_last_thing_that_comes():
    pieces = [piece.data for piece in spoiled("stream_unended", STREAM).body]
    assert pieces == [*EVENTS[:3], EVENTS[3].rstrip(b"\n")]


def test_ids_and_indexes_are_changed_in_both_protocols():
    ids = [json.loads(event[6:]).get("id") for event in data_of(spoiled("stream_wrong_id", with_ids()))[:-1]]
    assert ids == ["x-0", "x-1"]
    named = data_of(spoiled("stream_wrong_id", NAMED_STREAM))
    assert [b'"item_id":"msg_0-1"' in named[1], b'"item_id":"msg_0-2"' in named[2]] == [True, True]
    assert b"output_index" not in b"".join(data_of(spoiled("stream_without_index", NAMED_STREAM)))


def with_ids() -> Answer:
    chunk = b'data: {"id":"x","choices":[]}\n\n'
    return Answer(200, STREAM.headers, (Piece(chunk * 2 + DONE),))


def test_a_failed_response_says_so_at_its_end():
    *others, last = data_of(spoiled("stream_failed", NAMED_STREAM, message="No."))
    name, data = last.split(b"\n", 1)
    response = {"id": "resp_0", "status": "failed", "error": {"code": "server_error", "message": "No."}}
    assert (others, name) == (list(NAMED[:-1]), b"event: response.failed")
    assert json.loads(data[6:]) == {"type": "response.failed", "sequence_number": 3, "response": response}


def test_a_stream_as_json_is_the_whole_response():
    chat, response = spoiled("stream_as_json", STREAM), spoiled("stream_as_json", NAMED_STREAM)
    assert json.loads(chat.body)["choices"][0]["message"] == {"role": "assistant", "content": "abcd"}
    assert json.loads(response.body) == {"id": "resp_0", "status": "completed"}
    assert dict(chat.headers)["content-type"] == "application/json"


@given(st.integers(1, 40), st.booleans(), st.booleans())
def test_crumbs_are_the_same_stream_in_small_parts(size, crlf, comments):
    pieces = list(spoiled("stream_crumbs", STREAM, size=size, crlf=crlf, comments=comments).body)
    whole = b"".join(piece.data for piece in pieces)
    lines = whole.replace(b"\r\n", b"\n") if crlf else whole
    assert max(len(piece.data) for piece in pieces) <= size
    assert lines.replace(b": still there\n\n", b"") == b"".join([*EVENTS, DONE])


@pytest.mark.parametrize("name", ["connection_cut", "reset_in_body", "hang_in_body", "invalid_chunk"])
def test_of_a_stream_the_first_half_comes(name):
    whole = b"".join(piece.data for piece in STREAM.body)
    half = tuple(spoiled(name, STREAM).body)
    assert b"".join(piece.data for piece in half) == whole[: len(whole) // 2]
    assert [piece.at for piece in half] == [1, 2][: len(half)]


def test_spoiled_streams_can_be_gone_through_again_and_keep_their_instants():
    stream = spoiled("stream_duplicates", STREAM)
    assert list(stream.body) == list(stream.body)
    assert [piece.at for piece in stream.body] == [1, 1, 1, 1, 2, 2, 3, 3, 3]
    assert [piece.at for piece in spoiled("stream_reordered", STREAM).body] == [1, 1, 2, 3, 3]
    endless = iter(spoiled("stream_endless", STREAM, every=0.5).body)
    assert [next(endless).at for _ in range(7)] == [1, 1, 2, 3, 3.5, 4, 4.5]


@pytest.mark.parametrize("name", [name for name in FAULTS if FAULTS[name].spoils])
def test_what_is_spoiled_is_the_same_again_in_every_instance(name):
    answer = STREAM if FAULTS[name].is_of_streams else ANSWER
    again = [[part for part, _ in zip(course(spoiled(name, answer)), range(500), strict=False)] for _ in range(2)]
    assert again[0] == again[1]


sizes = st.lists(st.integers(0, 9), max_size=5)


@given(sizes, st.sampled_from([None, "chunked", "until close"]), st.booleans())
def test_a_client_reads_what_any_framing_carries(lengths, framing, in_pieces):
    data = [bytes([65 + number]) * length for number, length in enumerate(lengths)]
    body = tuple(map(Piece, data)) if in_pieces else b"".join(data)
    met = read_whole(Answer(200, (("a", "b"),), body, framing=framing))
    assert isinstance(met.response, Response)
    assert (met.response.status, met.response.body) == (200, b"".join(data))
    assert ("a", "b") in met.response.headers


@pytest.mark.parametrize(
    ("event", "error", "words"),
    [
        (Disconnect("refused"), "ConnectError", "All connection attempts failed"),
        (Disconnect("reset"), "ReadError", "Connection reset by peer"),
        (Disconnect("closed"), "RemoteProtocolError", "Server disconnected without sending a response."),
        (Disconnect("reset", b"HTTP/1.1 200 OK\r\ncontent"), "ReadError", "Connection reset by peer"),
        (
            Answer(200, (), b"half", declared=8, ending="cut"),
            "RemoteProtocolError",
            "peer closed connection without sending complete message body (received 4 bytes, expected 8)",
        ),
        (
            Answer(200, (), (Piece(b"half"),), ending="cut"),
            "RemoteProtocolError",
            "peer closed connection without sending complete message body (incomplete chunked read)",
        ),
    ],
)
def test_what_a_client_says_of_a_lost_connection(event, error, words):
    lost = read_whole(event).response
    assert isinstance(lost, Lost)
    assert (lost.error, lost.words) == (error, words)


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("connection_refused", Disconnect("refused")),
        ("connection_reset", Disconnect("reset")),
        ("connection_closed", Disconnect("closed")),
        ("garbage", Disconnect("closed", b"\x00\xff not HTTP\r\n\r\n")),
        ("hang", Hang()),
        ("half_open", Hang(half_open=True)),
    ],
)
def test_how_a_connection_fails_hangs_on_nothing_that_is_asked(name, event):
    assert FAULTS[name]().play(Asked("req_1", now=0)) == event


@pytest.mark.parametrize("event", [Hang(), Hang(half_open=True), Answer(200, (), b"", declared=1)])
def test_a_client_may_wait_for_ever(event):
    assert read_whole(event).response is None


def test_pieces_under_a_length_need_to_be_told_it():
    with pytest.raises(ValueError, match=r"need Answer\.declared"):
        head(Answer(200, (), (Piece(b"a"),), framing="length"))


def test_an_empty_piece_is_no_end_of_the_chunks():
    answer = Answer(200, (), (Piece(b""), Piece(b"a")))
    assert (frame(answer, b""), tail(answer)) == (b"", b"0\r\n\r\n")
    assert arrived(answer)[0].partition(b"\r\n\r\n")[2] == b"1\r\na\r\n0\r\n\r\n"


def test_what_comes_late_delays_nothing_else():
    async def gone_through() -> list[float]:
        delivery = Delivery(iter([Piece(b"", at) for at in (1.0, 2.0, 3.0, 10.0)]))
        seen = []
        while await delivery.next(None) is not None:
            seen.append(clock.elapsed)
            await sleep(1.5)
        return seen

    with virtual_time() as clock:
        assert clock.run(gone_through()) == [1.0, 2.5, 4.0, 10.0]


def test_a_fault_without_a_reply_spoils_what_the_fake_makes_up():
    fake = FakeLLM()
    with pytest.raises(ScriptError, match="takes a text, a dict or a Reply as reply"):
        fake.fail("connection_cut", reply=[])
