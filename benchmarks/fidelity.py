"""What of the traffic a cassette keeps, and what it must not keep: ours beside stock vcrpy, as vcrpy is by default."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import httpx2
from measure import Row
from recorders import JSON, OURS, STOCK, URL, Recorder, body_of

from kaizen_eval.recording.file import decode
from kaizen_eval.recording.writing.recover import recover

__all__ = ["rows"]

MANY = 100
KILLED_AFTER = 900
"""Calls, of the thousand that are recorded."""
EVENTS = [f'data: {{"choices": [{{"index": 0, "delta": {{"content": "{n}"}}}}]}}\n\n'.encode() for n in range(22)]
STREAM = [*EVENTS, b"data: [DONE]\n\n"]
SSE = {"content-type": "text/event-stream"}
KEYS = {
    name: f"sk-proj-{name}abcdefghijklmnopqrst0123456789" for name in ("header", "cookie", "prompt", "stream", "packed")
} | {"organization": "org-abcdefghijklmnopqrst0123"}

Reply = Callable[[httpx2.Request], httpx2.Response]


def rows(folder: Path) -> Iterator[Row]:
    """The bound is for ours; what vcrpy does stands beside."""
    yield _both("100 identical concurrent calls in tasks, their own answers", folder, _identical_tasks, at_least=MANY)
    yield _both("100 identical concurrent calls in threads, likewise", folder, _identical_threads, at_least=MANY)
    yield _both("100 different concurrent calls, the right answers", folder, _different, at_least=MANY)
    yield _both("chunks of a stream of 23, replayed", folder, _chunks_replayed, at_least=23, bound=23)
    yield _both("chunks that the service had sent when the first one came", folder, _sent_before_first, bound=1)
    yield _both("refused, reset, timeout, cut stream: raised again", folder, _failures_replayed, at_least=4)
    yield _both("live calls when they are replayed", folder, _live_calls, bound=0)
    yield _both("secrets left of 6", folder, _secrets_left, bound=0)
    yield _both(f"calls lost by kill -9 after {KILLED_AFTER} of 1,000", folder, _lost, bound=1)


def _both(
    name: str,
    folder: Path,
    count: Callable[[Recorder, Path], int],
    *,
    bound: float | None = None,
    at_least: float | None = None,
) -> Row:
    own = folder / count.__name__
    ours, stock = (count(one, _made(own / one.name.split()[0])) for one in (OURS, STOCK))
    return Row(name=name, value=ours, unit="", bound=bound, at_least=at_least, beside=f"{STOCK.name}: {stock}")


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder / "c.yaml"


def _identical_tasks(recorder: Recorder, path: Path) -> int:
    bodies = [body_of("the same")] * MANY
    was = _in_tasks(recorder, path, bodies, _last_first(), "record")
    now = _in_tasks(recorder, path, bodies, _nobody, "replay")
    return sum(map(str.__eq__, was, now))


def _different(recorder: Recorder, path: Path) -> int:
    """They are sent in another order when they are replayed."""
    bodies = [body_of(f"question {number}") for number in range(MANY)]
    order = [number * 37 % MANY for number in range(MANY)]
    was = _in_tasks(recorder, path, bodies, _last_first(), "record")
    now = _in_tasks(recorder, path, [bodies[number] for number in order], _nobody, "replay")
    return sum(was[number] == said for number, said in zip(order, now, strict=True))


def _in_tasks(recorder: Recorder, path: Path, bodies: Sequence[object], service: object, mode: str) -> list[str]:
    async def calls() -> list[str]:
        with recorder.using(path, mode, httpx2.MockTransport(service)) as transport:
            client = httpx2.AsyncClient(transport=transport)
            return [one.text for one in await asyncio.gather(*(client.post(URL, json=body) for body in bodies))]

    return asyncio.run(calls())


def _last_first() -> object:
    """A service that waits for all hundred, and answers each with its number, the last one first."""
    waiting: list[asyncio.Event] = []

    async def serve(request: httpx2.Request) -> httpx2.Response:  # noqa: ARG001 - all are alike
        number, turn = len(waiting), asyncio.Event()
        waiting.append(turn)
        if len(waiting) == MANY:
            turn.set()
        await turn.wait()
        if number:
            waiting[number - 1].set()
        return httpx2.Response(200, json={"answer": number})

    return serve


async def _nobody(request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(500, text=f"{request.url} was asked, and nobody should be")


def _identical_threads(recorder: Recorder, path: Path) -> int:
    """Each thread sends when the one before has sent; the answers come the other way round."""
    was = _in_threads(recorder, path, "record")
    now = _in_threads(recorder, path, "replay")
    return sum(map(str.__eq__, was, now))


def _in_threads(recorder: Recorder, path: Path, mode: str) -> list[str]:
    sent, turns = threading.Semaphore(0), [threading.Event() for _ in range(MANY)]
    numbers, said = iter(range(MANY)), [""] * MANY

    def serve(request: httpx2.Request) -> httpx2.Response:  # noqa: ARG001 - all are alike
        number = next(numbers)
        sent.release()
        turns[number].wait()
        return httpx2.Response(200, json={"answer": number})

    with recorder.using(path, mode, httpx2.MockTransport(serve)) as transport:

        def call(place: int) -> None:
            said[place] = httpx2.Client(transport=transport).post(URL, json=body_of("the same")).text
            if mode == "replay":
                sent.release()

        threads = [threading.Thread(target=call, args=(place,)) for place in range(MANY)]
        for thread in threads:
            thread.start()
            sent.acquire()
        for thread, turn in zip(threads[::-1], turns[::-1], strict=True):
            turn.set()
            thread.join()
    return said


class _Stream(httpx2.SyncByteStream):
    """Pieces, told as they go; and then perhaps an error."""

    def __init__(self, pieces: Sequence[bytes], went: list[bytes], error: Exception | None = None) -> None:
        self._pieces = pieces
        self._went = went
        self._error = error

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._went.append(piece)
            yield piece
        if self._error is not None:
            raise self._error


def _chunks_replayed(recorder: Recorder, path: Path) -> int:
    _streamed(recorder, path, "record", [])
    return len(_streamed(recorder, path, "replay", []))


def _sent_before_first(recorder: Recorder, path: Path) -> int:
    went: list[bytes] = []
    _streamed(recorder, path, "record", went, came := [])
    return came[0]


def _streamed(
    recorder: Recorder, path: Path, mode: str, went: list[bytes], came: list[int] | None = None
) -> list[bytes]:
    """The chunks that a client got; in `came`, how many the service had sent at each."""
    service = httpx2.MockTransport(lambda _: httpx2.Response(200, headers=SSE, stream=_Stream(STREAM, went)))
    chunks = []
    with recorder.using(path, mode, service) as transport:
        client = httpx2.Client(transport=transport)
        with client.stream("POST", URL, json=body_of("tell", stream=True)) as response:
            for chunk in response.iter_raw():
                chunks.append(chunk)
                if came is not None:
                    came.append(len(went))
    return chunks if b"".join(chunks) == b"".join(STREAM) else []


FAILURES: dict[str, Exception] = {
    "refused": httpx2.ConnectError("Connection refused"),
    "reset": httpx2.ReadError("Connection reset by peer"),
    "timeout": httpx2.ReadTimeout("The read timed out"),
    "cut": httpx2.RemoteProtocolError("peer closed connection without sending complete message body"),
}


def _failures_replayed(recorder: Recorder, path: Path) -> int:
    return _failures(recorder, path)[0]


def _live_calls(recorder: Recorder, path: Path) -> int:
    return _failures(recorder, path)[1]


def _failures(recorder: Recorder, path: Path) -> tuple[int, int]:
    """How many came again without a live call, and how many live calls there were."""
    asked: list[str] = []

    def serve(request: httpx2.Request) -> httpx2.Response:
        name = json.loads(request.content)["messages"][0]["content"]
        asked.append(name)
        if name != "cut":
            raise FAILURES[name]
        return httpx2.Response(200, headers=SSE, stream=_Stream(STREAM[:3], [], FAILURES[name]))

    was = _errors(recorder, path, "record", serve)
    asked.clear()
    now = _errors(recorder, path, "replay", serve)
    again = sum(now[name] == was[name] for name in FAILURES if name not in asked)
    return again, len(asked)


def _errors(recorder: Recorder, path: Path, mode: str, serve: Reply) -> dict[str, str]:
    told = {}
    with recorder.using(path, mode, httpx2.MockTransport(serve)) as transport:
        client = httpx2.Client(transport=transport)
        for name in FAILURES:
            try:
                client.post(URL, json=body_of(name))
            except httpx2.RequestError as error:
                told[name] = repr(error)
    return told


def _secrets_left(recorder: Recorder, path: Path) -> int:
    """Those that stand in the file, or come out of it when it is replayed."""
    _confided(recorder, path, "record")
    shown = path.read_text("utf-8") + _confided(recorder, path, "replay")
    return sum(key in shown for key in KEYS.values())


def _confided(recorder: Recorder, path: Path, mode: str) -> str:
    """What a client reads, with the text of its stream put together."""
    headers = {
        "authorization": f"Bearer {KEYS['header']}",
        "cookie": f"session={KEYS['cookie']}",
        "openai-organization": KEYS["organization"],
    }
    with recorder.using(path, mode, httpx2.MockTransport(_confiding)) as transport:
        client = httpx2.Client(transport=transport, headers=headers)
        packed = client.post(URL, json=body_of(f"my key is {KEYS['prompt']}")).text
        streamed = client.post(URL, json=body_of("tell", stream=True)).text
    return packed + "".join(re.findall(r'"content": "([^"]*)"', streamed))


def _confiding(request: httpx2.Request) -> httpx2.Response:
    if json.loads(request.content).get("stream"):
        key = KEYS["stream"]
        deltas = [{"choices": [{"index": 0, "delta": {"content": key[at : at + 5]}}]} for at in range(0, len(key), 5)]
        events = [f"data: {json.dumps(delta)}\n\n".encode() for delta in deltas]
        return httpx2.Response(200, headers=SSE, stream=_Stream([*events, b"data: [DONE]\n\n"], []))
    said = json.dumps({"choices": [{"message": {"content": f"Yours is {KEYS['packed']}"}}]}).encode()
    return httpx2.Response(200, headers={**JSON, "content-encoding": "gzip"}, content=gzip.compress(said))


def _lost(recorder: Recorder, path: Path) -> int:
    """Calls that were answered, and are on no disk."""
    command = [sys.executable, str(Path(__file__).with_name("recording_child.py")), recorder.name, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        answered = [line for line, _ in zip(child.stdout, range(KILLED_AFTER), strict=False)]
        child.kill()
        answered += child.stdout.readlines()
    kept = 0
    with suppress(OSError):
        place = path if recorder is STOCK else recover(path)
        kept = place.read_text("utf-8").count("\n- request:") if recorder is STOCK else _exchanges(place)
    return max(0, len(answered) - kept)


def _exchanges(path: Path) -> int:
    return len(decode(path.read_bytes(), path=str(path)).exchanges)
