"""HTTP responses and what they mean, without any network."""

from __future__ import annotations

import json
from email.utils import formatdate

import pytest
from doubles_http import completion
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.errors import (
    BadResponse,
    ContentFiltered,
    ContextTooLong,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    RequestRejected,
    ServerFailed,
    TransientError,
)
from kaizen_eval.llm.translate import decode_response, retry_after, status_error, without_secrets
from kaizen_eval.messages import ChatReply, Usage

NOW = 1_800_000_000.0


def error_of(status: int, body: object = b"", headers: dict[str, str] | None = None, **about: str) -> ProviderError:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return status_error(status, headers or {}, raw, now=NOW, **about)


@given(st.integers(100, 999), st.binary(), st.dictionaries(st.text(), st.text()))
def test_every_failed_status_becomes_a_transient_error_or_a_rejection(status, body, headers):
    error = error_of(status, body, headers)
    assert (isinstance(error, TransientError | RequestRejected), error.status) == (True, status)


@given(st.integers(500, 999), st.sampled_from(["insufficient_quota", "context_length_exceeded", "content_filter"]))
def test_a_failing_server_is_never_the_caller_s_fault(status, code):
    assert type(error_of(status, {"error": {"code": code}})) is ServerFailed


@given(st.floats(0, 1e9))
def test_seconds_are_read_exactly(seconds):
    text = f"{seconds:.10f}"
    assert retry_after({"retry-after": text}, now=NOW) == float(text)


@given(st.integers(0, 10**12))
def test_milliseconds_go_before_seconds(milliseconds):
    headers = {"retry-after-ms": str(milliseconds), "retry-after": "1"}
    assert retry_after(headers, now=NOW) == milliseconds / 1000


@given(st.integers(0, 10**9))
def test_a_date_is_held_against_now(seconds):
    date = formatdate(NOW + seconds, usegmt=True)
    assert retry_after({"retry-after": date}, now=NOW) == seconds


@given(st.text(), st.text())
def test_no_header_text_is_more_than_a_number_or_nothing(seconds, milliseconds):
    wait = retry_after({"retry-after": seconds, "retry-after-ms": milliseconds}, now=NOW)
    assert wait is None or wait >= 0


ODD_WAITS = [
    ("", None),
    ("-1", None),
    ("soon", None),
    ("nan", None),
    ("inf", None),
    ("1e3", None),
    ("٣", None),
    ("0", 0.0),
    (".5", 0.5),
    ("5.", 5.0),
    ("31536000", 31_536_000.0),
    ("9" * 400, 1.7976931348623157e308),
    (formatdate(NOW - 60, usegmt=True), None),
    ("Fri, 99 Zzz 2027", None),
    ("Mon, 01 Jan 99999999999 00:00:00 GMT", None),
]


@pytest.mark.parametrize(("text", "wait"), ODD_WAITS)
def test_an_odd_retry_after_is_a_number_or_nothing(text, wait):
    assert retry_after({"retry-after": text}, now=NOW) == wait


def test_broken_milliseconds_leave_the_seconds_in_force():
    assert retry_after({"retry-after-ms": "-5", "retry-after": "2"}, now=NOW) == 2.0


def test_headers_are_known_by_any_case():
    error = error_of(429, headers={"Retry-After": " 5 ", "X-Should-Retry": "false", "X-Request-ID": "req_1"})
    assert (error.retry_after, error.should_retry, error.request_id) == (5.0, False, "req_1")


@pytest.mark.parametrize("said", ["", "maybe", "1"])
def test_should_retry_is_true_false_or_unsaid(said):
    assert error_of(429, headers={"x-should-retry": said}).should_retry is None


CODES = [
    (429, {"code": "insufficient_quota"}, QuotaExceeded),
    (429, {"type": "insufficient_quota"}, QuotaExceeded),
    (400, {"code": "billing_hard_limit_reached"}, QuotaExceeded),
    (429, {"code": "rate_limit_exceeded", "message": "Request too large: context length"}, RateLimited),
    (400, {"code": "context_length_exceeded"}, ContextTooLong),
    (400, {"message": "This model's maximum context length is 4096 tokens."}, ContextTooLong),
    (400, {"message": "prompt is too long: 210000 tokens > 200000 maximum"}, ContextTooLong),
    (400, {"message": "the request exceeds the available context size"}, ContextTooLong),
    (400, {"message": "The input token count (9) exceeds the maximum number of tokens allowed (8)."}, ContextTooLong),
    (413, {"message": "Input is too long for this model"}, ContextTooLong),
    (400, {"code": "content_filter"}, ContentFiltered),
    (400, {"code": 17, "type": ["x"], "message": {"a": 1}}, RequestRejected),
]


