"""What an HTTP response of a model's provider means, or its absence: a reply, or one of our errors."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from kaizen_eval.errors import (
    AuthenticationFailed,
    BadResponse,
    ConnectionLost,
    ContentFiltered,
    ContextTooLong,
    NotFound,
    PermissionDenied,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    RequestRejected,
    ScriptError,
    ScriptMiss,
    ServerFailed,
    UsageError,
)
from kaizen_eval.llm import wire
from kaizen_eval.messages import ChatReply

__all__ = [
    "MISS_HEADER",
    "SCRIPT_ERROR_HEADER",
    "connection_lost",
    "decode_response",
    "in_context",
    "retry_after",
    "status_error",
    "told_error",
    "without_secrets",
]

MISS_HEADER = "x-kaizen-miss"
"""Marks an answer of our own fake: no rule is for the request."""
SCRIPT_ERROR_HEADER = "x-kaizen-error"
"""Marks an answer of our own fake: its script, or a function of it, failed."""
_Error = TypeVar("_Error", bound=ProviderError)
_HIDDEN = "[secret]"
_KEY_LIKE = re.compile(r"\bsk-[\w*.\-]{5,}[\w*]|(?<=Bearer )[^\s\"',;]+", re.IGNORECASE)
"""OpenAI's keys, whole or masked with asterisks, and whatever follows "Bearer"."""
_LONGEST = 500
"""Characters of the provider's own words that a message repeats."""

_BY_STATUS: Mapping[int, type[ProviderError]] = {
    401: AuthenticationFailed,
    402: QuotaExceeded,
    403: PermissionDenied,
    404: NotFound,
    408: ServerFailed,
    409: ServerFailed,
    425: ServerFailed,
    429: RateLimited,
}
_BY_CODE: Mapping[str, type[ProviderError]] = {
    "billing_hard_limit_reached": QuotaExceeded,
    "billing_not_active": QuotaExceeded,
    "content_filter": ContentFiltered,
    "content_policy_violation": ContentFiltered,
    "context_length_exceeded": ContextTooLong,
    "exceed_context_size_error": ContextTooLong,
    "insufficient_quota": QuotaExceeded,
}
"""By `code` or `type` in the error body of a 4xx; goes before the status."""
_IN_STREAM: Mapping[str, type[ProviderError]] = {
    "api_error": ServerFailed,
    "authentication_error": AuthenticationFailed,
    "internal_error": ServerFailed,
    "internal_server_error": ServerFailed,
    "invalid_api_key": AuthenticationFailed,
    "invalid_request_error": RequestRejected,
    "model_not_found": NotFound,
    "overloaded_error": ServerFailed,
    "permission_error": PermissionDenied,
    "rate_limit_error": RateLimited,
    "rate_limit_exceeded": RateLimited,
    "server_error": ServerFailed,
    "service_unavailable": ServerFailed,
    "timeout": ServerFailed,
    **_BY_CODE,
}
"""By `code` or `type` of an error amid a stream, which has no status of its own; a number as code is one."""
_TOO_LONG = re.compile(
    r"maximum context length|context (window|length|size)|(prompt|input) is too long|input token count .* exceeds",
    re.IGNORECASE,
)
"""How services that send no code say that the context is too long."""
_ADVICE: Mapping[type[ProviderError], str] = {
    AuthenticationFailed: "Check OPENAI_API_KEY, or the api_key of the config.",
    ContextTooLong: "Send less: fewer turns (max_turns) or shorter inputs.",
    NotFound: "Check the config's model and base_url.",
    PermissionDenied: "Check what this key, organization and region may use.",
    QuotaExceeded: "Check the account's plan and billing; waiting does not help.",
}


