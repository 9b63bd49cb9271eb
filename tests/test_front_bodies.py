"""Bodies of requests: what the service's parser takes, and how the rest is refused."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from front_asking import CHAT, error_of, front_of, sent
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.fake import FakeLLM
from kaizen_eval.fake.wire.errors import Rejection
from kaizen_eval.fake.wire.events import Answer
from kaizen_eval.fake.wire.json_body import DEEPEST, decode_json

UNREADABLE = (
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library "
    "correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have trouble "
    "figuring out how to fix this, please contact us through our help center at help.openai.com.)"
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


def nested(levels: int, opening: str = "[", closing: str = "]") -> bytes:
    """An object, and arrays or objects in it, so many levels in all."""
    return f'{{"a": {opening * (levels - 1)}{closing * (levels - 1)}}}'.encode()


@given(st.dictionaries(st.text(), values))
def test_every_json_object_arrives_as_it_was_sent(data):
    assert decode_json(json.dumps(data).encode()) == data
    assert decode_json(json.dumps(data, ensure_ascii=False).encode()) == data
    assert decode_json(b" \n" + json.dumps(data, indent=1).encode() + b"\r\n") == data


@given(st.binary())
def test_any_bytes_are_read_or_refused_and_never_a_crash(body):
    with suppress(Rejection):
        assert isinstance(decode_json(body), dict)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{'a': 1}",
        b'{"a": 1,}',
        b'{"a": 1} {}',
        b'{"a": "\xff"}',
        b'{"a": "\xed\xa0\x80"}',
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        b'{"a": "\\ud83d"}',
        b'{"\\uDC00": 1}',
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": "\n"}',
        nested(10_000),
        nested(10_000, '{"b":', "}"),
        nested(DEEPEST + 1),
        nested(DEEPEST + 1)[:-1] + b', "b": []}',
        b"[" * 1_000_000,
    ],
)
def test_what_the_parser_of_the_service_does_not_take_is_refused_in_its_words(body):
    fake = FakeLLM()
    came = sent(front_of(fake), "POST", "/v1/chat/completions", body)
    assert (came.status, came.body, len(fake.journal.attempts)) == (400, error_of(UNREADABLE), 0)


@pytest.mark.parametrize(
    "body",
    [
        nested(DEEPEST),
        nested(DEEPEST)[:-1] + b', "b": []}',
        b'{"a": [' + b"[]," * 999 + b"[]]}",
        b'{"a": "\\ud83d\\ude00"}',
    ],
)
def test_what_is_deep_wide_or_a_whole_pair_is_read(body):
    assert decode_json(body) == json.loads(body)


def test_of_a_name_that_comes_twice_the_last_one_counts():
    assert decode_json(b'{"a": 1, "a": 2}') == {"a": 2}


@pytest.mark.parametrize("body", [b"[]", b"null", b'"{}"', b"1"])
def test_json_that_is_no_object_is_refused(body):
    came = sent(front_of(), "POST", "/v1/embeddings", body)
    message = "Invalid type for the request body: expected an object."
    assert (came.status, came.body) == (400, error_of(message, code="invalid_type"))


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_json_is_taken_however_it_is_announced(kind):
    assert sent(front_of(), "POST", "/v1/chat/completions", json.dumps(CHAT).encode(), content_type=kind).status == 200


def test_a_body_that_is_not_announced_may_be_json():
    visit = front_of().receive("POST", "/v1/chat/completions", {}, json.dumps(CHAT).encode())
    assert visit.opened.inquiry.body == CHAT


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", ""]
)
def test_another_type_of_content_is_refused_as_the_service_does(kind):
    came = sent(front_of(), "POST", "/v1/chat/completions", json.dumps(CHAT).encode(), content_type=kind)
    message = (
        f"Unsupported content type: '{kind}'. This API method only accepts 'application/json' requests, but you "
        f"specified the header 'Content-Type: {kind}'. Please try again with a supported content type."
    )
    assert (came.status, came.body) == (400, error_of(message, code="unsupported_content_type"))


def test_why_a_body_is_refused_stands_in_the_log(caplog):
    caplog.set_level("INFO")
    front = front_of()
    sent(front, "POST", "/v1/chat/completions", b'{"a": NaN}')
    sent(front, "POST", "/v1/embeddings", b"{}")
    assert caplog.messages == [
        f"POST /v1/chat/completions: 400 {UNREADABLE} (NaN is no JSON)",
        "POST /v1/embeddings: 400 Missing required parameter: 'input'.",
    ]


likely = st.sampled_from(
    [None, True, 0, 1, -1, 2.5, "", "a", "float", "base64", "text", "image_url", [], {}, ["a"], [1]]
)
parts = st.fixed_dictionaries({"type": likely}, optional={"text": likely, "image_url": likely | st.just({"url": "u"})})
bodies = st.fixed_dictionaries(
    {"input": likely | st.text() | st.lists(likely | parts | st.text(), max_size=3)},
    optional={"model": st.text(), "dimensions": likely, "encoding_format": likely, "user": likely},
)


@given(st.sampled_from(["/v1/embeddings", "/v1/moderations"]), bodies)
def test_whatever_is_asked_is_answered_or_refused_and_never_a_crash(path, body):
    came = sent(front_of(), "POST", path, json.dumps(body).encode())
    assert came.status in {200, 400}, came.body


@given(
    st.text(),
    st.text().map("/v1/{}".format) | st.sampled_from(["/v1/embeddings", "/v1/models", "/v1/models/x"]),
    st.dictionaries(
        st.sampled_from(["authorization", "content-type", "x-kaizen-session", "origin", "api-key"]), st.text()
    ),
    st.binary(max_size=20),
)
def test_whatever_comes_in_is_let_in_or_refused_and_never_a_crash(method, path, headers, body):
    for key in (None, "k"):
        came = front_of(api_key=key).receive(method, path, headers, body)
        assert not isinstance(came, Answer) or came.status in {200, 400, 401, 404, 405}
