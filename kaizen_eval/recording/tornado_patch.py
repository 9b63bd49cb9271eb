"""What tornado's clients fetch goes through the cassette in use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from importlib import import_module
from typing import Any, cast

from kaizen_eval.recording.client_errors import STANDARD, Told
from kaizen_eval.recording.in_use import current
from kaizen_eval.recording.patch import Patch
from kaizen_eval.recording.stub_cassette import OneRequest
from kaizen_eval.recording.vcr_access import tornado_fetch
from kaizen_eval.recording.whole import Asked

__all__ = ["tornado_patches"]

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


def _routed(real: Callable[..., None]) -> Callable[..., None]:
    @wraps(real)
    def fetch_impl(self: Any, request: Any, callback: Callable[[Any], None]) -> None:
        cassette = current()
        if cassette is None:
            return real(self, request, callback)
        one = OneRequest(cast("Asked", cassette), _errors_for)
        return cast("None", tornado_fetch(one, real)(self, request, callback))

    return fetch_impl


def _errors_for(_url: str) -> Told:
    return STANDARD
