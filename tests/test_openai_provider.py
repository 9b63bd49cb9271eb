"""One attempt through the real OpenAI SDK, over a real socket, against a server that misbehaves."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import gzip
import json
import pickle
import socket
import traceback
import warnings
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import openai
import pytest
from doubles_http import Act, Asked, completion, response, serving
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.config import AgentConfig
from kaizen_eval.errors import (
    AttemptTimeout,
    AuthenticationFailed,
    BadResponse,
    CassetteMiss,
    ConfigError,
    ConnectionLost,
    ContentFiltered,
    ContextTooLong,
    KaizenError,
    NotFound,
    PermissionDenied,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    RequestRejected,
    ScriptMiss,
    ServerFailed,
    UsageError,
)
from kaizen_eval.llm.openai import OpenAIProvider
from kaizen_eval.llm.wire import encode_request
from kaizen_eval.messages import ChatReply, ChatRequest, Message, ToolCall, Usage
from kaizen_eval.provider import Provider

KEY = "sk-test-THE-WHOLE-KEY-0123456789"
REQUEST = ChatRequest(model="gpt-4o-mini", messages=(Message("user", "What is the capital of France?"),))
PARIS = ChatReply(text="Paris", usage=Usage(9, 2), model="gpt-4o-mini-2024-07-18", id="chatcmpl-1")


@dataclass(frozen=True, slots=True)
class Failure:
    """What a caller can tell from an error without reading its message."""

    kind: type[KaizenError]
    status: int | None = None
    retry_after: float | None = None
    should_retry: bool | None = None

    @classmethod
    def of(cls, error: ProviderError) -> Failure:
        return cls(type(error), error.status, error.retry_after, error.should_retry)


def ask(
    *answers: Any, request: ChatRequest = REQUEST, **settings: Any
) -> tuple[ChatReply | ProviderError, list[Asked]]:
    """What came of one attempt, and the requests that it took."""

    async def attempt() -> tuple[ChatReply | ProviderError, list[Asked]]:
        async with serving(*answers) as server:
            provider = OpenAIProvider(KEY, server.base_url, **settings)
            try:
                return await provider.complete(request), server.asked
            except ProviderError as error:
                return error, server.asked
            finally:
                await provider.aclose()

    return asyncio.run(attempt())


def failure(*answers: Any) -> ProviderError:
    """The error of one attempt, which must have taken one request."""
    error, asked = ask(*answers)
    assert (isinstance(error, ProviderError), len(asked)) == (True, 1)
    return error


def error_body(message: str = "No.", **fields: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None} | fields}


QUOTA = error_body("You exceeded your current quota.", type="insufficient_quota", code="insufficient_quota")
TOO_LONG = error_body("This model's maximum context length is 8192 tokens.", code="context_length_exceeded")
OK = response(completion())
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"

STATUSES = [
    ("400 Bad Request", error_body(), {}, Failure(RequestRejected, 400)),
    ("400 Bad Request", TOO_LONG, {}, Failure(ContextTooLong, 400)),
    ("400 Bad Request", error_body(code="content_filter"), {}, Failure(ContentFiltered, 400)),
    ("400 Bad Request", error_body(), {"x_should_retry": "true"}, Failure(RequestRejected, 400, None, True)),
    ("401 Unauthorized", error_body(), {}, Failure(AuthenticationFailed, 401)),
    ("402 Payment Required", error_body(), {}, Failure(QuotaExceeded, 402)),
    ("403 Forbidden", error_body(), {}, Failure(PermissionDenied, 403)),
    ("404 Not Found", error_body(code="model_not_found"), {}, Failure(NotFound, 404)),
    ("405 Method Not Allowed", error_body(), {}, Failure(RequestRejected, 405)),
    ("408 Request Timeout", error_body(), {}, Failure(ServerFailed, 408)),
    ("409 Conflict", error_body(), {}, Failure(ServerFailed, 409)),
    ("413 Content Too Large", error_body(), {}, Failure(RequestRejected, 413)),
    ("422 Unprocessable", error_body(), {}, Failure(RequestRejected, 422)),
    ("425 Too Early", error_body(), {}, Failure(ServerFailed, 425)),
    ("429 Slow Down", error_body(), {}, Failure(RateLimited, 429)),
    ("429 Slow Down", error_body(), {"retry_after": "0.3"}, Failure(RateLimited, 429, 0.3)),
    ("429 Slow Down", error_body(), {"retry_after": "121"}, Failure(RateLimited, 429, 121.0)),
    ("429 Slow Down", error_body(), {"retry_after": "1", "retry_after_ms": "50"}, Failure(RateLimited, 429, 0.05)),
    ("429 Slow Down", error_body(), {"x_should_retry": "false"}, Failure(RateLimited, 429, None, False)),
    ("429 Slow Down", QUOTA, {}, Failure(QuotaExceeded, 429)),
    ("500 Oops", error_body(), {}, Failure(ServerFailed, 500)),
    ("502 Bad Gateway", b"<html><h1>502 Bad Gateway</h1></html>", {}, Failure(ServerFailed, 502)),
    ("503 Busy", error_body(), {"retry_after": "7"}, Failure(ServerFailed, 503, 7.0)),
    ("504 Gateway Timeout", b"", {}, Failure(ServerFailed, 504)),
    ("529 Overloaded", error_body(), {}, Failure(ServerFailed, 529)),
    ("304 Not Modified", b"", {}, Failure(RequestRejected, 304)),
]


@pytest.mark.parametrize(("status", "body", "headers", "expected"), STATUSES)
def test_a_failed_status_becomes_its_error_after_one_request(status, body, headers, expected):
    error = failure(response(body, status, x_request_id="req_1", **headers))
    assert (Failure.of(error), error.request_id) == (expected, "req_1")


BROKEN = {
    "reset before the head": ([Act.RESET], ConnectionLost),
    "closed before the head": ([Act.CLOSE], ConnectionLost),
    "closed within the head": ([HEAD, Act.CLOSE], ConnectionLost),
    "closed within the body": ([OK[:-10], Act.CLOSE], ConnectionLost),
    "reset within the body": ([OK[:-10], Act.RESET], ConnectionLost),
    "closed within a chunk": ([HEAD + b'transfer-encoding: chunked\r\n\r\n40\r\n{"id"', Act.CLOSE], ConnectionLost),
    "no HTTP at all": ([b"\x16\x03\x01 garbage \r\n\r\n", Act.CLOSE], ConnectionLost),
    "a body that is not the gzip it claims to be": (
        [response(b"no gzip", content_encoding="gzip")],
        BadResponse,
    ),
    "redirects without end": ([response(b"", "307 Again", location="/v1/chat/completions")], BadResponse),
}


@pytest.mark.parametrize(("answer", "kind"), BROKEN.values(), ids=BROKEN)
def test_a_broken_connection_becomes_its_error(answer, kind):
    error, _ = ask(answer)
    assert Failure.of(error) == Failure(kind)


def test_a_broken_connection_is_not_tried_again_here():
    assert Failure.of(failure([Act.RESET], OK)) == Failure(ConnectionLost)


def test_a_refused_connection_names_the_place_that_refused():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        with pytest.raises(ConnectionLost, match=url):
            asyncio.run(OpenAIProvider(KEY, url).complete(REQUEST))


UNREADABLE = {
    "an empty body": (response(b""), "an empty body"),
    "blanks": (response(b" \r\n"), "an empty body"),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", "an empty body"),
    "HTML": (response(b"<!doctype html><p>Please log in", content_type="text/html"), "HTML"),
    "HTML that claims to be JSON": (response(b"\n<html></html>"), "HTML"),
    "prose": (response(b"I am fine.", content_type="text/plain"), "10 characters that are not JSON"),
    "prose that claims to be JSON": (response(b"I am fine."), "10 characters that are not JSON"),
    "JSON cut short": (response(json.dumps(completion()).encode()[:100]), "Unterminated string"),
    "bytes that are not UTF-8": (response(b'{"id": "\xff\xfe"}'), "not JSON"),
    "too deep a JSON": (response(b"[" * 200_000), "not JSON"),
    "a number of 5000 digits": (response(b'{"id": ' + b"9" * 5000 + b"}"), "not JSON"),
    "null": (response(b"null"), "null as the body, where an object belongs"),
    "a list": (response([completion()]), "where an object belongs"),
    "text": (response("Paris"), "text as the body"),
    "an error": (response(error_body("Overloaded.")), "Overloaded."),
    "no choices": (response(completion(choices=[])), "an empty list of choices"),
    "choices that are no list": (response(completion(choices="Paris")), "text as choices"),
    "a choice that is no object": (response(completion(choices=[None])), "null as choices[0]"),
    "a stream": (response(b'data: {"choices": []}\n\n', content_type="text/event-stream"), "not JSON"),
}


@pytest.mark.parametrize(("answer", "came"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_success_without_a_chat_completion_says_what_came(answer, came):
    error = failure(answer)
    assert (type(error), came in str(error)) == (BadResponse, True), str(error)


def test_a_bad_response_keeps_status_request_id_and_body():
    error = failure(response({"hello": 1}, "201 Created", x_request_id="req_9"))
    assert (error.status, error.request_id, error.body) == (201, "req_9", {"hello": 1})


READABLE = {
    "as JSON": OK,
    "as plain text": response(completion(), content_type="text/plain"),
    "without a content type": response(completion(), content_type=None),
    "compressed": response(gzip.compress(json.dumps(completion()).encode()), content_encoding="gzip"),
    "in chunks": HEAD
    + b"transfer-encoding: chunked\r\n\r\n"
    + b"".join(b"1\r\n%c\r\n" % byte for byte in json.dumps(completion()).encode())
    + b"0\r\n\r\n",
    "with a status of 201": response(completion(), "201 Created"),
}


@pytest.mark.parametrize("answer", READABLE.values(), ids=READABLE)
def test_a_completion_is_read_however_it_travels(answer):
    reply, asked = ask(answer)
    assert (reply, len(asked)) == (PARIS, 1)


def test_a_redirect_is_followed_with_the_same_body():
    reply, asked = ask(response(b"", "307 There", location="/v2/chat"), OK)
    assert (reply, [(a.line, a.body) for a in asked]) == (
        PARIS,
        [
            ("POST /v1/chat/completions HTTP/1.1", encode_request(REQUEST)),
            ("POST /v2/chat HTTP/1.1", encode_request(REQUEST)),
        ],
    )


def test_a_whole_request_reaches_the_wire():
    call = ToolCall("call_1", "look_up", '{"q": 1}')
    request = ChatRequest(
        model="m",
        messages=(
            Message("system", "Be brief."),
            Message("user", "Zürich \U0001f600?"),
            Message("assistant", "", (call,)),
            Message("tool", "found", tool_call_id="call_1"),
        ),
        output_schema={"type": "object"},
        output_mode="schema",
        tools=({"type": "function", "function": {"name": "look_up", "parameters": {"type": "object"}}},),
        temperature=0.0,
        top_p=0.5,
        max_tokens=7,
        seed=0,
        stop=("END",),
    )
    assert ask(OK, request=request)[1][0].body == encode_request(request)


def test_the_service_learns_key_and_organization_and_nothing_of_session_and_agent():
    request = replace(REQUEST, session_id="session-of-alice", agent_id="agent-7")
    sent = ask(OK, request=request, organization="org-1")[1][0]
    assert (sent.headers["authorization"], sent.headers["openai-organization"]) == (f"Bearer {KEY}", "org-1")
    assert not any("alice" in text or "agent-7" in text for text in (*sent.headers.values(), sent.raw.decode()))


def test_our_fakes_learn_session_and_agent_in_headers():
    request = replace(REQUEST, session_id="Zürich\n1", agent_id="agent-7")
    sent = ask(OK, request=request, journal_headers=True)[1][0]
    told = {name: json.loads(value) for name, value in sent.headers.items() if name.startswith("x-kaizen")}
    assert (told, sent.body) == (
        {"x-kaizen-session": "Zürich\n1", "x-kaizen-agent": "agent-7"},
        encode_request(REQUEST),
    )


# ---- timeouts, cancellation, the client's life


def with_server(story: Callable[..., Coroutine[Any, Any, Any]], *answers: Any) -> Any:
    async def tell() -> Any:
        async with serving(*answers) as server:
            provider = OpenAIProvider(KEY, server.base_url)
            try:
                return await story(server, provider)
            finally:
                await provider.aclose()

    return asyncio.run(tell())


@pytest.mark.parametrize("sent", [(), (HEAD,), (OK[:-10],)], ids=["nothing", "half a head", "half a body"])
def test_cancelling_an_attempt_frees_its_connection(sent):
    async def story(server, provider):
        attempt = asyncio.create_task(provider.complete(REQUEST))
        await server.was_asked.wait()
        attempt.cancel()
        await server.client_left.wait()
        return await asyncio.gather(attempt, return_exceptions=True)

    [ended] = with_server(story, (*sent, Act.HANG))
    assert isinstance(ended, asyncio.CancelledError)


def test_after_a_cancelled_attempt_the_provider_still_works():
    async def story(server, provider):
        attempt = asyncio.create_task(provider.complete(REQUEST))
        await server.was_asked.wait()
        attempt.cancel()
        await server.client_left.wait()
        return await provider.complete(REQUEST)

    assert with_server(story, (Act.HANG,), OK) == PARIS


def test_the_sdk_sets_no_time_limit_of_its_own():
    limits = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        limits.append(request.extensions["timeout"])
        return httpx2.Response(200, json=completion())

    asyncio.run(behind(answer).complete(REQUEST))
    assert limits == [{"connect": None, "read": None, "write": None, "pool": None}]


def test_attempts_share_one_connection():
    async def story(server, provider):
        replies = [await provider.complete(REQUEST) for _ in range(5)]
        return replies, server.connections

    assert with_server(story, OK) == ([PARIS] * 5, 1)


def test_closing_twice_is_harmless_and_leaves_no_warning():
    async def story(server, provider):
        await provider.complete(REQUEST)
        await provider.aclose()
        await provider.aclose()

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with_server(story, OK)
        gc.collect()


def test_a_closed_provider_says_so():
    async def story(server, provider):
        await provider.aclose()
        await provider.complete(REQUEST)

    with pytest.raises(UsageError, match="is closed"):
        with_server(story, OK)


# ---- what the SDK raises


def behind(answer: Callable[[httpx2.Request], httpx2.Response]) -> OpenAIProvider:
    return OpenAIProvider(KEY, transport=httpx2.MockTransport(answer))


def raising(error: BaseException) -> OpenAIProvider:
    def answer(_: httpx2.Request) -> httpx2.Response:
        raise error

    return behind(answer)


TIMEOUTS = [httpx2.ConnectTimeout, httpx2.ReadTimeout, httpx2.WriteTimeout, httpx2.PoolTimeout]


@pytest.mark.parametrize("kind", TIMEOUTS)
def test_a_timeout_of_the_sdk_is_a_timeout_error(kind):
    with pytest.raises(TimeoutError, match=kind.__name__) as caught:
        asyncio.run(raising(kind("slow")).complete(REQUEST))
    assert type(caught.value) is AttemptTimeout


def subclasses(kind: type[BaseException]) -> set[type[BaseException]]:
    return {kind}.union(*map(subclasses, kind.__subclasses__()))


@pytest.mark.parametrize("kind", sorted(subclasses(httpx2.RequestError), key=str))
def test_no_error_of_the_http_client_escapes(kind):
    with pytest.raises((ConnectionLost, AttemptTimeout, BadResponse)) as caught:
        asyncio.run(raising(kind("broken")).complete(REQUEST))
    assert isinstance(caught.value.__cause__, openai.APIConnectionError)


HTTP_REQUEST = httpx2.Request("POST", "https://api.openai.com/v1/chat/completions")


def http_response(status: int) -> httpx2.Response:
    return httpx2.Response(status, request=HTTP_REQUEST)


MAPPED: dict[type[BaseException], tuple[BaseException, type[KaizenError]]] = {
    openai.OpenAIError: (openai.OpenAIError("no credentials"), ConfigError),
    openai.APIError: (openai.APIError("odd", HTTP_REQUEST, body=None), BadResponse),
    openai.APIResponseValidationError: (openai.APIResponseValidationError(http_response(200), None), BadResponse),
    openai.APIConnectionError: (openai.APIConnectionError(request=HTTP_REQUEST), ConnectionLost),
    openai.APITimeoutError: (openai.APITimeoutError(HTTP_REQUEST), AttemptTimeout),
    openai.OAuthError: (openai.OAuthError(response=http_response(401), body=None), AuthenticationFailed),
} | {
    kind: (kind("no", response=http_response(status), body=None), ours)
    for kind, status, ours in [
        (openai.APIStatusError, 418, RequestRejected),
        (openai.BadRequestError, 400, RequestRejected),
        (openai.AuthenticationError, 401, AuthenticationFailed),
        (openai.PermissionDeniedError, 403, PermissionDenied),
        (openai.NotFoundError, 404, NotFound),
        (openai.ConflictError, 409, ServerFailed),
        (openai.UnprocessableEntityError, 422, RequestRejected),
        (openai.RateLimitError, 429, RateLimited),
        (openai.InternalServerError, 500, ServerFailed),
    ]
}
UNREACHABLE = {
    "APIRemovedInV1": "names of the SDK before 1.0",
    "ContentFilterFinishReasonError": "chat.completions.parse() and its stream helper",
    "InvalidWebhookSignatureError": "webhooks",
    "LengthFinishReasonError": "chat.completions.parse() and its stream helper",
    "MissingDependencyError": "embeddings, which decode numbers with numpy where it is installed",
    "MutuallyExclusiveAuthError": "the Azure client",
    "StreamAlreadyConsumed": "streamed bodies; ours are read whole",
    "SubjectTokenProviderError": "workload identity; we give a key",
    "WebSocketConnectionClosedError": "realtime and responses over WebSocket",
    "WebSocketQueueFullError": "realtime and responses over WebSocket",
    "_AmbiguousModuleClientUsageError": "the client that is the module itself",
}
"""Exceptions of the SDK that `chat.completions.create` with a key cannot raise, and what does."""


def test_no_exception_of_the_sdk_is_unmapped():
    named = vars(openai._exceptions).values()
    public = {kind for kind in named if isinstance(kind, type) and issubclass(kind, Exception)}
    names = {kind.__name__ for kind in public | subclasses(openai.OpenAIError)}
    assert names - UNREACHABLE.keys() == {kind.__name__ for kind in MAPPED}


@pytest.mark.parametrize(("error", "ours"), MAPPED.values(), ids=[kind.__name__ for kind in MAPPED])
def test_every_exception_of_the_sdk_becomes_one_of_ours(error, ours):
    with pytest.raises(ours) as caught:
        asyncio.run(raising(error).complete(REQUEST))
    assert (type(caught.value), caught.value.__cause__) == (ours, error)


@pytest.mark.parametrize("error", [ScriptMiss("no rule"), TypeError("a bug in a transport")])
def test_an_error_that_is_not_the_sdk_s_passes_unchanged(error):
    with pytest.raises(type(error)) as caught:
        asyncio.run(raising(error).complete(REQUEST))
    assert caught.value is error


def test_an_error_of_ours_comes_out_as_it_is_whatever_wraps_it():
    def wrapping(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ReadError("wrapped") from CassetteMiss("nothing is recorded")

    with pytest.raises(CassetteMiss, match="nothing is recorded"):
        asyncio.run(behind(wrapping).complete(REQUEST))


def test_an_error_of_ours_that_was_handled_before_is_no_cause_of_the_next():
    async def again() -> None:
        try:
            await raising(CassetteMiss("an earlier one")).complete(REQUEST)
        except CassetteMiss:
            await raising(MAPPED[openai.RateLimitError][0]).complete(REQUEST)

    with pytest.raises(RateLimited):
        asyncio.run(again())


LEAKS = [
    AttributeError("'str' object has no attribute 'choices'"),
    json.JSONDecodeError("Expecting value", "", 0),
    KeyError("choices"),
    RecursionError("maximum recursion depth exceeded"),
    TypeError("'NoneType' object is not iterable"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    openai.APIResponseValidationError(http_response(200), None),
]


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: type(leak).__name__)
def test_whatever_the_sdk_s_parsing_leaks_is_a_bad_response(leak):
    class Unreadable(httpx2.Response):
        def json(self, **_: Any) -> Any:
            raise leak

    told = {"x-request-id": f"req of {KEY}"}
    with pytest.raises(BadResponse, match=type(leak).__name__) as caught:
        asyncio.run(behind(lambda _: Unreadable(201, json=completion(), headers=told)).complete(REQUEST))
    error = caught.value
    assert (error.status, error.request_id, error.__cause__) == (201, "req of [secret]", leak)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 2**70) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
odd_completions = st.builds(
    lambda top, choice, message: completion() | top | {"choices": [completion()["choices"][0] | choice | message]},
    st.dictionaries(st.sampled_from(["id", "created", "model", "usage", "service_tier"]), json_values),
    st.dictionaries(st.sampled_from(["index", "finish_reason", "logprobs", "message"]), json_values),
    st.fixed_dictionaries(
        {},
        optional={
            "message": st.dictionaries(
                st.sampled_from(["role", "content", "refusal", "tool_calls", "audio", "annotations"]), json_values
            )
        },
    ),
)


@given(st.one_of(json_values, odd_completions))
def test_whatever_json_comes_is_a_reply_or_a_bad_response(body):
    raw = json.dumps(body).encode()
    provider = behind(lambda _: httpx2.Response(200, content=raw, headers={"content-type": "application/json"}))
    with contextlib.suppress(BadResponse):
        assert isinstance(asyncio.run(provider.complete(REQUEST)), ChatReply)


# ---- requests that cannot be sent


UNSENDABLE = [
    (replace(REQUEST, messages=(Message("user", "half a pair: \ud83d"),)), "surrogates not allowed"),
    (replace(REQUEST, temperature=float("inf")), "Out of range float"),
    (replace(REQUEST, tools=({"type": "function", "function": {"name": object()}},)), "not JSON serializable"),
]


@pytest.mark.parametrize(("request_", "why"), UNSENDABLE)
def test_a_request_that_json_cannot_hold_is_refused_before_it_is_sent(request_, why):
    with pytest.raises(UsageError, match=why):
        asyncio.run(behind(lambda _: pytest.fail("it was sent")).complete(request_))


def test_a_request_for_a_stream_is_refused():
    with pytest.raises(UsageError, match="stream"):
        asyncio.run(behind(lambda _: pytest.fail("it was sent")).complete(replace(REQUEST, stream=True)))


@pytest.mark.parametrize("model", [None, ""])
def test_a_missing_model_is_an_error_that_names_the_setting(model):
    with pytest.raises(ConfigError, match="set the config's model"):
        asyncio.run(behind(lambda _: pytest.fail("it was sent")).complete(replace(REQUEST, model=model)))


# ---- settings


@pytest.fixture
def environment(monkeypatch):
    """Sets OPENAI_* variables, of which the test starts with none."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch.setenv


