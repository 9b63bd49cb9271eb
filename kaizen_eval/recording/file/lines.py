"""Cassettes as JSON lines: the header, one exchange a line, and a last line that counts them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

from kaizen_eval.recording.body import Body
from kaizen_eval.recording.exchange import Exchange, Failure, RecordedRequest, RecordedResponse
from kaizen_eval.recording.file.content import SCHEMA, Header, Recording, Totals
from kaizen_eval.recording.file.fields import Fields, corrupt
from kaizen_eval.recording.file.limits import allowed
from kaizen_eval.recording.file.moments import amount_text, moment_text
from kaizen_eval.recording.file.understood import exchange_from

__all__ = ["exchange_of", "line_of", "read_lines", "written_lines"]

_TORN = 'the end is missing: the file is torn. Its last line should be {"end": …}, with the number of exchanges.'


def line_of(exchange: Exchange) -> bytes:
    """The exchange in one line of JSON, which ends with a line feed.

    Raises:
        RecordingError: a body of it is too large to be kept.
    """
    return _line(_exchange(exchange))


def exchange_of(line: bytes, *, path: str = "", number: int = 1) -> Exchange:
    """The exchange in a line of JSON, which is line `number` of its file.

    Raises:
        CassetteCorrupt: it is torn, or no exchange.
    """
    return exchange_from(_fields(line, path, number))


def written_lines(recording: Recording) -> Iterator[bytes]:
    yield _line(_header(recording.header))
    yield from map(line_of, recording.exchanges)
    yield _line({"end": len(recording.exchanges)})


def read_lines(text: str, path: str) -> Iterator[Fields]:
    """The fields of the header and of each exchange.

    Raises:
        CassetteCorrupt: it is torn, or no JSON.
    """
    lines = text.split("\n")
    if lines[-1] or not lines[-2].startswith('{"end"'):
        raise corrupt(path, text.rstrip("\n").count("\n") + 1, _TORN)
    end = _fields(lines[-2], path, len(lines) - 1)
    end.only(frozenset({"end"}), "the last line")
    if end.count("end") != len(lines) - 3:
        end.refuse("end", f"the last line counts {end.count('end')} exchanges; there are {len(lines) - 3}.")
    return (_fields(line, path, number) for number, line in enumerate(lines[:-2], start=1))


def _fields(line: str | bytes, path: str, number: int) -> Fields:
    def made(pairs: list[tuple[str, Any]]) -> Fields:
        values = dict(pairs)
        if len(values) != len(pairs):
            names = [name for name, _ in pairs]
            raise corrupt(path, number, f"{max(names, key=names.count)!r} is written twice.")
        return Fields(values, {}, path=path, line=number)

    try:
        found = json.loads(line, object_pairs_hook=made)
    except (ValueError, RecursionError) as error:
        raise corrupt(path, number, f"this line is no JSON: {error}.") from error
    if type(found) is not Fields:
        raise corrupt(path, number, "this line is no JSON object.")
    return found


def _line(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode() + b"\n"


def _header(header: Header) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "recorded_at": moment_text(header.recorded_at),
        "parts": header.parts,
        "models": header.models,
        "totals": _totals(header.totals),
    }


def _totals(totals: Totals) -> dict[str, Any]:
    return {
        "exchanges": totals.exchanges,
        "prompt_tokens": totals.prompt_tokens,
        "completion_tokens": totals.completion_tokens,
        "cost_usd": amount_text(totals.cost_usd),
        "unpriced": totals.unpriced,
        "unmetered": totals.unmetered,
        "price_table": totals.price_table,
    }


def _exchange(exchange: Exchange) -> dict[str, Any]:
    made: dict[str, Any] = {
        "lane": exchange.lane,
        "slot": exchange.slot,
        "key": exchange.key,
        "sent_at_us": exchange.sent_at_us,
        "request": _request(exchange.request),
    }
    if exchange.response is not None:
        made["response"] = _response(exchange.response)
    if exchange.failure is not None:
        made["failure"] = _failure(exchange.failure)
    return made | {"was_left": True} if exchange.was_left else made


def _request(request: RecordedRequest) -> dict[str, Any]:
    return {
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "headers": request.headers,
        **_body(request.body),
    }


def _response(response: RecordedResponse) -> dict[str, Any]:
    return {
        "status": response.status,
        "headers": response.headers,
        "at_us": response.at_us,
        "sizes": response.sizes,
        "offsets_us": response.offsets_us,
        **_body(response.body),
    }


def _failure(failure: Failure) -> dict[str, Any]:
    return {"error": failure.error, "message": failure.message, "at_us": failure.at_us}


def _body(body: Body) -> dict[str, Any]:
    if not body.data:
        return {}
    known = {"bytes": len(allowed(body)), "digest": body.digest}
    try:
        return {"body": known | {"raw": body.data.decode()}}
    except UnicodeDecodeError:
        return {"body": known | {"base64": base64.b64encode(body.data).decode()}}
