"""Takes secrets out of recordings that are there already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import quote, urlencode

from kaizen_eval.errors import UsageError
from kaizen_eval.recording.exchange import Exchange, RawRequest, RecordedRequest, RecordedResponse
from kaizen_eval.recording.file import Recording, header_for
from kaizen_eval.recording.lookup.key import key_of
from kaizen_eval.recording.redaction import Redactor

__all__ = ["Scrubbed", "scrubbed"]


class Scrubbed(NamedTuple):
    """A recording without secrets."""

    recording: Recording
    slots: tuple[tuple[str, int], ...]
    """Lane and slot of what was changed."""
    keys: int
    """How many of them are found by another key now."""


def scrubbed(
    recording: Recording, *, environment: Mapping[str, str], redact: Sequence[str] = (), ignore: Sequence[str] = ()
) -> Scrubbed:
    """The recording without what a redactor finds in it now; all else stays as it is.

    Args:
        recording: all of whose bodies can be read.
        environment: whose secret values are looked for.
        redact: more that is secret, as in `CassetteSettings`.
        ignore: what the tests ignore, as in `CassetteSettings`: keys depend on it.

    Raises:
        UsageError: a key would change that was made with other paths to ignore.
    """
    redactor = Redactor(environment=environment, redact=redact, keep_headers=_header_names(recording))
    cleaned = [(exchange, _cleaned(exchange, redactor, ignore)) for exchange in recording.exchanges]
    changed = [(old, new) for old, new in cleaned if old != new]
    exchanges = tuple(new for _, new in cleaned)
    header = header_for(exchanges, recorded_at=recording.header.recorded_at, parts=recording.header.parts)
    return Scrubbed(
        Recording(header, exchanges),
        tuple((old.lane, old.slot) for old, _ in changed),
        sum(old.key != new.key for old, new in changed),
    )


def _header_names(recording: Recording) -> list[str]:
    names: dict[str, None] = {}
    for exchange in recording.exchanges:
        headers = [*exchange.request.headers, *(exchange.response.headers if exchange.response else ())]
        names |= dict.fromkeys(name for name, _ in headers)
    return list(names)


def _cleaned(exchange: Exchange, redactor: Redactor, ignore: Sequence[str]) -> Exchange:
    request = _request(exchange.request, redactor)
    failure = exchange.failure
    return replace(
        exchange,
        key=exchange.key if request == exchange.request else _key(exchange, request, ignore),
        request=request,
        response=None if exchange.response is None else _response(exchange.response, redactor),
        failure=None if failure is None else replace(failure, message=redactor.text(failure.message)),
    )


def _request(request: RecordedRequest, redactor: Redactor) -> RecordedRequest:
    query = f"?{urlencode(request.query)}" if request.query else ""
    url = f"https://recorded.invalid{quote(request.path, safe='/%:@')}{query}"
    cleaned = redactor.request(RawRequest(request.method, url, request.headers, request.body.data))
    return replace(cleaned, path=redactor.text(request.path))


def _response(response: RecordedResponse, redactor: Redactor) -> RecordedResponse:
    return redactor.response(response.status, response.headers, tuple(response.pieces()), response.at_us)


def _key(exchange: Exchange, request: RecordedRequest, ignore: Sequence[str]) -> str:
    if key_of(exchange.request, lane=exchange.lane, ignore=ignore) != exchange.key:
        raise UsageError(
            f"The key of exchange #{exchange.slot} was made with other paths to ignore than {list(ignore)!r}: name "
            "those of the test, each with --ignore, so that the key can be made anew."
        )
    return key_of(request, lane=exchange.lane, ignore=ignore)
