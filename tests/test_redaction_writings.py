"""A secret in other writings, and what shows requests before redaction."""

from __future__ import annotations

import json
import logging

import requests
from cassette_doubles import answering, using
from hypothesis import given, settings
from hypothesis import strategies as st

from kaizen_eval.recording.clients.patches import http_clients_patched
from kaizen_eval.recording.exchange import RawRequest
from kaizen_eval.recording.redaction import REDACTED, Redactor

values = st.text("abcdé/+>?~0123456789 ", min_size=8, max_size=40).map(lambda text: f"x9k!{text.strip()}8")


@settings(deadline=None)
@given(values, st.booleans())
def test_a_known_value_in_hexadecimal_digits_goes(value, in_capitals):
    digits = value.encode().hex()
    text = json.dumps({"a": f"see {digits.upper() if in_capitals else digits} there"})
    assert Redactor(environment={"MY_TOKEN": value}).text(text) == json.dumps({"a": f"see {REDACTED} there"})


def test_a_credential_in_a_body_goes_from_the_rest_of_it_without_its_scheme_too():
    body = {"seen": "mBZ81qqTrs0LfWd4Xk2n", "headers": {"authorization": "Bearer mBZ81qqTrs0LfWd4Xk2n"}}
    cleaned = {"seen": REDACTED, "headers": {"authorization": REDACTED}}
    assert json.loads(Redactor(environment={}).text(json.dumps(body))) == cleaned


def test_a_request_as_it_is_sent_shows_nothing_of_itself_in_tracebacks():
    raw = RawRequest("POST", "https://x/v1?key=abc", (("authorization", "Bearer abc"),), b"abc")
    assert repr(raw) == "<RawRequest: POST, 1 headers, 3 bytes>"


def test_vcrpys_stand_ins_log_no_urls_and_log_again_afterwards(caplog):
    caplog.set_level(logging.DEBUG)
    with http_clients_patched(), using(answering(hello="world")):
        requests.post("https://api.example.com/ask?api_key=zz9-plural-z-4lpha", data=b"hello", timeout=9)
    assert [record.name for record in caplog.records if record.name.startswith("vcr")] == []
    assert not any(logging.getLogger(name).disabled for name in ("vcr.request", "vcr.stubs"))