@pytest.mark.parametrize(("status", "told", "kind"), CODES)
def test_codes_and_words_go_before_the_status(status, told, kind):
    assert type(error_of(status, {"error": told})) is kind


SENTENCES = [
    (
        (429, {"error": {"message": "Slow down.", "type": "requests", "code": None}}),
        "The provider answered 429 (requests): Slow down.",
    ),
    ((418, {"message": "I am a teapot"}), "The provider answered 418: I am a teapot."),
    ((400, {"error": "Unknown field"}), "The provider answered 400: Unknown field."),
    ((422, {"detail": "Bad seed"}), "The provider answered 422: Bad seed."),
    ((500, b"upstream failed"), "The provider answered 500: upstream failed."),
    ((502, b"<html>Bad Gateway</html>"), "The provider answered 502: it did not say why."),
    ((503, b""), "The provider answered 503: it did not say why."),
    ((400, [1]), "The provider answered 400: it did not say why."),
    (
        (401, {"error": {"message": "Incorrect API key provided: sk-ab***yz."}}),
        (
            "The provider answered 401: Incorrect API key provided: [secret]. "
            "Check OPENAI_API_KEY, or the api_key of the config."
        ),
    ),
]


@pytest.mark.parametrize(("answer", "sentence"), SENTENCES)
def test_the_message_says_what_the_provider_said_and_what_to_do(answer, sentence):
    assert str(error_of(*answer)) == sentence


def test_a_404_names_the_model_once():
    unnamed = error_of(404, b"", model="gpt-9")
    named = error_of(404, {"error": {"message": "The model `gpt-9` does not exist."}}, model="gpt-9")
    assert (str(unnamed).count("gpt-9"), str(named).count("gpt-9")) == (1, 1)


def test_a_long_error_page_is_cut_in_the_message_and_whole_in_the_body():
    error = error_of(500, b"x" * 10_000)
    assert (len(str(error)) < 600, error.body) == (True, "x" * 10_000)


def test_the_body_is_kept_as_it_was_sent():
    assert error_of(400, {"error": {"message": "No."}, "more": [1]}).body == {"error": {"message": "No."}, "more": [1]}


def test_a_body_too_deep_to_parse_is_kept_as_text():
    assert error_of(400, b"[" * 100_000).body == "[" * 100_000


def test_a_success_is_read_and_a_failure_raised():
    raw = json.dumps(completion()).encode()
    expected = ChatReply(text="Paris", usage=Usage(9, 2), model="gpt-4o-mini-2024-07-18", id="chatcmpl-1")
    assert decode_response(200, {}, raw, now=NOW) == expected
    with pytest.raises(RateLimited):
        decode_response(429, {}, raw, now=NOW)


def test_a_success_without_a_completion_keeps_status_and_request_id():
    with pytest.raises(BadResponse) as caught:
        decode_response(203, {"X-Request-Id": "req_1"}, b"<html>", now=NOW)
    assert (caught.value.status, caught.value.request_id) == (203, "req_1")


keys = st.from_regex(r"[!-~]{8,60}", fullmatch=True)


@given(keys, st.sampled_from([200, 400, 401, 429, 500]), st.data())
def test_no_part_of_an_error_ever_holds_the_key(key, status, data):
    shapes = [{"error": {"message": key, "code": key}}, {"error": key}, {"choices": key}, [{key: [key]}], key]
    body = data.draw(st.sampled_from([*(json.dumps(shape) for shape in shapes), key, f"<p>{key}</p>"]))
    with pytest.raises(ProviderError) as caught:
        decode_response(status, {"x-request-id": key}, body.encode(), now=NOW, secrets=[key])
    assert key not in f"{caught.value} {caught.value.request_id} {json.dumps(caught.value.body)}"


@given(st.text(), st.lists(st.text(min_size=1)))
def test_hiding_secrets_twice_changes_nothing_more(text, secrets):
    safe = [secret for secret in secrets if secret not in "[secret]"]
    once = without_secrets(text, safe)
    assert without_secrets(once, safe) == once


KEY_LIKE = {
    "sk-proj-abc_DEF-123456": "[secret]",
    "Incorrect: sk-abcd********wxyz.": "Incorrect: [secret].",
    "Authorization: Bearer abc.def/ghi=": "Authorization: Bearer [secret]",
    "a task-manager, risk-averse": "a task-manager, risk-averse",
    "the sk-5 bus": "the sk-5 bus",
}


@pytest.mark.parametrize(("text", "safe"), KEY_LIKE.items())
def test_what_looks_like_a_key_is_hidden(text, safe):
    assert without_secrets(text) == safe
