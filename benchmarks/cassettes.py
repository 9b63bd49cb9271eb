"""What cassettes do, and how fast, beside stock vcrpy that matches by body; requests and responses have 4 KB each."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import fidelity
import httpx2
import vcr
from measure import Row, cpu_per_call
from recorders import JSON, URL, answer, our_file, question, stock_by_body, stock_file
from vcr.errors import CannotOverwriteExistingCassetteException

from kaizen_eval.errors import CassetteMiss
from kaizen_eval.recording import Cassette, CassetteSettings, CassetteTransport, use_cassette
from kaizen_eval.recording.body import Body
from kaizen_eval.recording.exchange import Piece, RawRequest, RecordedRequest
from kaizen_eval.recording.lookup.key import key_of
from kaizen_eval.recording.redaction import Redactor

__all__ = ["rows"]

SIZES = (100, 1000, 5000)
ENDINGS = {100: ".yaml", 1000: ".jsonl", 5000: ".jsonl"}
CHUNK = 100
"""Calls that are timed together."""
STOCK_CALLS = {100: 20, 1000: 3, 5000: 1}
"""A call of vcrpy takes as long as its place in the cassette is far: so many, evenly spread, are representative."""
SECRET = {"SERVICE_PASSWORD": "correct-horse-42-battery"}

Ask = Callable[[bytes], object]


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield from _replays(folder)
        yield _load(folder)
        yield _miss(folder)
        yield from _slow_paths(folder)
        yield from _elsewhere(folder)
        yield from _parts()
        yield _saving(folder)
        yield from fidelity.rows(folder)


def _replays(folder: Path) -> Iterator[Row]:
    ways = {"transport": _by_transport, "use_cassette": _by_use_cassette, "share": _share}
    medians: dict[tuple[str, int], float] = {}
    for size in SIZES:
        questions = [question(number) for number in range(size)]
        path = our_file(folder / f"{size}{ENDINGS[size]}", questions)
        for name, way in ways.items():
            medians[name, size] = statistics.median(
                cost for _ in range(max(1, 1000 // size)) for cost in way(path, questions)
            )
        stock = _stock_replay(stock_file(folder / f"{size}.json", questions), questions)
        told = f"stock vcrpy: {stock * 1000:.0f} ms, a sample of {STOCK_CALLS[size]} of its calls"
        yield _milliseconds(f"replay of {size}: httpx2 client on CassetteTransport", medians["transport", size], told)
        yield _milliseconds(f"replay of {size}: httpx2 client, use_cassette", medians["use_cassette", size], "")
        yield _milliseconds(f"replay of {size}: our share, without the client", medians["share", size], "")
    for name in ways:
        ratio = medians[name, SIZES[-1]] / medians[name, SIZES[0]]
        yield Row(name=f"flatness of {name}: {SIZES[-1]} to {SIZES[0]}", value=ratio, unit="times", bound=1.3)


def _milliseconds(name: str, seconds: float, beside: str) -> Row:
    return Row(name=name, value=seconds * 1000, unit="ms CPU", bound=0.2, beside=beside)


def _by_transport(path: Path, questions: Sequence[bytes]) -> list[float]:
    with httpx2.Client(transport=CassetteTransport(path)) as client:
        return _timed(partial(client.post, URL, headers=JSON), questions)


def _by_use_cassette(path: Path, questions: Sequence[bytes]) -> list[float]:
    with httpx2.Client() as client, use_cassette(path):
        return _timed(partial(client.post, URL, headers=JSON), questions)


def _share(path: Path, questions: Sequence[bytes]) -> list[float]:
    """What a transport does, for requests that are made before."""
    requests = [httpx2.Request("POST", URL, headers=JSON, content=body) for body in questions]
    with CassetteTransport(path) as transport:
        costs = []
        for place in range(0, len(requests), CHUNK):
            start = time.process_time()
            for request in requests[place : place + CHUNK]:
                transport.handle_request(request).read()
            costs.append((time.process_time() - start) / CHUNK)
        return costs


def _timed(post: Callable[..., httpx2.Response], questions: Sequence[bytes]) -> list[float]:
    """CPU seconds of a call, for each hundred of them."""
    costs = []
    for place in range(0, len(questions), CHUNK):
        start = time.process_time()
        said = [post(content=body).content for body in questions[place : place + CHUNK]]
        costs.append((time.process_time() - start) / CHUNK)
        if said[-1] != answer(place + len(said) - 1):
            raise RuntimeError("A replayed call did not get its own answer.")
    return costs


def _stock_replay(path: Path, questions: Sequence[bytes]) -> float:
    count = STOCK_CALLS[len(questions)]
    places = [(2 * number + 1) * len(questions) // (2 * count) for number in range(count)]
    with stock_by_body(path, serializer="json"), httpx2.Client() as client:
        start = time.process_time()
        for place in places:
            client.post(URL, headers=JSON, content=questions[place])
        return (time.process_time() - start) / count


def _load(folder: Path) -> Row:
    stock = stock_file(folder / "load.yaml", [question(number) for number in range(1000)])
    theirs = _once(vcr.VCR().use_cassette(str(stock)).__enter__)
    return Row(
        name="load 1,000 exchanges",
        value=min(_once(lambda: Cassette.open(folder / "1000.jsonl")) for _ in range(3)),
        unit="s CPU",
        bound=0.4,
        beside=f"stock vcrpy: {theirs:.2g} s",
    )


def _once(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _miss(folder: Path) -> Row:
    unknown = question(-1).replace(b"goes home", b"went home", 1)
    costs = [_once(partial(_missed, _forgiving(folder / "1000.jsonl"), _raw(unknown))) for _ in range(4)]
    with stock_by_body(folder / "1000.json", serializer="json"), httpx2.Client() as client:
        theirs = _once(partial(_refused, client, unknown))
    return Row(
        name="miss at 1,000 exchanges, with its message",
        value=statistics.median(costs[1:]) * 1000,
        unit="ms CPU",
        bound=20,
        beside=f"stock vcrpy: {theirs * 1000:,.0f} ms; the first of a process, which imports: {costs[0] * 1000:.0f} ms",
    )


def _forgiving(path: Path) -> Cassette:
    cassette = Cassette.open(path)
    cassette.forgive_misses()
    return cassette


def _missed(cassette: Cassette, raw: RawRequest) -> None:
    with suppress(CassetteMiss):
        cassette.begin(raw)


def _refused(client: httpx2.Client, body: bytes) -> None:
    with suppress(CannotOverwriteExistingCassetteException):
        client.post(URL, headers=JSON, content=body)


def _raw(body: bytes) -> RawRequest:
    headers = (*JSON.items(), ("authorization", "Bearer sk-proj-abcdefghijklmnopqrstuvwx1234567890"))
    return RawRequest("POST", URL, headers, body)


def _slow_paths(folder: Path) -> Iterator[Row]:
    """What is asked in other bytes than it was recorded in: it is redacted, and its key is made."""
    medians = []
    for size in (SIZES[0], SIZES[-1]):
        bodies = [_with_other_blanks(question(number)) for number in range(size)]
        path = folder / f"{size}{ENDINGS[size]}"
        medians += [statistics.median(cost for _ in range(1000 // size or 1) for cost in _begun(path, bodies))]
        yield _milliseconds(f"begin() at {size}: JSON with other blanks than recorded", medians[-1], "")
    yield Row(name="flatness of that", value=medians[1] / medians[0], unit="times", bound=1.3)


def _begun(path: Path, bodies: Sequence[bytes]) -> list[float]:
    cassette = Cassette.open(path, environment=SECRET)
    chunks = [[_raw(body) for body in bodies[place : place + CHUNK]] for place in range(0, len(bodies), CHUNK)]
    return [_once(lambda raws=raws: [cassette.begin(raw) for raw in raws]) / len(raws) for raws in chunks]


def _elsewhere(folder: Path) -> Iterator[Row]:
    """On machines of which one knows of a secret in each request, and the other does not; asked backwards."""
    secret = SECRET["SERVICE_PASSWORD"].encode()
    asked = [question(number).replace(b"Answer briefly.", b"Log in with " + secret) for number in range(1000)]
    redactor = Redactor(environment=SECRET)
    holed = [redactor.request(_raw(body)).body.data for body in asked]
    yield _begun_backwards("more", our_file(folder / "more.jsonl", holed), asked, {}, 0.6)
    yield _begun_backwards("less", our_file(folder / "less.jsonl", asked), asked, SECRET, 3)


def _begun_backwards(
    known: str, path: Path, bodies: Sequence[bytes], environment: Mapping[str, str], bound: float
) -> Row:
    raws = [_raw(_with_other_blanks(body)) for body in reversed(bodies)]
    cassette = Cassette.open(path, environment=environment)
    seconds = _once(lambda: [cassette.begin(raw) for raw in raws]) / len(raws)
    name = f"begin() at {len(raws)}, recorded where {known} is secret"
    return Row(name=name, value=seconds * 1000, unit="ms CPU", bound=bound, beside="all found; indexes with it")


def _with_other_blanks(body: bytes) -> bytes:
    return json.dumps(json.loads(body), indent=1).encode()


def _parts() -> Iterator[Row]:
    redactor = Redactor(environment=SECRET)
    raw, said = _raw(question(1)), answer(1)
    pieces = [Piece(said, 1500)]
    dense = RecordedRequest("POST", "/chat/completions", (), tuple(JSON.items()), Body(_dense()))
    for name, work, bound in (
        ("the key of a request, 4 KB of prose", partial(key_of, redactor.request(raw)), 100),
        ("the key of a request, 4.5 KB of short fields", partial(key_of, dense), 200),
        ("a request redacted, nothing secret in its body", partial(redactor.request, raw), 100),
        ("a response redacted, likewise", partial(redactor.response, 200, tuple(JSON.items()), pieces, 1200), 100),
    ):
        yield Row(name=name, value=cpu_per_call(work, calls=200) * 1e6, unit="µs CPU", bound=bound)


def _dense() -> bytes:
    """A conversation with tools: many fields, short texts."""
    parameters = {
        "type": "object",
        "properties": {name: {"type": "string", "description": f"The {name}"} for name in ("city", "day", "unit")},
        "required": ["city"],
        "additionalProperties": False,
    }
    tools = [
        {"type": "function", "function": {"name": f"tool_{number}", "strict": True, "parameters": parameters}}
        for number in range(4)
    ]
    turns = [turn for number in range(8) for turn in _turns(number)]
    return json.dumps({"model": "gpt-4o-mini", "messages": turns, "tools": tools, "stream": True}).encode()


def _turns(number: int) -> list[dict[str, object]]:
    call = {
        "id": f"call_{number:024}",
        "type": "function",
        "function": {"name": "tool_1", "arguments": '{"city": "X"}'},
    }
    return [
        {"role": "user", "content": f"What about {number}, and what do I need if it rains?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": call["id"], "content": "17 degrees, light rain"},
    ]


def _saving(folder: Path) -> Row:
    ours = Cassette.open(folder / "saved.jsonl", CassetteSettings(mode="record"))
    for number in range(1000):
        take = ours.begin(_raw(question(number))).take
        take.head(200, tuple(JSON.items()))
        take.piece(answer(number))
        take.end()
    service = httpx2.MockTransport(lambda _: httpx2.Response(200, headers=JSON, content=answer(1)))
    block = vcr.VCR().use_cassette(str(folder / "saved.yaml"))
    with block, httpx2.Client(transport=service) as client:
        for number in range(1000):
            client.post(URL, headers=JSON, content=question(number))
        start = time.process_time()
    theirs = time.process_time() - start
    return Row(
        name="saving 1,000 exchanges, after a search for secrets",
        value=_once(ours.close),
        unit="s CPU",
        beside=f"stock vcrpy, without: {theirs:.2g} s",
    )
