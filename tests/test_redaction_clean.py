"""What is no secret stays as it is, byte for byte: ordinary traffic, schemas, and talk about passwords."""

from __future__ import annotations

import json

import pytest
from chat_asking import TOOL, completions
from front_asking import CHAT, front_of
from hypothesis import given, settings
from hypothesis import strategies as st
from redaction_asking import SSE, asked, body_of, came, plain_redactor

from kaizen_eval.fake import FakeLLM
from kaizen_eval.fake.front.front import TurnedAway
from kaizen_eval.fake.wire.events import Answer
from kaizen_eval.recording.redaction import Redactor
from kaizen_eval.recording.redaction.names import level_of, level_of_variable
from kaizen_eval.resilience.clock import virtual_time

TALK = [
    "How do I choose a good password? The password is required; a secret is kept.",
    "max_tokens=100000 and prompt_tokens: 12345678 were used; the token: string is split at each token boundary.",
    "api_key = os.environ['OPENAI_API_KEY_2'], password=settings.db_password2, token=${TOKEN_1234}",
    "def login(password: str, token: Optional[str] = None, api_key: SecretStr = Field(...)):",
    "See https://user@example.com:8443/path?page=2 and mail a.b@example.org, or git@github.com:org/project.git",
    "The class sk-fading-circle-animation, the organization: Doctors Without Borders, session: afternoon.",
    "Use Bearer authentication with a basic understanding of cookies: they are authorization headers.",
    "commit 3f786850e387550fdab836ed7e6dc881de23001b, uuid 123e4567-e89b-12d3-a456-426614174000",
    "The primary key: customer_2024_id; the public_key: ed25519; cache key: prompt-2024-11",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
    "-----BEGIN CERTIFICATE-----\nMIIBkTCB+wIJAKHBfpE5zvAUMA0GCSqGSIb3DQEBCwUAMBExDz\n-----END CERTIFICATE-----",
    "ids: chatcmpl-AbCdEf0123456789 call_AbCdEf0123456789abcdefgh resp_68a1b2c3d4e5f6 toolu_01A09q90qw90lq917835lq9",
]
SCHEMA = {
    "type": "function",
    "function": {
        "name": "log_in",
        "parameters": {
            "type": "object",
            "properties": {
                "api_key": {"type": "string", "description": "The API key of the service", "minLength": 8},
                "password": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
                "token": {"type": "string", "enum": ["access", "refresh"]},
                "credentials": {"type": "object", "properties": {"secret": {"type": "string", "format": "password"}}},
            },
            "required": ["api_key", "password", "token"],
        },
    },
}
USAGE = {
    "max_tokens": 4096,
    "max_completion_tokens": 100000,
    "prompt_tokens": 12345678,
    "usage": {"completion_tokens_details": {"reasoning_tokens": 1024}, "total_tokens": 12346},
    "tool_choice": "auto",
    "eos_token": "<|endoftext|>",
    "next_page_token": "CAUQAA2024x",
    "prompt_cache_key": "customer-2024-prompt",
    "system_fingerprint": "fp_44709d6fcb",
    "token_count": "12345678",
    "logprobs": {"content": [{"token": "passw0rd1234", "logprob": -1.5, "bytes": [112], "top_logprobs": []}]},
}


@pytest.mark.parametrize("text", TALK, ids=range(len(TALK)))
def test_talk_stays(text):
    body = body_of({"messages": [{"role": "user", "content": text}]})
    assert asked(body).body.data == body
    assert plain_redactor().text(text) == text


@pytest.mark.parametrize("body", [SCHEMA, USAGE, {"properties": SCHEMA, "arguments": json.dumps(SCHEMA)}], ids=range(3))
def test_schemas_and_usage_stay(body):
    assert asked(body).body.data == body_of(body)
    assert plain_redactor().scan_text(body_of(body).decode()) == ()


def answers(body):
    """What the fake says, in the pieces in which it says it."""
    front = front_of(FakeLLM(seed=7))
    with virtual_time() as clock:
        return clock.run(_answer(front, json.dumps(body).encode()))


async def _answer(front, raw):
    visit = front.receive("POST", "/v1/chat/completions", {"content-type": "application/json"}, raw)
    if isinstance(visit, Answer):
        return visit
    return (
        visit.answer if isinstance(visit, TurnedAway) else front.answer(visit, await front.desk.outcome(visit.opened))
    )


