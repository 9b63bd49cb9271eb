"""No text, however it is made, takes more than the time of a few looks at it."""

from __future__ import annotations

import signal
from contextlib import contextmanager

import pytest
from redaction_asking import SSE, came, plain_redactor

SIZE = 30_000
"""Characters: where time grows with their number alone, all of it takes a tenth of the limit."""
LIMIT = 4
"""Seconds."""
BITS = [
    *(
        "a",
        "-",
        "_",
        "=",
        "/",
        "%41",
        "\\",
        '\\"',
        "\\u0073",
        "*",
        ":",
        "://a:",
        "@",
        "key:",
        "key ",
        "password=",
        "--key ",
    ),
    *("Bearer ", "Basic YTpi", "-----BEGIN PRIVATE KEY-----", "eyJaaaaaaaa.", "SG.aaaaaaaaaaaaaaaa", "1234567890:AA"),
    *(
        "api key is ",
        '{"a":',
        '["',
        "[",
        "{",
        '"token":"',
        "data: \n\n",
        "data: x\n\n",
        ":\n",
        "token=x&",
        "é",
        "\x00",
        " ",
    ),
    *("https://", "sk-sk-", "key_", "JQQJ99", "AB-", "ghp_a-", '"index":1,', "[REDACTED]", "authorization: Bearer "),
    *('data: {"delta":"sk-"}\n\n', '{"content":"s"}\n', "-----BEGIN OPENSSH PRIVATE KEY-----\\n", "\\n", "\\\\n"),
    *("hf_", "org-", "AccountKey=", "hooks.slack.com/services/", "secret_", "SK", "ya29."),
    "'",
]


@contextmanager
def in_time():
    """Raises where the block takes longer; what other processes take does not count."""

    def too_long(number, frame):
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, too_long)
    signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@pytest.mark.unmeasured
@pytest.mark.parametrize("bit", BITS)
def test_no_text_takes_long(bit):
    text = bit * (SIZE // len(bit))
    redactor = plain_redactor(redact=["customer_id"])
    with in_time():
        redactor.text(f"sk-aB3dE5gH7jK9mN1pQ3sT5vW7yZ {text}")
        redactor.text(f'{{"sk-aB3dE5gH7jK9mN1pQ3sT5vW7yZ": "{text}')
        redactor.scan_text(text)


@pytest.mark.unmeasured
@pytest.mark.parametrize("bit", ["a", "sk-", '"', "\\", "key:"])
def test_no_stream_takes_long(bit):
    body = f'data: {{"choices":[{{"index":1,"delta":{{"content":"{bit}"}}}}]}}\n\n'.encode()
    with in_time():
        came([body] * (SIZE // len(body)), SSE)
