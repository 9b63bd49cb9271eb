"""Secrets to plant, places to plant them in, and a redactor to take them out."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, TypeVar
from urllib.parse import quote

from hypothesis import strategies as st

from kaizen_eval.recording.exchange import Exchange, Headers, Piece, RawRequest, RecordedRequest, RecordedResponse
from kaizen_eval.recording.redaction import Redactor

__all__ = [
    "EXAMPLES",
    "JSON",
    "MACHINE",
    "SSE",
    "VALUE",
    "asked",
    "assembled",
    "body_of",
    "came",
    "chat_stream",
    "cut",
    "exchange",
    "pieces_of",
    "plain_redactor",
    "secrets",
    "writings",
]

Text = TypeVar("Text", bytes, str)

JSON: Headers = (("content-type", "application/json"),)
SSE: Headers = (("content-type", "text/event-stream"),)
VALUE = "zz9-plural-z-4lpha"
MACHINE = {"OPENAI_API_KEY": VALUE, "PATH": "/usr/bin:/bin", "HOME": "/somewhere/else"}
_A, _D, _HEX = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ", "AB3DE5GH7JK9MN1PQ3ST5VW7YZ", "0a1b2c3d4e5f60718293a4b5c6d7e8f9"


def _long(length: int) -> str:
    return (_A * 8)[:length]


EXAMPLES: dict[str, str] = {
    "sk-" + _long(48): "OpenAI key",
    "sk-proj-" + _long(60) + "_-" + _long(20): "OpenAI key",
    "sk-svcacct-" + _long(40): "OpenAI key",
    "sk-abcd**********wxyz": "OpenAI key",
    "sk-ant-api03-" + _long(80) + "-AA": "Anthropic key",
    "sk-or-v1-" + _HEX * 2: "OpenRouter key",
    "AIza" + _long(35): "Google key",
    "ya29." + _long(60): "Google key",
    "GOCSPX-" + _long(28): "Google key",
    "AKIA" + _D[:16]: "AWS key",
    "ASIA" + _D[:16]: "AWS key",
    "ABSK" + _long(80): "AWS key",
    "ghp_" + _long(36): "GitHub token",
    "gho_" + _long(36): "GitHub token",
    "github_pat_" + _long(22) + "_" + _long(59): "GitHub token",
    "glpat-" + _long(20): "GitLab token",
    "xoxb-123456789012-1234567890123-" + _long(24): "Slack token",
    "xapp-1-A0123456789-1234567890123-" + _HEX: "Slack token",
    "hooks.slack.com/services/T00000000/B00000000/" + _long(24): "Slack token",
    "sk_" + "live_" + _long(24): "Stripe key",
    "rk_" + "test_" + _long(24): "Stripe key",
    "whsec_" + _long(32): "Stripe key",
    "hf_" + _long(34): "Hugging Face token",
    "gsk_" + _long(52): "Groq key",
    "xai-" + _long(80): "xAI key",
    "npm_" + _long(36): "npm token",
    "pypi-AgEIcHlwaS5vcmc" + _long(60): "PyPI token",
    "SG." + _long(22) + "." + _long(43): "SendGrid key",
    "SK" + _HEX: "Twilio key",
    "123456789:AA" + _long(33): "Telegram token",
    _long(52) + "JQQJ99" + _long(26): "Azure key",
    "AccountKey=" + _long(86) + "==": "Azure key",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0." + _long(43): "JSON web token",
    "org-" + _long(24): "account id",
    "proj_" + _long(24): "account id",
    "pplx-" + _long(48): "service token",
    "r8_" + _long(37): "service token",
    "nvapi-" + _long(64): "service token",
    "tvly-" + _long(32): "service token",
    "dapi" + _HEX: "service token",
    "ntn_" + _long(46): "service token",
    "-----BEGIN RSA PRIVATE KEY-----\n"
    + _long(64)
    + "\n"
    + _long(64)
    + "\n-----END RSA PRIVATE KEY-----": "private key",
    "-----BEGIN OPENSSH PRIVATE KEY-----\n" + _long(64): "private key",
}
"""Of each shape: what it looks like, and what it is."""

secrets = st.sampled_from([*EXAMPLES, VALUE])


def plain_redactor(**settings: Any) -> Redactor:
    return Redactor(**{"environment": MACHINE, **settings})


def asked(body: Any, headers: Headers = JSON, url: str = "https://api.example/v1/chat/completions") -> RecordedRequest:
    """What is kept of a request with that body: bytes, or what JSON is made of."""
    return plain_redactor().request(RawRequest("POST", url, headers, body_of(body)))


def came(pieces: Sequence[bytes], headers: Headers = JSON, redactor: Redactor | None = None) -> RecordedResponse:
    """What is kept of a response that came in these pieces."""
    redactor = redactor or plain_redactor()
    return redactor.response(200, headers, [Piece(data, 10 * at) for at, data in enumerate(pieces)], 5)


def body_of(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def pieces_of(response: RecordedResponse) -> list[bytes]:
    return [piece.data for piece in response.pieces()]


def cut(whole: Text, places: Sequence[int]) -> list[Text]:
    """Bytes or a text in pieces that end at these places."""
    edges = sorted({place % (len(whole) + 1) for place in places} | {0, len(whole)})
    return [whole[start:end] for start, end in pairwise(edges)] or [whole]


def chat_stream(parts: Sequence[str], *, index: int = 0, field: str = "content") -> list[bytes]:
    """The events of a chat completion that says these parts."""
    chunks = [{"choices": [{"index": index, "delta": {field: part}}]} for part in parts]
    return [f"data: {json.dumps(chunk, separators=(',', ':'))}\n\n".encode() for chunk in chunks]


def assembled(body: bytes, index: int = 0, field: str = "content") -> str:
    """What a chat completion says, its events put together."""
    events = [json.loads(line[6:]) for line in body.split(b"\n") if line.startswith(b"data: {")]
    choices = [choice for event in events for choice in event["choices"] if choice["index"] == index]
    return "".join(choice["delta"].get(field) or "" for choice in choices)


def exchange(request: RecordedRequest, response: RecordedResponse | None = None) -> Exchange:
    return Exchange(slot=1, key="0" * 32, request=request, response=response)


def writings(secret: str) -> list[str]:
    """How a secret may be written."""
    return [secret, quote(secret, safe=""), json.dumps(secret)[1:-1], base64.b64encode(secret.encode()).decode()]
