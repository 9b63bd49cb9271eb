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
from kaizen_eval.recording.file.understood import exchange_from, header_from

__all__ = ["exchange_of", "header_line", "line_of", "read_lines", "written_lines"]


def line_of(exchange: Exchange) -> bytes:
    """The exchange in one line of JSON, which ends with a line feed."""
    return _line(_exchange(exchange))


def exchange_of(line: bytes, *, path: str = "", number: int = 1) -> Exchange:
    """The exchange in a line of JSON, which is line `number` of its file.

    Raises:
        CassetteCorrupt: it is torn, or no exchange.
    """
    return exchange_from(_fields(line, path, number))


def header_line(header: Header) -> bytes:
    return _line(_header(header))


def written_lines(recording: Recording) -> Iterator[bytes]:
    yield header_line(recording.header)
    yield from map(line_of, recording.exchanges)
    yield _line({"end": len(recording.exchanges)})


def read_lines(data: bytes, path: str) -> Recording:
    """Raises CassetteCorrupt."""
    lines = data.split(b"\n")
    end = _end(lines, path)
    header = header_from(_fields(lines[0], path, 1))
    numbered = enumerate(lines[1:-2], start=2)
    exchanges = tuple(exchange_of(line, path=path, number=number) for number, line in numbered)
    if not len(exchanges) == end:
        raise corrupt(path, len(lines) - 1, f"the last line counts {end} exchanges; there are {len(exchanges)}.")
    return Recording(header, exchanges)


def _end(lines: list[bytes], path: str) -> int:
    """How many exchanges the last line counts."""
    if len(lines) < 3 or lines[-1] or not lines[-2].startswith(b'{"end"'):
        raise corrupt(path, len(lines), 'the end is missing: the file is torn. Its last line should be {"end": …}.')
    fields = _fields(lines[-2], path, len(lines) - 1)
    fields.only(frozenset({"end"}), "the last line")
    return fields.count("end")


def _fields(line: bytes, path: str, number: int) -> Fields:
    def made(pairs: list[tuple[str, Any]]) -> Fields:
        values = dict(pairs)
        if len(values) != len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise corrupt(path, number, f"{twice!r} is written twice.")
        return Fields(values, {}, path=path, line=number)

    try:
        found = json.loads(line, object_pairs_hook=made)
    except (ValueError, RecursionError) as error:
        raise corrupt(path, number, f"this line is no JSON: {error}.") from error
    if type(found) is not Fields:
        raise corrupt(path, number, "this line is no JSON object.")
    return found


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _header(header: Header) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "recorded_at": header.recorded_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "parts": header.parts,
        "models": header.models,
        "totals": _totals(header.totals),
    }


def _totals(totals: Totals) -> dict[str, Any]:
    return {
        "exchanges": totals.exchanges,
        "prompt_tokens": totals.prompt_tokens,
        "completion_tokens": totals.completion_tokens,
        "cost_usd": "unknown" if totals.cost_usd is None else format(totals.cost_usd, "f"),
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
        "body": _body(request.body),
    }


def _response(response: RecordedResponse) -> dict[str, Any]:
    return {
        "status": response.status,
        "headers": response.headers,
        "sizes": response.sizes,
        "offsets_us": response.offsets_us,
        "at_us": response.at_us,
        "body": _body(response.body),
    }


def _failure(failure: Failure) -> dict[str, Any]:
    return {"error": failure.error, "message": failure.message, "at_us": failure.at_us}


def _body(body: Body) -> dict[str, Any]:
    known = {"bytes": len(body.data), "digest": body.digest}
    try:
        return known | {"raw": body.data.decode()}
    except UnicodeDecodeError:
        return known | {"base64": base64.b64encode(body.data).decode()}