def decode_response(  # noqa: PLR0913 - the three parts of a response, and what a message needs to know
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: float,
    model: str | None = None,
    secrets: Collection[str] = (),
) -> ChatReply:
    """The reply in a response. Arguments as in `status_error`.

    Raises:
        BadResponse: a success status with a body that is no chat completion.
        ProviderError: any other status.
        UsageError: our own fake says that its script is wrong.
    """
    if not 200 <= status < 300:
        raise status_error(status, headers, body, now=now, model=model, secrets=secrets)
    try:
        return wire.decode_body(body)
    except BadResponse as wrong:
        raise in_context(wrong, status, headers, secrets=secrets) from wrong.__cause__


def in_context(error: _Error, status: int, headers: Mapping[str, str], *, secrets: Collection[str] = ()) -> _Error:
    """The same error about what came under this head, without secrets."""
    return type(error)(
        without_secrets(str(error), secrets),
        status=status,
        request_id=_read(headers, secrets).get("x-request-id"),
        body=_cleaned(error.body, secrets),
        received=None if error.received is None else without_secrets(error.received, secrets),
    )


def status_error(  # noqa: PLR0913 - the three parts of a response, and what a message needs to know
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: float,
    model: str | None = None,
    secrets: Collection[str] = (),
) -> ProviderError | UsageError:
    """The error for a response that is no success; a UsageError where our own fake says that its script is wrong.

    Args:
        status: the HTTP status.
        headers: of the response; names in any case.
        body: decompressed.
        now: seconds since the epoch, against which a date in `Retry-After` is held.
        model: that was asked for; the message of a 404 names it.
        secrets: what no part of the error may hold. Whatever looks like a key goes in any case.
    """
    told = _read(headers, secrets)
    said = _Said.in_body(body, secrets)
    if MISS_HEADER in told:
        return _missed(said)
    if SCRIPT_ERROR_HEADER in told:
        return ScriptError(said.message)
    kind = _kind(status, said)
    return kind(
        _sentence(status, said, kind, model),
        status=status,
        request_id=told.get("x-request-id"),
        body=said.body,
        retry_after=retry_after(told, now=now),
        should_retry={"true": True, "false": False}.get(told.get("x-should-retry", "")),
    )


def connection_lost(place: str, reason: str) -> ConnectionLost:
    """The error for a request that no response came for."""
    return ConnectionLost(f"No answer from {place} ({reason}). Check that it runs, and the base_url.")


def told_error(error: object, *, body: object, received: str | None) -> ProviderError:
    """The error that an event of a stream tells.

    Args:
        error: what the event holds.
        body: the whole event.
        received: the text that came before; None where the reply had not begun.
    """
    said = _Said(body, *_words_and_codes(error))
    kind = _kind_in_stream(error, said)
    words = said.message[:_LONGEST].strip() or "it did not say why"
    code = f" ({said.codes[0]})" if said.codes else ""
    stop = "" if words[-1] in ".!?" else "."
    advice = f" {_ADVICE[kind]}" if kind in _ADVICE else ""
    return kind(f"The provider broke the stream off{code}: {words}{stop}{advice}", body=body, received=received)


