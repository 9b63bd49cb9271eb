"""The key of a recorded request: what does not change it, and what always does."""

from __future__ import annotations

import copy
import json
from urllib.parse import urlencode

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from recorded_asking import json_objects, json_values, names, posted

from kaizen_eval.recording.lookup.key import canonical, key_of

FORM = (("content-type", "application/x-www-form-urlencoded"),)
BOUNDARIES = st.text("abcXYZ019-_", min_size=1, max_size=30).filter(lambda text: not text.startswith("-"))


def shuffled(value, random):
    """The same JSON value with its fields in another order."""
    if isinstance(value, dict):
        pairs = [(name, shuffled(inner, random)) for name, inner in value.items()]
        random.shuffle(pairs)
        return dict(pairs)
    return [shuffled(inner, random) for inner in value] if isinstance(value, list) else value


def same(one, other):
    """Whether two JSON values are written alike, but for the order of fields."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


@given(json_objects, st.randoms(use_true_random=False))
def test_the_order_of_fields_never_changes_a_key(body, random):
    assert key_of(posted(shuffled(body, random))) == key_of(posted(body))


@given(json_objects, st.sampled_from([None, 0, 1, 4]), st.booleans(), st.sampled_from(["", " ", "\n", "\r\n\t"]))
def test_blanks_and_escapes_never_change_a_key(body, indent, ascii_only, around):
    text = json.dumps(body, indent=indent, ensure_ascii=ascii_only)
    assume(ascii_only or all(not 0xD800 <= ord(sign) <= 0xDFFF for sign in text))
    assert key_of(posted(f"{around}{text}{around}".encode())) == key_of(posted(body))


@given(json_values, json_values)
def test_two_values_share_a_key_only_if_they_are_written_alike(one, other):
    assert (key_of(posted({"x": one})) == key_of(posted({"x": other}))) == same(one, other)


@given(json_objects, st.data())
def test_a_value_anywhere_that_is_another_always_changes_the_key(body, data):
    place, changed = [], copy.deepcopy(body)
    owner = changed
    assume(body)
    while isinstance(owner, dict | list) and owner:
        place.append(data.draw(st.sampled_from(sorted(owner) if isinstance(owner, dict) else range(len(owner)))))
        last, owner = owner, owner[place[-1]]
    new = data.draw(json_values)
    assume(not same(owner, new))
    last[place[-1]] = new
    assert key_of(posted(changed)) != key_of(posted(body))


@pytest.mark.parametrize(
    "others", [(b"1", b"true", b"1.0", b'"1"', b"1e0", b"10e-1", b"[1]", b"[true]", b'{"1":1}', b"01")]
)
def test_what_is_written_otherwise_is_another_request(others):
    values = [b'{"x": ' + text + b"}" for text in others]
    assert len({key_of(posted(value)) for value in values}) == len(values)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b'{"x": -0}', b'{"x": 0}'),
        (b'{"x": 1.0}', b'{"x": ["1.0"]}'),
        (b'{"x": 1.0}', b'{"x": ["Number", "1.0"]}'),
        (b'{"x": 1.0}', b'{"x": [NaN, "Number", "1.0"]}'),
        (b'{"x": null}', b"{}"),
        (b'{"x": 1, "x": 2}', b'{"x": 2}'),
        (b'{"x": 1, "x": 2}', b'{"x": 2, "x": 1}'),
        (b'{"x": ""}', b'{"x": null}'),
        (b"", b"{}"),
        (b"", b"null"),
        (b'"a"', b"a"),
        (b"\xff", b"\xfe"),
        (b"[" * 101 + b"]" * 101, b"[" * 102 + b"]" * 102),
        (b"[" * 5000, b"[" * 5001),
        (b'{"x": ' + b"9" * 5000 + b"}", b'{"x": ' + b"9" * 5001 + b"}"),
        (b'{"x": "\\ud800"}', b'{"x": "\\udfff"}'),
        ('{"x": "é"}'.encode(), '{"x": "e\u0301"}'.encode()),
    ],
)
def test_two_bodies_that_look_alike_are_two_requests(one, other):
    assert key_of(posted(one)) != key_of(posted(other))


@given(json_objects)
def test_lane_method_path_query_and_stream_tell_requests_apart(body):
    requests = [
        posted(body),
        posted(body, method="PUT"),
        posted(body, "/responses"),
        posted(body, query=[("a", "1")]),
        posted({**body, "stream": True}),
        posted({**body, "stream": False}),
    ]
    assume(body.get("stream") not in {True, False} if not isinstance(body.get("stream"), dict | list) else True)
    keys = {key_of(request, lane=lane) for request in requests for lane in ("", "a")}
    assert len(keys) == 2 * len(requests)


@given(json_objects)
def test_the_stream_flag_tells_requests_apart_also_where_it_is_ignored(body):
    streamed, whole = posted({**body, "stream": True}), posted({**body, "stream": False})
    assert key_of(streamed, ignore=["stream"]) != key_of(whole, ignore=["stream"])


@given(st.lists(st.tuples(names, names), max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_a_query_never_changes_a_key(query, random):
    other = posted({})
    pairs = list(query)
    random.shuffle(pairs)
    other = type(other)(other.method, other.path, tuple(pairs), other.headers, other.body)
    assert key_of(other) == key_of(posted({}, query=query))


@given(st.lists(st.tuples(names, names), max_size=3), st.lists(st.tuples(names, names), max_size=3))
def test_two_queries_share_a_key_only_if_they_hold_the_same(one, other):
    keys = [key_of(posted({}, query=query)) for query in (one, other)]
    assert (keys[0] == keys[1]) == (sorted(one) == sorted(other))


def test_headers_never_change_a_key():
    assert key_of(posted({"a": 1}, headers=())) == key_of(posted({"a": 1}))


@given(st.lists(st.tuples(names.filter(bool), names), min_size=1, max_size=4, unique_by=lambda pair: pair[0]))
def test_the_order_of_a_form_never_changes_a_key(fields):
    one, other = (urlencode(pairs, errors="surrogatepass").encode() for pairs in (fields, fields[::-1]))
    assert key_of(posted(one, headers=FORM)) == key_of(posted(other, headers=FORM))


def test_values_of_one_field_of_a_form_keep_their_order():
    one, other = (posted(body, headers=FORM) for body in (b"a=1&a=2&b=3", b"a=2&a=1&b=3"))
    assert key_of(one) != key_of(other)


def test_a_form_is_not_the_json_of_its_fields():
    assert key_of(posted(b"a=1", headers=FORM)) != key_of(posted({"a": "1"}))


def upload(boundary, sound=b"RIFF\xff", name="a.wav", model=b"whisper-1"):
    data = b"".join(
        [
            f'--{boundary}\r\nContent-Disposition: form-data; name="model"\r\n\r\n'.encode() + model + b"\r\n",
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'.encode(),
            b"Content-Type: audio/wav\r\n\r\n" + sound + b"\r\n",
            f"--{boundary}--\r\n".encode(),
        ]
    )
    headers = (("content-type", f"multipart/form-data; boundary={boundary}"),)
    return posted(data, "/audio/transcriptions", headers=headers)


@given(BOUNDARIES, BOUNDARIES)
def test_the_boundary_of_an_upload_never_changes_a_key(one, other):
    assert key_of(upload(one)) == key_of(upload(other))


def test_what_is_uploaded_tells_requests_apart():
    uploads = [upload("b"), upload("b", sound=b"x"), upload("b", name="b.wav"), upload("b", model=b"m")]
    assert len({key_of(request) for request in uploads}) == len(uploads)


@pytest.mark.parametrize("data", [b"--b\r\nno end", b"no boundary", b"--b\r\nx: y\r\n\r\nz\r\n--b--", b"--b\r\n--b--"])
def test_an_upload_that_is_none_is_taken_as_it_is(data):
    request = posted(data, headers=(("content-type", "multipart/form-data; boundary=b"),))
    assert canonical(request).splitlines()[2] == f"text {json.dumps(data.decode())}"


def test_the_canonical_text_can_be_read():
    body = b'{"stream": true, "messages": [{"tool_call_id": "call_abcd1234"}], "t": 0.20}'
    assert canonical(posted(body, query=[("b", "2"), ("a", "1")])).splitlines() == [
        '"POST" "/chat/completions"?"a"="1"&"b"="2"',
        "stream",
        'JSON {"messages":[{"tool_call_id":[NaN,"GeneratedId","<call_1>"]}],"stream":true,"t":[NaN,"Number","0.20"]}',
    ]


def test_a_key_does_not_change_from_release_to_release():
    """Cassettes hold keys: whoever changes one makes them all miss."""
    request = posted({"model": "m", "messages": [{"role": "user", "content": "hi"}]})
    assert key_of(request, lane="a") == "c8b5e2eabc96a3c7c682ed4c7930ec75"
