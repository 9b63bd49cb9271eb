"""The front: which requests are let in, where they lead, and what becomes of the rest."""

from __future__ import annotations

import base64
import logging

import pytest
from front_asking import CHAT, asked, error_of, front_of, sent
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.errors import ConfigError
from kaizen_eval.fake import FakeLLM
from kaizen_eval.fake.endpoints.routing import Route, Routes, Way
from kaizen_eval.fake.front.access import masked
from kaizen_eval.fake.journal.account import NOBODY
from kaizen_eval.fake.wire.errors import Rejection

KEY = "sk-abcdefghijklmnopqrstuvwxyz"
MISSING = (
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth "
    "(i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're accessing the "
    "API from your browser and are prompted for a username and password. You can obtain an API key from "
    "https://platform.openai.com/account/api-keys."
)
segments = st.text(st.characters(codec="ascii", exclude_characters="/?"), min_size=1, max_size=8)
ROUTES = Routes(
    (Route("POST", "/say", "say"), Route("GET", "/things", "list"), Route("GET", "/things/{}/parts", "parts"))
)


@given(st.lists(segments).map(lambda parts: "".join(f"/{part}" for part in parts)))
def test_whatever_a_base_url_puts_before_a_path_leads_to_the_same_endpoint(base):
    assert ROUTES.way("POST", f"{base}/say") == Way("say")
    assert ROUTES.way("GET", f"{base}/things/7/parts") == Way("parts", ("7",))


@given(segments)
def test_a_name_in_a_path_arrives_as_it_was_before_it_was_quoted(name):
    quoted = "".join(f"%{ord(sign):02X}" for sign in name)
    assert ROUTES.way("GET", f"/v1/things/{quoted}/parts").names == (name,)


@given(segments.filter(lambda name: name not in {"say", "things"}))
def test_a_path_that_no_route_ends_with_is_always_refused(name):
    for path in (
        f"/v1/say/{name}",
        f"/v1/{name}",
        f"/v1/say{name}",
        f"/v1/things/{name}/x/parts",
        f"/v1/x{name}/parts",
    ):
        with pytest.raises(Rejection) as refused:
            ROUTES.way("POST", path)
        assert (refused.value.status, refused.value.message) == (404, f"Invalid URL (POST {path})")


@pytest.mark.parametrize(
    "path",
    [
        *("/v1/foo", "/v1/chat/completions/", "/v1", "/", "", "*", "/v1/models/a/b", "/v1/embeddings\n"),
        *("/v1/v1/chat/completions", "/gate/v1/v1/models", "/v1/v1/models/gpt-4o"),
    ],
)
def test_an_unknown_url_is_answered_as_the_service_does(path):
    came = asked(front_of(), "POST", path + "?key=secret", CHAT)
    assert (came.status, came.body) == (404, error_of(f"Invalid URL (POST {path})"))


def test_what_is_not_spoken_is_named_in_the_log_without_the_query(caplog):
    asked(front_of(), "GET", "/v1/files?key=secret")
    assert caplog.record_tuples == [
        (
            "kaizen_eval.fake",
            logging.WARNING,
            "GET /v1/files: the fake LLM does not speak this: Invalid URL (GET /v1/files)",
        )
    ]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/chat/completions", "OPTIONS, POST"),
        ("PUT", "/v1/embeddings", "OPTIONS, POST"),
        ("HEAD", "/v1/moderations", "OPTIONS, POST"),
        ("DELETE", "/v1/models/gpt-4o", "GET, HEAD, OPTIONS"),
        ("BREW", "/v1/models", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_method_that_a_path_does_not_take_is_answered_as_the_service_does(method, path, allowed):
    came = asked(front_of(), method, path)
    message = f"Not allowed to {method} on {path}. (HINT: Perhaps you meant to use a different HTTP method?)"
    body = None if method == "HEAD" else error_of(message, code="method_not_supported")
    assert (came.status, came.headers["allow"], came.body) == (405, allowed, body)


def test_what_may_be_got_can_be_asked_for_its_head_alone():
    fake = FakeLLM()
    front = front_of(fake)
    head, whole = asked(front, "HEAD", "/v1/models"), asked(front, "GET", "/v1/models")
    assert (head.status, head.body, head.headers.keys()) == (200, None, whole.headers.keys())
    assert len(fake.journal) == 2


def test_a_browser_that_asks_beforehand_is_told_what_it_may_do():
    came = asked(front_of(), "OPTIONS", "/v1/embeddings", origin="http://page")
    assert (came.status, came.headers, came.body) == (
        200,
        {
            "allow": "OPTIONS, POST",
            "access-control-allow-methods": "OPTIONS, POST",
            "access-control-allow-origin": "*",
            "access-control-allow-headers": "*, authorization",
            "access-control-max-age": "600",
        },
        None,
    )


@pytest.mark.parametrize("body", [CHAT, {}])
def test_a_page_in_a_browser_may_read_what_came(body):
    front = front_of()
    told = asked(front, "POST", "/v1/chat/completions", body, origin="http://page").headers
    assert told["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in asked(front, "POST", "/v1/chat/completions", body).headers


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer whatever"}, {"authorization": "nonsense"}])
def test_without_a_key_of_its_own_the_fake_lets_everybody_in(headers):
    assert asked(front_of(), "POST", "/v1/chat/completions", CHAT, **headers).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": f"Bearer {KEY}"},
        {"authorization": f"bearer  {KEY}"},
        {"authorization": "Basic " + base64.b64encode(f":{KEY}".encode()).decode()},
        {"api_key": KEY},
    ],
)
def test_the_key_opens_the_fake_wherever_the_service_takes_it(headers):
    assert asked(front_of(api_key=KEY), "GET", "/v1/models", **headers).status == 200


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": ""}, {"authorization": "Bearer"}, {"authorization": "Basic é"}]
)
def test_a_missing_key_is_answered_as_the_service_does(headers):
    fake = FakeLLM()
    came = asked(front_of(fake, api_key=KEY), "POST", "/v1/chat/completions", CHAT, **headers)
    assert (came.status, came.headers["www-authenticate"], came.body, len(fake.journal.attempts)) == (
        401,
        'Basic realm="OpenAI API"',
        error_of(MISSING),
        0,
    )


