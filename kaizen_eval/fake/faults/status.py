"""Faults that answer with an HTTP error status."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.faults.base import Asked, Fault, check_text
from kaizen_eval.fake.timing.distributions import seconds_of
from kaizen_eval.fake.wire.errors import encode_error
from kaizen_eval.fake.wire.events import Answer, html_answer, json_answer

__all__ = [
    "FAULTS",
    "Authentication",
    "BadGateway",
    "BadRequest",
    "Conflict",
    "ContextLengthExceeded",
    "GatewayTimeout",
    "HttpError",
    "HttpStatus",
    "InsufficientQuota",
    "NotFound",
    "Overloaded",
    "PayloadTooLarge",
    "PermissionDenied",
    "RateLimit",
    "RequestTimeout",
    "ServerError",
    "ServiceUnavailable",
    "Unprocessable",
]


class _Said(NamedTuple):
    """What the error's status line and body hold."""

    status: int
    kind: str
    code: str | None
    message: str
    param: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpError(Fault):
    """The base of the faults that have a status."""

    message: str | None = None
    """The provider's words; None stands for what OpenAI usually says."""
    retry_after: float | None = None
    """Seconds."""
    retry_after_ms: float | None = None
    """Milliseconds, in a header of their own; goes before `retry_after`."""
    retry_after_text: str | None = None
    """`retry-after` to the letter, however absurd: "soon", "-1"."""
    retry_after_date: bool = False
    """Whether `retry_after` is sent as an HTTP date (whole seconds, rounded up) instead of a number."""
    should_retry: bool | None = None
    """`x-should-retry`: goes before what the status says."""
    html: bool = False
    """Whether a gateway's page stands where a JSON error belongs."""

    def check(self) -> None:
        check_text(self, "message", self.message, or_none=True)
        for name in ("retry_after", "retry_after_ms"):
            if getattr(self, name) is not None:
                seconds_of(f"{self.name}'s {name}", getattr(self, name))
        check_text(self, "retry_after_text", self.retry_after_text, or_none=True)
        if self.retry_after_text is not None and self.retry_after is not None:
            raise ScriptError(f"{self.name} takes retry_after or retry_after_text, not both.")
        if self.retry_after_date and self.retry_after is None:
            raise ScriptError(f"{self.name}: retry_after_date=True needs retry_after=<seconds> to make a date of.")

    def said(self) -> _Said:
        raise NotImplementedError

    def play(self, asked: Asked) -> Answer:
        status, kind, code, usual, param = self.said()
        message = usual if self.message is None else self.message
        headers = (("x-request-id", asked.request_id), *self._advice(asked))
        if self.html:
            return html_answer(status, _page(status, message), *headers)
        return json_answer(status, encode_error(message, kind=kind, code=code, param=param), *headers)

    def _advice(self, asked: Asked) -> list[tuple[str, str]]:
        headers = []
        if self.retry_after_ms is not None:
            headers.append(("retry-after-ms", _plain(self.retry_after_ms)))
        if self.retry_after is not None:
            headers.append(("retry-after", self._moment(self.retry_after, asked.now)))
        if self.retry_after_text is not None:
            headers.append(("retry-after", self.retry_after_text))
        if self.should_retry is not None:
            headers.append(("x-should-retry", "true" if self.should_retry else "false"))
        return headers

    def _moment(self, seconds: float, now: float) -> str:
        if not self.retry_after_date:
            return _plain(seconds)
        from email.utils import formatdate  # noqa: PLC0415 - slow to load, and few faults send dates

        return formatdate(math.ceil(now + seconds), usegmt=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit(HttpError):
    """429, code `rate_limit_exceeded`."""

    name: ClassVar[str] = "rate_limit"

    def said(self) -> _Said:
        return _Said(429, "requests", "rate_limit_exceeded", "Rate limit reached. Please try again later.")


@dataclass(frozen=True, slots=True, kw_only=True)
class InsufficientQuota(HttpError):
    """429, code `insufficient_quota`: waiting does not help."""

    name: ClassVar[str] = "insufficient_quota"

    def said(self) -> _Said:
        message = "You exceeded your current quota, please check your plan and billing details."
        return _Said(429, "insufficient_quota", "insufficient_quota", message)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerError(HttpError):
    """500, or another status from 500 on."""

    name: ClassVar[str] = "server_error"

    status: int = 500

    def check(self) -> None:
        HttpError.check(self)
        _check_status(self, self.status, 500)

    def said(self) -> _Said:
        return _Said(self.status, "server_error", None, "The server had an error while processing your request.")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpStatus(HttpError):
    """Any status from 400 to 599."""

    name: ClassVar[str] = "http_status"

    status: int
    kind: str = "invalid_request_error"
    """The error's `type` in the body."""
    code: str | None = None
    param: str | None = None
    """Which field of the request is said to be wrong."""

    def check(self) -> None:
        HttpError.check(self)
        _check_status(self, self.status, 400)
        check_text(self, "kind", self.kind)
        check_text(self, "code", self.code, or_none=True)
        check_text(self, "param", self.param, or_none=True)

    def said(self) -> _Said:
        message = f"The request failed with status {self.status}."
        return _Said(self.status, self.kind, self.code, message, self.param)


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRequest(HttpError):
    """400."""

    name: ClassVar[str] = "bad_request"

    def said(self) -> _Said:
        return _Said(400, "invalid_request_error", None, "Your request could not be understood.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextLengthExceeded(HttpError):
    """400, code `context_length_exceeded`."""

    name: ClassVar[str] = "context_length_exceeded"

    def said(self) -> _Said:
        message = "This model's maximum context length is 128000 tokens. However, your messages resulted in more."
        return _Said(400, "invalid_request_error", "context_length_exceeded", message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication(HttpError):
    """401, code `invalid_api_key`."""

    name: ClassVar[str] = "authentication"

    def said(self) -> _Said:
        return _Said(401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionDenied(HttpError):
    """403, code `permission_denied`."""

    name: ClassVar[str] = "permission_denied"

    def said(self) -> _Said:
        return _Said(403, "invalid_request_error", "permission_denied", "Your key may not use this model.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFound(HttpError):
    """404, code `model_not_found`."""

    name: ClassVar[str] = "not_found"

    def said(self) -> _Said:
        return _Said(404, "invalid_request_error", "model_not_found", "The model does not exist.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestTimeout(HttpError):
    """408."""

    name: ClassVar[str] = "request_timeout"

    def said(self) -> _Said:
        return _Said(408, "invalid_request_error", "request_timeout", "The request took too long to arrive.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict(HttpError):
    """409."""

    name: ClassVar[str] = "conflict"

    def said(self) -> _Said:
        return _Said(409, "invalid_request_error", "conflict", "Another request is changing the same thing.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PayloadTooLarge(HttpError):
    """413, code `request_too_large`."""

    name: ClassVar[str] = "payload_too_large"

    def said(self) -> _Said:
        return _Said(413, "invalid_request_error", "request_too_large", "The request body is too large.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unprocessable(HttpError):
    """422."""

    name: ClassVar[str] = "unprocessable"

    def said(self) -> _Said:
        return _Said(422, "invalid_request_error", None, "The request was understood and cannot be processed.")


@dataclass(frozen=True, slots=True, kw_only=True)
class BadGateway(HttpError):
    """502 with a gateway's page instead of a JSON error."""

    name: ClassVar[str] = "bad_gateway"

    html: bool = True

    def said(self) -> _Said:
        return _Said(502, "server_error", None, "Bad gateway")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceUnavailable(HttpError):
    """503."""

    name: ClassVar[str] = "service_unavailable"

    def said(self) -> _Said:
        return _Said(503, "server_error", None, "The engine is currently overloaded, please try again later.")


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayTimeout(HttpError):
    """504."""

    name: ClassVar[str] = "gateway_timeout"

    def said(self) -> _Said:
        return _Said(504, "server_error", None, "The upstream server did not answer in time.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Overloaded(HttpError):
    """529, type `overloaded_error`."""

    name: ClassVar[str] = "overloaded"

    def said(self) -> _Said:
        return _Said(529, "overloaded_error", None, "Overloaded")


FAULTS: tuple[type[Fault], ...] = (
    RateLimit,
    InsufficientQuota,
    ServerError,
    HttpStatus,
    BadRequest,
    ContextLengthExceeded,
    Authentication,
    PermissionDenied,
    NotFound,
    RequestTimeout,
    Conflict,
    PayloadTooLarge,
    Unprocessable,
    BadGateway,
    ServiceUnavailable,
    GatewayTimeout,
    Overloaded,
)
"""In the order of the documents."""


def _check_status(fault: Fault, status: object, least: int) -> None:
    if isinstance(status, bool) or not isinstance(status, int) or not least <= status <= 599:
        raise ScriptError(f"{fault.name} takes a status from {least} to 599, not {status!r}.")


def _page(status: int, message: str) -> bytes:
    return f"<html><head><title>{status}</title></head><body><h1>{status}</h1><p>{message}</p></body></html>".encode()


def _plain(number: float) -> str:
    """Decimal digits, never an exponent."""
    return str(int(number)) if number == int(number) else f"{number:.9f}".rstrip("0")
