"""All that we know of vcrpy's insides: its stand-ins for connections, and where it puts them."""

from __future__ import annotations

import http.client
import logging
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, cast

from vcr.patch import CassettePatcherBuilder
from vcr.request import Request
from vcr.stubs import VCRFakeSocket, VCRHTTPConnection, VCRHTTPSConnection

from kaizen_eval.recording.clients.client_errors import STANDARD, Told, errors_of_urllib3
from kaizen_eval.recording.clients.patch import Patch
from kaizen_eval.recording.clients.whole import Asked, WholeResponse, ask
from kaizen_eval.recording.exchange import RawRequest
from kaizen_eval.recording.in_use import current, outside
from kaizen_eval.recording.passing.decompression import acceptable, unpacked

__all__ = [
    "OURS",
    "REAL_CONNECTIONS",
    "Connection",
    "StubCassette",
    "aiohttp_request",
    "body_of",
    "connection_patches",
    "raw_request",
    "response_dict",
    "tornado_fetch",
    "whole_response",
]

OURS = ("requests", "tornado", "aiohttp", "httpx", "httpx2")
"""The groups of vcrpy's patches that are not taken over: ours do their work, and `urllib3` that of `requests`."""

_TALKATIVE = ("vcr.request", "vcr.stubs", "vcr.stubs.aiohttp_stubs")
"""Its loggers that tell of each request."""

REAL_CONNECTIONS: tuple[type[http.client.HTTPConnection], ...] = (
    VCRHTTPConnection._baseclass,  # noqa: SLF001 - this module is for that
    VCRHTTPSConnection._baseclass,  # noqa: SLF001 - as above
)
"""Those of `http.client`, whatever stands there for them now."""


class StubCassette(Protocol):
    """What vcrpy's stubs ask of a cassette; a response is a dict with `status`, `headers` and `body`."""

    write_protected: bool

    def can_play_response_for(self, request: Request) -> bool: ...
    def play_response(self, request: Request) -> dict[str, Any]: ...
    def append(self, request: Request, response: Mapping[str, Any]) -> None: ...
    def filter_request(self, request: Request) -> Request | None: ...
    def find_requests_with_most_matches(self, request: Request) -> list[Any]: ...


def raw_request(request: Request) -> RawRequest:
    headers = tuple((str(name).lower(), _text(value)) for name, value in request.headers.items())
    coding = ", ".join(value for name, value in headers if name == "content-encoding")
    return RawRequest(request.method.upper(), request.uri, headers, unpacked(body_of(request), coding))


def body_of(request: Request) -> bytes:
    body = request.body_bytes
    return body.encode() if isinstance(body, str) else bytes(body or b"")


def whole_response(response: Mapping[str, Any]) -> WholeResponse:
    """From the form that stubs give; aiohttp's leaves an empty body out, tornado's headers are pairs."""
    status, headers = response["status"], response["headers"]
    named = headers.items() if isinstance(headers, Mapping) else headers
    pairs = tuple((name.lower(), value) for name, values in named for value in values)
    return WholeResponse(status["code"], status["message"] or "", pairs, response["body"].get("string") or b"")


def response_dict(response: WholeResponse) -> dict[str, Any]:
    """In the form that stubs take, with a url for tornado's, which asks for one."""
    headers: dict[str, list[str]] = {}
    for name, value in response.headers:
        headers.setdefault(name, []).append(value)
    status = {"code": response.status, "message": response.reason}
    return {"status": status, "headers": headers, "body": {"string": response.body}}


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


class _Routed(type):
    """A class that is itself where a cassette is in use, and what it stands for everywhere else."""

    def __call__(cls, *args: Any, **settings: Any) -> Any:
        before = vars(cls).get("_before")
        if before is None or current() is not None:
            return super().__call__(*args, **settings)
        return before(*args, **settings)

    def __instancecheck__(cls, instance: Any) -> bool:
        before = vars(cls).get("_before")
        if before is not None and current() is None:
            return isinstance(instance, before)
        return super().__instancecheck__(instance)