@pytest.mark.parametrize(
    ("given_key", "shown"),
    [
        (f"{KEY}a", "sk-ab***za"),
        (KEY[:-1], "sk-ab***xy"),
        ("é" * 20, "ééééé***éé"),
        ("shortone", "***"),
    ],
)
def test_a_wrong_key_is_answered_as_the_service_does_and_never_shown_whole(given_key, shown, caplog):
    caplog.set_level(logging.DEBUG)
    came = asked(front_of(api_key=KEY), "GET", "/v1/models", authorization=f"Bearer {given_key}")
    message = (
        f"Incorrect API key provided: {shown}. You can find your API key at "
        "https://platform.openai.com/account/api-keys."
    )
    assert (came.status, came.body) == (401, error_of(message, code="invalid_api_key"))
    assert given_key not in caplog.text
    assert KEY not in caplog.text


@given(st.text(min_size=1))
def test_a_masked_key_never_holds_more_than_seven_signs_of_it(key):
    shown = masked(key)
    assert key not in shown.replace("***", "")
    assert len(shown) <= 10


@pytest.mark.parametrize("key", ["", "two words", "line\nbreak", "schlüssel"])
def test_a_key_that_no_header_can_carry_is_refused_without_being_shown(key):
    with pytest.raises(ConfigError, match="printable ASCII") as refused:
        front_of(api_key=key)
    assert not key or key not in str(refused.value)


def test_no_key_reaches_the_journal_or_the_script():
    fake = FakeLLM()
    secrets = dict.fromkeys(("authorization", "api_key", "x_api_key", "cookie", "proxy_authorization"), "secret")
    visit = front_of(fake).receive(
        "POST",
        "/v1/embeddings",
        {name.replace("_", "-"): value for name, value in secrets.items()} | {"user-agent": "me"},
        b'{"model": "m", "input": "Hi"}',
    )
    assert visit.opened.inquiry.headers == {"user-agent": "me"}


@pytest.mark.parametrize("name", ["x-kaizen-session", "x-kaizen-agent", "x-kaizen-run"])
@pytest.mark.parametrize("value", ["", '"open', '"two" "texts"', '"a\tb"'])
def test_a_header_of_ours_that_is_empty_or_a_broken_json_string_is_refused(name, value):
    came = asked(front_of(), "POST", "/v1/chat/completions", CHAT, **{name: value})
    message = f"Invalid header '{name}': expected a name or a JSON string, but got {value!r}."
    assert (came.status, came.body) == (400, error_of(message))


@pytest.mark.parametrize("value", ["alice", "7", "null", "[" * 5000, "two words", 'o\'brien "x"'])
def test_a_session_may_be_named_without_quotes(value):
    fake = FakeLLM()
    asked(front_of(fake), "POST", "/v1/chat/completions", CHAT, x_kaizen_session=value)
    assert [exchange.session_id for exchange in fake.exchanges] == [value]


def test_headers_of_ours_say_whose_request_it_is():
    fake = FakeLLM()
    ids = {"x_kaizen_session": '"s\\u00e9"', "x_kaizen_agent": '"a"', "x_kaizen_run": '"r"'}
    front = front_of(fake)
    for path, body in (("/v1/chat/completions", CHAT), ("/v1/embeddings", {"model": "m", "input": "Hi"})):
        asked(front, "POST", path, body, **ids)
    sent(front, "GET", "/v1/models", b"", **ids)
    sent(front, "POST", "/v1/moderations", b'{"input": "Hi"}', **ids)
    assert [(e.endpoint, e.session_id, e.agent_id, e.asker) for e in fake.exchanges] == [
        (endpoint, "sé", "a", NOBODY._replace(run_id="r"))
        for endpoint in ("chat", "embeddings", "models", "moderations")
    ]
