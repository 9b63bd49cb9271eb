"""Two that record and replay, behind one function each: ours, and stock vcrpy."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

import httpx2
import vcr
from vcr.persisters.filesystem import FilesystemPersister
from vcr.request import Request
from vcr.serializers import jsonserializer, yamlserializer

from kaizen_eval.recording.body import Body
from kaizen_eval.recording.exchange import Exchange, RecordedRequest, RecordedResponse
from kaizen_eval.recording.file import Recording, encode, header_for
from kaizen_eval.recording.lookup.key import key_of
from kaizen_eval.recording.transport import CassetteTransport

__all__ = [
    "JSON",
    "OURS",
    "STOCK",
    "URL",
    "Recorder",
    "answer",
    "body_of",
    "our_file",
    "question",
    "stock_by_body",
    "stock_file",
]

Mode = Literal["record", "replay"]
URL = "https://api.example.com/v1/chat/completions"
JSON = {"content-type": "application/json"}
_PROSE = "The quick brown fox jumps over the lazy dog near the river bank, and then it goes home again to sleep. " * 37


class Recorder(NamedTuple):
    """One of the two."""

    name: str
    using: Callable[[Path, Mode, httpx2.MockTransport], AbstractContextManager[httpx2.MockTransport]]
    """A cassette for a block; it gives the transport for clients, of which the service is behind."""


@contextmanager
def _ours(path: Path, mode: Mode, service: httpx2.MockTransport) -> Iterator[CassetteTransport]:
    with closing(CassetteTransport(path, mode, service)) as transport:
        yield transport


@contextmanager
def _stock(path: Path, mode: Mode, service: httpx2.MockTransport) -> Iterator[httpx2.MockTransport]:  # noqa: ARG001 - it goes by whether there is a file
    with vcr.VCR().use_cassette(str(path)):
        yield service


def stock_by_body(path: Path, **settings: str) -> AbstractContextManager[object]:
    """A cassette of vcrpy that tells requests apart by their bodies, too, and asks nobody else."""
    return vcr.VCR(match_on=["method", "uri", "body"], record_mode="none", **settings).use_cassette(str(path))


OURS = Recorder("ours", _ours)
STOCK = Recorder("stock vcrpy", _stock)


def question(number: int) -> bytes:
    """The body of a request, 4 KB."""
    messages = [
        {"role": "system", "content": "You are a helpful assistant. Answer briefly."},
        {"role": "user", "content": f"Question {number}: {_PROSE}"},
    ]
    return json.dumps({"model": "gpt-4o-mini", "messages": messages, "temperature": 0.2}).encode()


def answer(number: int) -> bytes:
    """The body of a response, 4 KB."""
    message = {"role": "assistant", "content": f"Answer {number}: {_PROSE}"}
    usage = {"prompt_tokens": 950, "completion_tokens": 900, "total_tokens": 1850}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    told = {"id": f"chatcmpl-{number:08}", "object": "chat.completion", "model": "gpt-4o-mini", "choices": [choice]}
    return json.dumps({**told, "usage": usage}).encode()


def body_of(text: str, **more: object) -> dict[str, object]:
    """A short request."""
    return {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": text}], **more}


def our_file(path: Path, questions: Sequence[bytes]) -> Path:
    """Our cassette of these questions, each with the answer of its number."""
    exchanges = tuple(_exchange(number, body) for number, body in enumerate(questions))
    header = header_for(exchanges, recorded_at=datetime.now(UTC))
    path.write_bytes(encode(Recording(header, exchanges), form="jsonl" if path.suffix == ".jsonl" else "yaml"))
    return path


def stock_file(path: Path, questions: Sequence[bytes]) -> Path:
    """Likewise that of vcrpy; in its JSON, which it reads faster, or in its YAML."""
    requests = [Request("POST", URL, body, JSON) for body in questions]
    headers = {name: [value] for name, value in JSON.items()}
    status = {"code": 200, "message": "OK"}
    responses = [
        {"status": status, "headers": headers, "body": {"string": answer(number)}} for number in range(len(questions))
    ]
    serializer = jsonserializer if path.suffix == ".json" else yamlserializer
    FilesystemPersister.save_cassette(path, {"requests": requests, "responses": responses}, serializer)
    return path


def _exchange(number: int, body: bytes) -> Exchange:
    headers, said = tuple(JSON.items()), answer(number)
    request = RecordedRequest("POST", "/chat/completions", (), headers, Body(body))
    response = RecordedResponse(200, headers, Body(said), (len(said),), (1500,), 1200)
    return Exchange(slot=number + 1, key=key_of(request), request=request, response=response)