def retry_after(headers: Mapping[str, str], *, now: float) -> float | None:
    """Seconds to wait by `retry-after-ms`, else by `retry-after` (seconds or a date); None when neither makes sense.

    A date that has passed makes none. Names of headers are in lower case.
    """
    milliseconds = _seconds(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after", "")
    seconds = _seconds(text)
    return _until(text, now) if seconds is None and text else seconds


def without_secrets(text: str, secrets: Collection[str] = ()) -> str:
    """The text with these secrets, and everything that looks like an API key, blotted out."""
    for secret in secrets:
        text = text.replace(secret, _HIDDEN)
    return _KEY_LIKE.sub(_HIDDEN, text)


@dataclass(frozen=True, slots=True)
class _Said:
    """What an error body tells, without secrets."""

    body: object
    message: str = ""
    codes: tuple[str, ...] = ()
    """`code` and `type`, as far as given."""

    @classmethod
    def in_body(cls, raw: bytes, secrets: Collection[str]) -> _Said:
        text = raw.decode(errors="replace").strip()
        try:
            body = _cleaned(json.loads(text), secrets)
        except (ValueError, RecursionError):
            plain = without_secrets(text, secrets)
            return cls(plain or None, "" if plain.startswith("<") else plain)
        error = body.get("error", body) if isinstance(body, dict) else body
        return cls(body, *_words_and_codes(error))


def _words_and_codes(error: object) -> tuple[str, tuple[str, ...]]:
    if isinstance(error, dict):
        return _first_text(error, "message", "detail"), _codes(error)
    return error if isinstance(error, str) else "", ()


def _first_text(error: Mapping[str, Any], *names: str) -> str:
    return next((error[name] for name in names if isinstance(error.get(name), str)), "")


def _codes(error: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(error[name] for name in ("code", "type") if isinstance(error.get(name), str))


def _kind(status: int, said: _Said) -> type[ProviderError]:
    if status >= 500:
        return ServerFailed
    for code in said.codes:
        if code in _BY_CODE:
            return _BY_CODE[code]
    if status in {400, 413, 422} and _TOO_LONG.search(said.message):
        return ContextTooLong
    return _BY_STATUS.get(status, RequestRejected)


def _kind_in_stream(error: object, said: _Said) -> type[ProviderError]:
    status = error.get("code") if isinstance(error, dict) else None
    if isinstance(status, int) and 400 <= status < 600:
        return _kind(status, said)
    for code in said.codes:
        if code in _IN_STREAM:
            return _IN_STREAM[code]
    return ContextTooLong if _TOO_LONG.search(said.message) else BadResponse


def _sentence(status: int, said: _Said, kind: type[ProviderError], model: str | None) -> str:
    code = f" ({said.codes[0]})" if said.codes else ""
    words = said.message[:_LONGEST].strip() or "it did not say why"
    stop = "" if words[-1] in ".!?" else "."
    asked = f" The model asked for was {model!r}." if kind is NotFound and model and model not in words else ""
    advice = f" {_ADVICE[kind]}" if kind in _ADVICE else ""
    return f"The provider answered {status}{code}: {words}{stop}{asked}{advice}"


def _missed(said: _Said) -> ScriptMiss:
    error = said.body["error"] if isinstance(said.body, dict) and isinstance(said.body.get("error"), dict) else {}
    nearest, differed = (error.get(name) for name in ("nearest", "differed"))
    return ScriptMiss(
        said.message,
        nearest=nearest if isinstance(nearest, str) else None,
        differed=differed if isinstance(differed, str) else None,
    )


def _read(headers: Mapping[str, str], secrets: Collection[str]) -> dict[str, str]:
    """The headers under lower-case names."""
    return {name.lower(): without_secrets(value, secrets).strip() for name, value in headers.items()}


def _cleaned(value: Any, secrets: Collection[str]) -> Any:
    """A JSON value without secrets in any text or name."""
    if isinstance(value, str):
        return without_secrets(value, secrets)
    if isinstance(value, list):
        return [_cleaned(item, secrets) for item in value]
    if isinstance(value, dict):
        return {without_secrets(name, secrets): _cleaned(item, secrets) for name, item in value.items()}
    return value


def _seconds(text: str) -> float | None:
    """A plain decimal number, also one too large for a float."""
    if not re.fullmatch(r"\d+\.?\d*|\.\d+", text, re.ASCII):
        return None
    return min(float(text), sys.float_info.max)


def _until(text: str, now: float) -> float | None:
    from email.utils import mktime_tz, parsedate_tz  # noqa: PLC0415 - slow to load, and few services send dates

    moment = parsedate_tz(text)
    if moment is None:
        return None
    try:
        seconds = mktime_tz(moment) - now
    except (ValueError, OverflowError):
        return None
    return seconds if seconds >= 0 else None