def sent_by(config: AgentConfig) -> dict[str, str]:
    """Where a provider made from this config sends its requests, and as whom."""
    client = OpenAIProvider.from_config(config)._client
    headers = client.auth_headers | client.default_headers
    return {
        "url": str(client.base_url),
        "key": headers["Authorization"],
        "organization": headers.get("OpenAI-Organization"),
    }


def test_settings_come_from_the_config_first(environment):
    environment("OPENAI_API_KEY", "of-the-environment")
    environment("OPENAI_BASE_URL", "http://environment/v1")
    environment("OPENAI_ORG_ID", "org-of-the-environment")
    config = AgentConfig(model="m", api_key="k", base_url="http://config/v1", organization="org")
    assert sent_by(config) == {"url": "http://config/v1/", "key": "Bearer k", "organization": "org"}


def test_settings_that_the_config_lacks_come_from_the_environment(environment):
    environment("OPENAI_API_KEY", "k")
    environment("OPENAI_BASE_URL", "http://environment/v1")
    environment("OPENAI_ORG_ID", "org")
    assert sent_by(AgentConfig(model="m")) == {
        "url": "http://environment/v1/",
        "key": "Bearer k",
        "organization": "org",
    }


def test_without_a_key_the_error_says_what_can_be_done(environment):
    with pytest.raises(ConfigError) as caught:
        OpenAIProvider.from_config(AgentConfig(model="m", base_url="http://localhost:1234/v1"))
    assert str(caught.value) == (
        "llm_provider 'openai' needs a key: set the environment variable OPENAI_API_KEY or the config's api_key, or "
        "use llm_provider='mock', which needs none."
    )