@pytest.mark.parametrize(
    "more", [{}, {"stream": True}, {"logprobs": True, "top_logprobs": 3}, {"tools": [TOOL]}, {"n": 3}]
)
def test_what_the_fake_says_stays(more):
    answer = answers(CHAT | more)
    pieces = [answer.body] if isinstance(answer.body, bytes) else [piece.data for piece in answer.body]
    response = came(pieces, tuple(answer.headers))
    assert response.body.data == b"".join(pieces)
    assert response.sizes == tuple(map(len, pieces))


@pytest.mark.parametrize(
    ("name", "level"),
    [
        *((name, 2) for name in ("api_key", "x-api-key", "apiKey", "OPENAI_API_KEY", "Authorization", "set-cookie")),
        *((name, 2) for name in ("password", "db_password", "clientSecret", "access_token", "secret", "sessionToken")),
        *((name, 1) for name in ("token", "bot-token-token", "organization", "project_id", "sessionId", "cookies")),
        *((name, 0) for name in ("max_tokens", "prompt_tokens", "tokens", "eos_token", "nextPageToken", "tool_choice")),
        *((name, 0) for name in ("key", "public_key", "primaryKey", "author", "keyboard", "tokenizer", "secretary")),
    ],
)
def test_names_say_how_surely(name, level):
    assert level_of(name) == level


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        *((name, True) for name in ("OPENAI_API_KEY", "GITHUB_TOKEN", "DB_PASSWORD", "AWS_ACCESS_KEY_ID")),
        *((name, True) for name in ("PGPASSWORD", "NPM_AUTH", "OPENAI_ORG_ID", "STRIPE_KEY", "MYSQL_PWD")),
        *((name, False) for name in ("PATH", "HOME", "PWD", "OLDPWD", "SSH_AUTH_SOCK", "XDG_SESSION_ID", "KEYBOARD")),
        *((name, False) for name in ("TOKENIZERS_PARALLELISM", "MAX_TOKENS", "SSL_CERT_FILE", "XAUTHORITY")),
        *((name, False) for name in ("GIT_AUTHOR_NAME", "TOKEN_URL", "SSH_KEY_PATH", "DESKTOP_SESSION", "PYTHONPATH")),
    ],
)
def test_variables_that_hold_secrets_are_told_by_their_names(name, is_secret):
    assert bool(level_of_variable(name)) is is_secret


@pytest.mark.parametrize(
    "value",
    ["short", "disabled", "not-needed", "/run/secrets/key", "https://x.example/t", "12345", "", "[REDACTED"],
)
def test_ordinary_values_of_secret_variables_are_not_looked_for(value):
    redactor = Redactor(environment={"MY_TOKEN": value})
    text = f"It is {value} here."
    assert (redactor.text(text), redactor.scan_text(text)) == (text, ())


@pytest.mark.parametrize("value", ["correct-horse-battery-staple", "k3yk3yk3", "a word 1", 'a"b\\c-1234é', "p/q+r=s%t"])
def test_odd_values_of_secret_variables_are_looked_for(value):
    body = {"a": f"It is {value} here."}
    redactor = Redactor(environment={"MY_TOKEN": value})
    assert json.loads(redactor.text(json.dumps(body))) == {"a": "It is [REDACTED] here."}


def test_the_password_in_a_variable_with_a_url_is_looked_for():
    redactor = Redactor(environment={"DATABASE_URL": "postgres://app:s3cr%40t77x@db/x"})
    assert redactor.text("It is s3cr@t77x.") == "It is [REDACTED]."


@settings(deadline=None)
@given(completions)
def test_no_completion_is_changed(completion):
    text = "".join(choice.text or "" for choice in completion.choices)
    body = json.dumps({"choices": [{"delta": {"content": part}} for part in text]}).encode()
    assert came([body], SSE).body.data == body


@settings(deadline=None)
@given(st.uuids(), st.binary(min_size=16, max_size=64))
def test_ids_and_digests_are_no_secrets(uuid, data):
    text = f"id {uuid} and {uuid.hex} and {data.hex()} and chatcmpl-{uuid.hex} call_{uuid.hex[:24]}"
    assert (plain_redactor().text(text), plain_redactor().scan_text(text)) == (text, ())
