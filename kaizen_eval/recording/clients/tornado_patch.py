"""What tornado's clients fetch goes through the cassette in use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from importlib import import_module
from typing import Any, cast

from kaizen_eval.recording.clients.client_errors import STANDARD, Told
from kaizen_eval.recording.clients.patch import Patch
from kaizen_eval.recording.clients.stub_cassette import OneRequest
from kaizen_eval.recording.clients.vcr_access import tornado_fetch
from kaizen_eval.recording.in_use import current, outside
from kaizen_eval.recording.passing.asked import Asked

__all__ = ["tornado_patches"]

_Callback = Callable[[Any], None]
_Fetch = Callable[[Any, Any, _Callback], None]

_NOTHING_CAME = 599
"""What tornado has for a status where a connection failed."""

_CLIENTS = (
    ("tornado.simple_httpclient", "SimpleAsyncHTTPClient"),
    ("tornado.curl_httpclient", "CurlAsyncHTTPClient"),
)


def tornado_patches() -> Iterator[Patch]:
    for home, name in _CLIENTS:
        try:
            client = getattr(import_module(home), name)
        except ImportError:
            continue
        yield Patch(client, "fetch_impl", _routed(client.fetch_impl))


def _routed(real: _Fetch) -> _Fetch:
    @wraps(real)
    def fetch_impl(self: Any, request: Any, callback: _Callback) -> None:
        cassette = current()
        if cassette is None:
            real(self, request, callback)
            return
        one = OneRequest(cast("Asked", cassette), _errors_for)

        def answered(response: Any) -> None:
            if (owed := one.owed()) is None:
                callback(response)
            else:
                tornado_fetch(owed, real)(self, request, callback)

        tornado_fetch(one, _watched(one, real, answered))(self, request, answered)

    return fetch_impl


def _watched(one: OneRequest, real: _Fetch, answered: _Callback) -> _Fetch:
    """What calls the service; that nothing came is no answer to record."""

    @wraps(real)
    def fetch_impl(self: Any, request: Any, record: _Callback) -> None:
        def came(response: Any) -> None:
            if response.code != _NOTHING_CAME:
                record(response)
                return
            one.fail(response.error)
            answered(response)

        with outside():
            real(self, request, came)

    return fetch_impl


def _errors_for(_url: str) -> Told:
    return STANDARD