def test_a_config_without_a_model_is_refused(environment):
    with pytest.raises(ConfigError, match="set the config's model"):
        OpenAIProvider.from_config(AgentConfig(api_key="k"))


@pytest.mark.parametrize("key", ["sk-secret\n", "sk-secret and more", "sk-sécret"])
def test_a_key_that_no_header_can_carry_is_refused_without_showing_it(key):
    with pytest.raises(ConfigError, match="The API key holds") as caught:
        OpenAIProvider(key)
    assert "cret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["localhost:1234", "api.openai.com/v1", "ftp://me:password@host/v1", "me:password@host", "https://"]
)
def test_a_base_url_that_is_none_is_refused(url):
    with pytest.raises(ConfigError, match="base_url must be like") as caught:
        OpenAIProvider(KEY, url)
    assert "password" not in str(caught.value)


def test_a_provider_is_one():
    assert isinstance(OpenAIProvider(KEY), Provider)


# ---- secrets


def shown(error: BaseException) -> str:
    """Everything that a log, a report or a pickle may show of an error."""
    parts = ["".join(traceback.format_exception(error)), repr(error), repr(vars(error)), repr(pickle.dumps(error))]
    return "\n".join(parts)


ECHOES = {
    "in the message": response(error_body(f"Incorrect API key provided: {KEY}."), "401 Unauthorized"),
    "masked": response(error_body("Incorrect API key provided: sk-test-****6789."), "401 Unauthorized"),
    "as a header": response(error_body(f"You sent Authorization: Bearer {KEY}"), "403 Forbidden"),
    "in a page": response(f"<html>{KEY}</html>".encode(), "500 Oops", content_type="text/html"),
    "as the request id": response(error_body(), "429 Slow", x_request_id=KEY),
    "deep in the body": response(error_body(code=KEY) | {"debug": [{KEY: [KEY]}]}, "400 Bad Request"),
    "escaped": response(json.dumps(error_body(KEY)).replace("sk-", "\\u0073k-").encode(), "400 Bad Request"),
    "in a success": response({"headers": {"authorization": f"Bearer {KEY}"}}),
    "in prose with a success": response(f"<p>{KEY}".encode()),
    "as what is no choice": response(completion(choices=KEY)),
}