class Connection(metaclass=_Routed):
    """Comes before a stub of vcrpy in a class's bases: asks the cassette in use.

    vcrpy's own stubs take all patches away, in the whole process, while they make or use a real connection: another
    thread's request would reach the network meanwhile. So these do both without.
    """

    _baseclass: type[http.client.HTTPConnection]
    _vcr_request: Request

    def __init__(self, *args: Any, **settings: Any) -> None:
        settings.pop("strict", None)
        self.real_connection = self._baseclass(*args, **settings)
        self._sock: VCRFakeSocket | None = None

    def connect(self, *_args: Any, **_settings: Any) -> None:
        """Nothing yet: who sends a request first asks the cassette."""
        self._sock = VCRFakeSocket()

    @property
    def cassette(self) -> Any:
        """For the stub's `getresponse`: one that has every answer, for it makes the real call itself."""
        return _Answering(self._answer)

    def _answer(self, request: Request) -> dict[str, Any]:
        cassette = current()
        if cassette is None:
            return response_dict(self._call(request))
        answer = ask(cast("Asked", cassette), raw_request(request), lambda: self._call(request), self._errors())
        return response_dict(answer)

    def _call(self, request: Request) -> WholeResponse:
        real, headers = self.real_connection, _readable(request.headers)
        with outside():
            real.request(request.method, self._url(request.uri), body=request.body_bytes, headers=headers)  # type: ignore[attr-defined]
            response = real.getresponse()
            data = response.data if hasattr(response, "data") else response.read()
        pairs = tuple((name.lower(), value) for name, value in response.headers.items())
        return WholeResponse(response.status, response.reason or "", pairs, data)

    def _errors(self) -> Told:
        is_of_urllib3 = any(base.__module__ == "urllib3.connection" for base in self._baseclass.__mro__)
        return errors_of_urllib3(self) if is_of_urllib3 else STANDARD


def _readable(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Without compressions that a cassette could not take off."""
    return {
        name: acceptable(_text(value)) if name.lower() == "accept-encoding" else value
        for name, value in headers.items()
    }


class _Answering:
    """A cassette, for one stub: it plays whatever is asked."""

    write_protected = True

    def __init__(self, answer: Callable[[Request], dict[str, Any]]) -> None:
        self.play_response = answer

    def can_play_response_for(self, _request: Request) -> bool:
        return True


def _initializing(before: type) -> Callable[..., None]:
    """For a class that stands for another: code that calls the other's `__init__` by that name, httplib2's for one,
    means the other's.
    """

    def __init__(self: Any, *args: Any, **settings: Any) -> None:  # noqa: N807 - it becomes one
        meant: Any = Connection if Connection in type(self).__mro__ else before
        meant.__init__(self, *args, **settings)

    return __init__


def _knowing_itself(real: type) -> Patch:
    """`http.client.HTTPSConnection` looks itself up by name, and would find what stands there for it."""
    init: Any = vars(real)["__init__"]
    names = {**init.__globals__, real.__name__: real}
    copy = types.FunctionType(init.__code__, names, init.__name__, init.__defaults__, init.__closure__)
    copy.__kwdefaults__ = init.__kwdefaults__
    return Patch(real, "__init__", copy)


class _Everybody:
    """What vcrpy's builder asks of a cassette: this one is in use by whoever has one."""

    _path = ""
    skip_patchers = OURS
    custom_patches = ()


class _Builder(CassettePatcherBuilder):  # type: ignore[misc]  # vcrpy has no types
    """vcrpy's patches, with connections that ask the cassette in use."""

    def _build_cassette_subclass(self, base_class: type) -> type:
        return _Routed(base_class.__name__, (Connection, base_class), {})

    def _build_patcher(self, obj: Any, patched_attribute: str, replacement_class: Any) -> Patch | None:
        if not hasattr(obj, patched_attribute):
            return None
        replacement = self._recursively_apply_get_cassette_subclass(replacement_class)
        return Patch(obj, patched_attribute, _standing_for(getattr(obj, patched_attribute), replacement))


def _standing_for(before: Any, replacement: Any) -> Any:
    if isinstance(replacement, dict):
        return {key: _standing_for(before[key], value) for key, value in replacement.items()}
    if isinstance(replacement, _Routed):
        return _Routed(replacement.__name__, (replacement,), {"_before": before, "__init__": _initializing(before)})
    return replacement


def connection_patches() -> Iterator[Any]:
    """One after another, each to be applied before the next is asked for: `Patch`, and context managers that take
    the connections of ours that urllib3 still keeps out of its pools when they end.

    What vcrpy logs holds URLs as they are sent, with the secrets in them: it logs nothing meanwhile.
    """
    for name in _TALKATIVE:
        yield Patch(logging.getLogger(name), "disabled", True)
    yield _knowing_itself(VCRHTTPSConnection._baseclass)  # noqa: SLF001 - this module is for that
    yield from _Builder(_Everybody()).build()


def aiohttp_request(cassette: StubCassette, real: Callable[..., Any]) -> Callable[..., Any]:
    """`ClientSession._request` with that cassette; `real` is what it calls when the cassette cannot play."""
    from vcr.stubs.aiohttp_stubs import vcr_request  # noqa: PLC0415 - it imports aiohttp

    return cast("Callable[..., Any]", vcr_request(cassette, real))


def tornado_fetch(cassette: StubCassette, real: Callable[..., Any]) -> Callable[..., Any]:
    """`fetch_impl` of tornado's clients with that cassette."""
    from vcr.stubs.tornado_stubs import vcr_fetch_impl  # noqa: PLC0415 - it imports tornado

    return cast("Callable[..., Any]", vcr_fetch_impl(cassette, real))
