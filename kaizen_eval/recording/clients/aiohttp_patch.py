"""What aiohttp's sessions ask goes through the cassette in use."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from kaizen_eval.errors import CassetteMiss
from kaizen_eval.recording.clients.client_errors import Told, errors_of_aiohttp
from kaizen_eval.recording.clients.patch import Patch
from kaizen_eval.recording.clients.stub_cassette import OneRequest
from kaizen_eval.recording.clients.vcr_access import aiohttp_request
from kaizen_eval.recording.in_use import current, outside
from kaizen_eval.recording.passing.asked import Asked
from kaizen_eval.recording.passing.pace import outlast

if TYPE_CHECKING:
    import aiohttp

__all__ = ["aiohttp_patches"]

_Ask = Callable[..., Any]


def aiohttp_patches() -> list[Patch]:
    try:
        from aiohttp import ClientSession  # noqa: PLC0415 - only those who use it have it
    except ImportError:  # pragma: no cover - it is there in tests
        return []
    return [Patch(ClientSession, "_request", _routed(ClientSession._request))]  # noqa: SLF001 - where vcrpy patches too


def _routed(real: _Ask) -> _Ask:
    @wraps(real)
    async def _request(self: aiohttp.ClientSession, method: str, str_or_url: Any, **settings: Any) -> Any:
        cassette = current()
        if cassette is None:
            return await real(self, method, str_or_url, **settings)
        one = OneRequest(cast("Asked", cassette), _errors_for, outlasts=True)
        url, settings = self._build_url(str_or_url), await _with_bytes(self, settings)
        return await _answered(one, real, self, method, url, settings)

    return _request


async def _answered(one: OneRequest, real: _Ask, *request: Any) -> Any:
    *positional, settings = request
    try:
        response = await _outlasting(one, aiohttp_request(one, _watched(one, real)), *positional, **settings)
    except Exception:
        if (owed := one.owed()) is None:
            raise
    else:
        if (owed := one.owed()) is None:
            return response
    return await _outlasting(owed, aiohttp_request(owed, real), *positional, **settings)


async def _outlasting(one: OneRequest, play: _Ask, *request: Any, **settings: Any) -> Any:
    """Where whoever recorded it gave up, this caller has the time to."""
    try:
        return await play(*request, **settings)
    except CassetteMiss as missed:
        if one.given_up is not None:
            await outlast(None, after_us=failure.at_us if (failure := one.given_up.failure) else 0)
            one.note(missed)
        raise


def _watched(one: OneRequest, real: _Ask) -> _Ask:
    @wraps(real)
    async def call(*request: Any, **settings: Any) -> Any:
        try:
            with outside():
                response = await real(*request, **settings)
                await response.read()
        except BaseException as error:
            one.fail(error)
            raise
        return response

    return call


async def _with_bytes(session: aiohttp.ClientSession, settings: dict[str, Any]) -> dict[str, Any]:
    """The request's body as it will be sent, with the header that tells what it is: the cassette asks for bytes."""
    import aiohttp  # noqa: PLC0415 - only those who use it have it

    data, json = settings.get("data"), settings.get("json")
    if json is not None and data is None:
        payload: Any = aiohttp.JsonPayload(json, dumps=session.json_serialize)
    elif data is None or isinstance(data, bytes) or hasattr(data, "__aiter__"):
        return settings
    else:
        payload = _payload(data)
    headers = session._prepare_headers(settings.get("headers"))  # noqa: SLF001 - it merges the session's own
    for name, value in payload.headers.items():
        headers.setdefault(name, value)
    rest = {name: value for name, value in settings.items() if name != "json"}
    return {**rest, "data": await payload.as_bytes(), "headers": headers}


def _payload(data: Any) -> Any:
    import aiohttp  # noqa: PLC0415 - only those who use it have it

    form: Any = data() if isinstance(data, aiohttp.FormData) else data
    try:
        return aiohttp.get_payload(form, disposition=None)
    except aiohttp.payload.LookupError:
        return aiohttp.FormData(form)()


def _errors_for(url: str) -> Told:
    parts = urlsplit(url)
    is_ssl = parts.scheme == "https"
    return errors_of_aiohttp(parts.hostname or "", parts.port or (443 if is_ssl else 80), is_ssl=is_ssl)