@pytest.mark.parametrize("answer", ECHOES.values(), ids=ECHOES)
def test_no_error_holds_the_key_that_the_server_echoes(answer):
    text = shown(failure(answer))
    assert [part for part in (KEY, KEY[3:], "6789") if part in text] == []


def test_a_transport_that_tells_the_key_is_not_shown_as_the_cause():
    with pytest.raises(ConnectionLost, match=r"\[secret\]") as caught:
        asyncio.run(raising(httpx2.LocalProtocolError(f"Illegal header value b'Bearer {KEY}'")).complete(REQUEST))
    assert KEY not in shown(caught.value)


def test_a_key_of_any_shape_is_hidden():
    provider = OpenAIProvider(
        "hunter2", transport=httpx2.MockTransport(lambda _: httpx2.Response(400, json=error_body("hunter2 is wrong")))
    )
    with pytest.raises(RequestRejected) as caught:
        asyncio.run(provider.complete(REQUEST))
    assert "hunter2" not in shown(caught.value)


def test_neither_the_provider_nor_its_messages_show_key_or_password():
    provider = OpenAIProvider(KEY, "https://user:password@host:8443/v1?token=abc")
    assert repr(provider) == "OpenAIProvider('https://host:8443/v1')"


def test_an_error_survives_pickling_whole():
    error = failure(response(error_body(), "429 Slow", retry_after="3", x_request_id="req_1", x_should_retry="true"))
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - made here
    assert (type(copy), copy.args, vars(copy)) == (RateLimited, error.args, vars(error))
