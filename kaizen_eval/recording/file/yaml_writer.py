"""Writes a cassette as YAML: a document for the header, and one for each exchange."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kaizen_eval.recording.body import Body
from kaizen_eval.recording.exchange import Exchange, Failure, RecordedRequest, RecordedResponse
from kaizen_eval.recording.file.assembled import assembled_text
from kaizen_eval.recording.file.blocks import body_lines, quoted, scalar, text_lines
from kaizen_eval.recording.file.content import SCHEMA, Header, Recording, Totals
from kaizen_eval.recording.file.limits import allowed
from kaizen_eval.recording.file.moments import amount_text, moment_text

__all__ = ["written_yaml"]

_TITLE = "# A cassette of kaizen-eval: requests, and what they were answered. Tests replay it."


def written_yaml(recording: Recording) -> Iterator[bytes]:
    """The file, a document at a time."""
    yield _joined(_header(recording.header))
    for exchange in recording.exchanges:
        yield _joined(_exchange(exchange))
    yield b"...\n"


def _joined(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _header(header: Header) -> Iterator[str]:
    yield _TITLE
    yield f"schema: {SCHEMA}"
    yield f"recorded_at: {quoted(moment_text(header.recorded_at))}"
    yield from _pairs("parts", header.parts, 0)
    yield f"models: {_row(header.models)}"
    yield "totals:"
    yield from _totals(header.totals)


def _totals(totals: Totals) -> Iterator[str]:
    yield f"  exchanges: {totals.exchanges}"
    yield f"  prompt_tokens: {totals.prompt_tokens}"
    yield f"  completion_tokens: {totals.completion_tokens}"
    yield f"  cost_usd: {scalar(amount_text(totals.cost_usd))}"
    if totals.unpriced:
        yield f"  unpriced: {_row(totals.unpriced)}"
    if totals.unmetered:
        yield f"  unmetered: {totals.unmetered}"
    if totals.price_table:
        yield f"  price_table: {scalar(totals.price_table)}"


def _exchange(exchange: Exchange) -> Iterator[str]:
    yield "---"
    if exchange.lane:
        yield f"lane: {scalar(exchange.lane)}"
    yield f"slot: {exchange.slot}"
    yield f"key: {quoted(exchange.key)}"
    yield f"sent_at_us: {exchange.sent_at_us}"
    yield from _request(exchange.request)
    if exchange.response is not None:
        yield from _response(exchange.response)
    if exchange.failure is not None:
        yield from _failure(exchange.failure)
    if exchange.was_left:
        yield "was_left: true"


def _request(request: RecordedRequest) -> Iterator[str]:
    yield "request:"
    yield f"  method: {scalar(request.method)}"
    yield f"  path: {scalar(request.path)}"
    yield from _pairs("query", request.query, 2)
    yield from _pairs("headers", request.headers, 2)
    yield from _body(request.body)


def _response(response: RecordedResponse) -> Iterator[str]:
    yield "response:"
    yield f"  status: {response.status}"
    yield from _pairs("headers", response.headers, 2)
    yield f"  at_us: {response.at_us}"
    if response.sizes:
        yield f"  sizes: {_counts(response.sizes)}"
        yield f"  offsets_us: {_counts(response.offsets_us)}"
    yield from _body(response.body, assembled_text(response.body.data))


def _failure(failure: Failure) -> Iterator[str]:
    yield "failure:"
    yield f"  error: {scalar(failure.error)}"
    yield f"  message: {scalar(failure.message)}"
    yield f"  at_us: {failure.at_us}"


def _body(body: Body, text: str = "") -> Iterator[str]:
    """Its fields; `text` is for people alone."""
    if not body.data:
        return
    yield "  body:"
    yield f"    bytes: {len(allowed(body))}"
    yield f"    digest: {quoted(body.digest)}"
    if text:
        yield from text_lines("text", text, 4)
    yield from body_lines(body.data, 4)


def _pairs(name: str, pairs: Iterable[tuple[str, str]], indent: int) -> Iterator[str]:
    margin = " " * indent
    rows = [f"{margin}- [{scalar(left)}, {scalar(right)}]" for left, right in pairs]
    if rows:
        yield f"{margin}{name}:"
        yield from rows


def _row(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(scalar, texts))}]"


def _counts(counts: Iterable[int]) -> str:
    return f"[{', '.join(map(str, counts))}]"
