"""Secrets are taken out of requests and responses, wherever they are, and nothing else is."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redaction_asking import (
    EXAMPLES,
    JSON,
    VALUE,
    asked,
    body_of,
    came,
    cut,
    exchange,
    pieces_of,
    plain_redactor,
    secrets,
    writings,
)

from kaizen_eval.errors import ConfigError
from kaizen_eval.recording.exchange import Piece, RawRequest, RecordedRequest
from kaizen_eval.recording.redaction import KINDS, REDACTED, Finding, Redactor

words = st.text(st.characters(codec="utf-8"), max_size=12)
names = st.text('abxyzé"\\\n ', max_size=6)
sides = st.sampled_from(["", " ", "\n", "(", '"', "é", "key: ", "\\", "/", "\U0001f511"])
ends = st.sampled_from(["", " ", "\n", ")", '"', "é", "\\", ".", ",", "\U0001f511"])
PLACES = {
    "message": lambda text: {"messages": [{"role": "user", "content": text}]},
    "part": lambda text: {"messages": [{"role": "user", "content": [{"type": "text", "text": text}]}]},
    "arguments": lambda text: {"tool_calls": [{"function": {"name": "f", "arguments": json.dumps({"q": text})}}]},
    "twice": lambda text: {"arguments": json.dumps({"inner": json.dumps({"deep": [text]})})},
    "name": lambda text: {"metadata": {text: 1}},
    "deep": lambda text: [[{"a": [{"b": [text]}]}]],
    "whole": lambda text: text,
}
places = st.sampled_from(sorted(PLACES)).map(PLACES.get)


@settings(deadline=None)
@given(places, secrets, sides, ends, st.booleans())
def test_no_secret_is_ever_left_in_a_json_body(place, secret, before, after, ascii_only):
    body = json.dumps(place(f"{before}{secret}{after}"), ensure_ascii=ascii_only).encode()
    request = plain_redactor().request(RawRequest("POST", "https://x/v1/y", JSON, body))
    assert [writing for writing in writings(secret) if writing.encode() in request.body.data] == []
    assert plain_redactor().scan(exchange(request)) == ()


@settings(deadline=None)
@given(places, secrets, sides, secrets | ends, st.lists(st.integers(0, 2000), max_size=9))
def test_redaction_is_done_after_once(place, secret, side, end, edges):
    first = came(cut(body_of(place(side + secret + end)), edges))
    again = came(pieces_of(first))
    assert again.body == first.body
    assert again.sizes == first.sizes


@settings(deadline=None)
@given(st.recursive(words | st.integers() | st.none(), lambda item: st.lists(item) | st.dictionaries(names, item)))
def test_a_body_without_secrets_stays_byte_for_byte(value):
    for body in (json.dumps(value).encode(), json.dumps(value, ensure_ascii=False, indent=2).encode()):
        assert asked(body).body.data == body


@settings(deadline=None)
@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=5))
def test_bytes_that_are_no_text_stay_as_they_are(data, edges):
    assert came(cut(data, edges), headers=()).body.data == data


@settings(deadline=None)
@given(secrets, st.binary(max_size=30), st.binary(max_size=30))
def test_a_secret_among_any_bytes_goes_and_they_stay(secret, before, after):
    data = before + b" " + secret.encode() + b"\n\x00" + after
    redacted = came([data], headers=()).body.data
    assert redacted == before + b" " + REDACTED.encode() + b"\n\x00" + after


@settings(deadline=None)
@given(secrets, st.lists(st.booleans(), min_size=1))
def test_letters_written_as_escapes_hide_no_secret(secret, escaped):
    chars = [
        f"\\u{ord(char):04x}" if escaped[at % len(escaped)] else json.dumps(char)[1:-1]
        for at, char in enumerate(secret)
    ]
    assert asked(b'["%s"]' % "".join(chars).encode()).body.data == b'["[REDACTED]"]'


@settings(deadline=None)
@given(places, secrets)
def test_a_changed_body_keeps_its_layout(place, secret):
    body = json.dumps(place("é " + secret), indent=3)
    assert asked(body.encode()).body.data.decode() == json.dumps(place("é " + REDACTED), indent=3)


@settings(deadline=None)
@given(places, secrets, st.lists(st.integers(0, 2000), max_size=9))
def test_a_response_keeps_its_pieces(place, secret, edges):
    pieces = cut(body_of(place("ü" + secret)), edges)
    response = came(pieces)
    assert (len(response.sizes), sum(response.sizes)) == (len(pieces), len(response.body.data))


@settings(deadline=None)
@given(secrets, st.sampled_from([json.dumps, quote, lambda secret: base64.b64encode(secret.encode()).decode()]))
def test_what_is_written_otherwise_is_at_least_found(secret, write):
    request = RecordedRequest("POST", "/x", body=asked({"q": "see " + write(secret) + " there"}).body)
    left = any(writing.encode() in request.body.data for writing in writings(secret))
    assert not left or plain_redactor().scan(exchange(request))


@pytest.mark.parametrize(
    ("secret", "kind"), EXAMPLES.items(), ids=[f"{n}-{k}" for n, k in enumerate(EXAMPLES.values())]
)
def test_each_shape_is_known_by_its_looks(secret, kind):
    redactor = Redactor(environment={})
    assert redactor.text(f"Take {secret} and go.") == f"Take {REDACTED} and go."
    assert {finding.kind for finding in redactor.scan_text(f"Take {secret} and go.")} == {kind}


def test_what_begins_where_something_that_is_no_secret_broke_off_goes_too():
    """`hf_` begins what is too short for it; behind it begins another."""
    assert plain_redactor().text("hf_AKIAAB3DE5GH7JK9MN1P, hf_no") == "hf_[REDACTED], hf_no"


def test_every_kind_that_is_found_has_its_row():
    assert {*EXAMPLES.values()} <= {kind.name for kind in KINDS}
    assert len({kind.name for kind in KINDS}) == len(KINDS)


def test_a_request_keeps_the_headers_that_matter():
    headers = (
        *(("Host", "api.example"), ("Authorization", "Bearer abc"), ("Content-Type", "application/json")),
        *(("Cookie", "a=b"), ("OpenAI-Organization", "org-1"), ("X-Stainless-Lang", "python"), ("accept", "*/*")),
        *(("anthropic-version", "2023-06-01"), ("X-Api-Key", "k")),
    )
    assert asked({}, headers).headers == (
        ("content-type", "application/json"),
        ("accept", "*/*"),
        ("anthropic-version", "2023-06-01"),
    )


def test_a_response_keeps_limits_and_a_digest_of_its_id():
    headers = (
        *(("Content-Type", "application/json"), ("X-Request-Id", "req_1"), ("Set-Cookie", "a=b"), ("Date", "now")),
        *(("Retry-After", "2"), ("x-ratelimit-remaining-requests", "9"), ("openai-organization", "acme")),
        *(("x-should-retry", "true"), ("x-kaizen-miss", "1")),
    )
    assert came([b"{}"], headers).headers == (
        *(("content-type", "application/json"), ("x-request-id", "hashed-dfe7be6cee3b99ca"), ("retry-after", "2")),
        *(("x-ratelimit-remaining-requests", "9"), ("x-should-retry", "true"), ("x-kaizen-miss", "1")),
    )


def test_a_digest_of_an_id_stays_itself():
    once = came([b"{}"], (("x-request-id", "req_1"),)).headers
    assert came([b"{}"], once).headers == once


def test_headers_that_the_user_keeps_are_redacted_too():
    redactor = plain_redactor(keep_headers=["X-Trace", "Authorization"])
    raw = RawRequest("GET", "https://x/v1/models", (("X-Trace", f"of {VALUE}"), ("authorization", "Bearer abc")), b"")
    assert redactor.request(raw).headers == (("x-trace", f"of {REDACTED}"), ("authorization", REDACTED))


def test_the_query_is_sorted_and_its_secrets_go():
    url = "https://x/v1/models?" + urlencode(
        {"z": "1", "key": "abcd1234efgh", "api_key": "x", "alt": "sse", "q": VALUE}
    )
    assert asked(b"", (), url).query == (
        *(("alt", "sse"), ("api_key", REDACTED), ("key", REDACTED), ("q", REDACTED), ("z", "1")),
    )


def test_the_path_is_without_secrets():
    assert asked(b"", (), "https://x/v1/organization/projects/proj_aB3dE5gH7jK9mN1pQ3sT5vW7").path.endswith(
        f"/organization/projects/{REDACTED}"
    )


def test_fields_with_secret_names_go_at_any_depth():
    body = {"a": [{"apiKey": "x", "client-secret": "y", "Password": "z", "set-cookie": ["a=b"], "pin": "1"}]}
    gone = {"apiKey": REDACTED, "client-secret": REDACTED, "Password": REDACTED, "set-cookie": [REDACTED], "pin": "1"}
    assert json.loads(asked(body).body.data) == {"a": [gone]}


def test_numbers_under_secret_names_stay_numbers():
    assert asked({"password": 12345678, "token": 17}).body.data == b'{"password": 0, "token": 17}'


def test_pairs_of_name_and_value_are_a_field():
    body = {"headers": [{"name": "Authorization", "value": "abc"}, {"value": "q", "key": "x-api-key"}]}
    assert asked(body).body.data == body_of(
        {"headers": [{"name": "Authorization", "value": REDACTED}, {"value": REDACTED, "key": "x-api-key"}]}
    )


def test_ids_of_projects_go_only_if_they_are_no_words():
    body = {"project_id": "apollo", "org_id": "acme-83fa9c21", "session_id": "5f2a77c0e1", "session": "morning"}
    assert json.loads(asked(body).body.data) == body | {"org_id": REDACTED, "session_id": REDACTED}


def test_a_form_is_redacted_field_by_field():
    form = (("content-type", "application/x-www-form-urlencoded"),)
    body = f"client_secret=a%2Bb&grant=code&text=say+{VALUE}+now&p%61ssword=x".encode()
    assert asked(body, form).body.data == (
        f"client_secret={REDACTED}&grant=code&text=say+{REDACTED}+now&p%61ssword={REDACTED}".encode()
    )


def test_parts_of_a_form_are_redacted_one_by_one():
    form = (("content-type", "multipart/form-data; boundary=XX"),)
    head = b'--XX\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    parts = [(b"api_key", b"x"), (b"purpose", b"batch"), (b"file", b'\xff{"k": "%s"}')]
    gone = [b"[REDACTED]", b"batch", b'\xff{"k": "[REDACTED]"}']
    body = b"".join(head % (name, value.replace(b"%s", VALUE.encode())) for name, value in parts) + b"--XX--\r\n"
    kept = b"".join(head % (name, value) for (name, _), value in zip(parts, gone, strict=True)) + b"--XX--\r\n"
    assert asked(body, form).body.data == kept


def test_what_lets_a_request_in_goes_from_its_body_and_from_the_response():
    redactor = Redactor(environment={})
    raw = RawRequest("POST", "https://x/v1/y", (("authorization", "Bearer q1w2e3r4"), *JSON), b'{"a": "<q1w2e3r4>"}')
    assert redactor.request(raw).body.data == b'{"a": "<[REDACTED]>"}'
    assert came([b'{"error": "no q1w2e3r4"}'], redactor=redactor).body.data == b'{"error": "no [REDACTED]"}'


def test_the_value_of_a_secret_field_goes_from_the_rest_of_the_body():
    body = {"messages": ["Log in with kd83jf02mx7q"], "password": "kd83jf02mx7q"}
    assert json.loads(asked(body).body.data) == {"messages": [f"Log in with {REDACTED}"], "password": REDACTED}


def test_own_names_and_patterns_are_redacted():
    redactor = plain_redactor(redact=["customer_id", r"/\bACC\d+/"])
    text = '{"customerId": "7", "note": "ACC123 and customer-id=abc12345"}'
    assert redactor.text(text) == f'{{"customerId": "{REDACTED}", "note": "{REDACTED} and customer-id={REDACTED}"}}'


@pytest.mark.parametrize(
    ("entry", "said"), [("/(/", "is no regular expression"), ("", "names nothing"), ("--", "names nothing")]
)
def test_entries_that_mean_nothing_are_refused(entry, said):
    with pytest.raises(ConfigError, match=said):
        plain_redactor(redact=[entry])


def test_own_patterns_cannot_undo_what_is_done():
    redactor = plain_redactor(redact=["/RED.*/", "/x*/"])
    assert redactor.text(f"{REDACTED} REDUCED") == f"{REDACTED} {REDACTED}"


def test_a_finding_says_where_and_never_what():
    secret = next(iter(EXAMPLES))
    body = json.dumps({"messages": [{"content": "hi"}, {"content": secret}], secret: 1}).encode()
    kept = plain_redactor().response(200, JSON, [Piece(b"{}", 0)], 0)
    raw = RecordedRequest("POST", "/x", body=asked({}).body.__class__(body))
    found = plain_redactor().scan(exchange(raw, kept))
    assert Finding("request.body.messages[1].content", "OpenAI key") in found
    assert secret not in repr(found)


def test_a_redactor_shows_no_value():
    redactor = plain_redactor()
    assert VALUE not in repr(redactor) + repr(redactor._rules)


def test_the_same_on_two_machines_but_for_their_own_values():
    body = {"messages": [{"content": f"{next(iter(EXAMPLES))} {VALUE}"}], "password": "p"}
    raw = RawRequest("POST", "https://x/v1/y", JSON, body_of(body))
    here, there = plain_redactor().request(raw), Redactor(environment={}).request(raw)
    assert there.body.data.replace(VALUE.encode(), REDACTED.encode()) == here.body.data


def test_headers_in_a_stock_cassette_are_read():
    text = "headers:\n      x-api-key:\n      - kd83jf02mx7q\n      Cookie:\n      - session=kd83jf02; theme=dark\n"
    assert plain_redactor().text(text) == text.replace("kd83jf02mx7q", REDACTED).replace("session=kd83jf02", REDACTED)


@settings(deadline=None)
@given(st.text("abcdé/+>?~0123456789", min_size=10, max_size=40).map("x9k!".__add__), st.binary(max_size=8))
def test_a_known_value_in_base64_goes_whatever_stands_before_it(value, before):
    redactor = Redactor(environment={"MY_TOKEN": value})
    coded = base64.b64encode(before + value.encode()).decode()
    assert redactor.text(json.dumps({"a": f"see {coded} there"})) == json.dumps({"a": f"see {REDACTED} there"})
