"""What the server does with one core: requests, streams, its start and its memory, beside those of other servers."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from itertools import count
from pathlib import Path
from typing import NamedTuple

import peers
from load import Load, sent
from measure import Row
from processes import IS_LINUX, Command, ServerProcess, running
from streams import SlowStreams, Token, flood, slow_streams

__all__ = ["rows"]

ROUNDS = 3
SECONDS = 3
"""Of one round."""
PEER_SECONDS = 2
STARTS = 5
REQUESTS = 100_000
"""After which memory is looked at."""
SHORT = "Hello! How can I help you today?"
LONG = "Once upon a time there was a fox who lived in a small house at the edge of a great forest. " * 200
SLOW = [Token("tick", 0.05), *(Token(" tick", 0.05 * place) for place in range(2, 51))]
"""50 tokens, 20 in a second."""
STREAMS = 1000
REPLIES = {"hello": SHORT, "story": LONG}
MODEL = "gpt-4o"

_numbers = count(1)


class Figures(NamedTuple):
    """What one server did; seconds and MB."""

    per_second: list[float]
    cpu_each: list[float]
    events_per_second: list[float]
    start_seconds: list[float]
    start_megabytes: float
    megabytes: float
    requests: int
    """After which `megabytes` were looked at."""


def rows() -> Iterator[Row]:
    """Best of the rounds, the median beside it."""
    if not IS_LINUX:
        print("The server is measured on Linux alone: elsewhere no process is pinned to a core.", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as folder:
        theirs = {peer.name: _peer(peer, Path(folder)) for peer in peers.installed()}
        yield from _chat(Path(folder), theirs)
        yield from _events(Path(folder), theirs)
        yield from _start(Path(folder), theirs)
        yield from _memory(Path(folder), theirs)
        yield from _slow(Path(folder))


def _peer(peer: peers.Peer, folder: Path) -> Figures:
    own = folder / peer.name
    own.mkdir()
    start = partial(running, peer.prepare(own, REPLIES), _body("hello").encode())
    starts = [_started(start) for _ in range(ROUNDS)]
    with start() as server:
        megabytes = server.megabytes()
        loads = _loads(server, _body("hello"), seconds=PEER_SECONDS)
        after = server.megabytes()
        floods = [flood(server, _story, seconds=PEER_SECONDS).per_second]
    return Figures(
        [load.per_second for load in loads],
        [load.cpu_each for load in loads],
        floods,
        starts,
        megabytes,
        after,
        sum(load.requests for load in loads),
    )


def _chat(folder: Path, theirs: dict[str, Figures]) -> Iterator[Row]:
    rates = _beside(theirs, lambda its: f"{max(its.per_second):,.0f}")
    costs = _beside(theirs, lambda its: f"{min(its.cpu_each) * 1e6:.0f}")
    floor = Command([sys.executable, Path(__file__).with_name("floor.py"), "PORT"])
    with running(floor, _body("hello").encode()) as server:
        told = "asyncio, httptools, JSON, a list as journal"
        yield from _rates("floor for a server in Python", _loads(server, _body("hello")), None, None, (told, ""))
    with _ours(folder, _rules()) as server:
        yield from _rates("small chat, the same again", _loads(server, _body("hello")), 20_000, 50, (rates, costs))
    with _ours(folder, _rules()) as server:
        loads = _loads(server, _body("hello NUMBER, how are you today?"))
        yield from _rates("small chat, each another", loads, None, 110, ("", "exact counts of a new text: 60 of them"))
    with _ours(folder, _rules(others=19)) as server:
        yield from _rates("small chat, 20 rules, the same again", _loads(server, _body("hello")), None, None, ("", ""))


def _rates(
    name: str, loads: list[Load], at_least: float | None, bound: float | None, beside: tuple[str, str]
) -> Iterator[Row]:
    rates, costs = [load.per_second for load in loads], [load.cpu_each * 1e6 for load in loads]
    yield Row(
        name=f"{name}: requests/s",
        value=max(rates),
        unit="/s",
        at_least=at_least,
        beside=_joined(f"median {statistics.median(rates):,.0f}", beside[0]),
    )
    yield Row(
        name=f"{name}: server's CPU for each",
        value=min(costs),
        unit="µs CPU",
        bound=bound,
        beside=_joined(f"median {statistics.median(costs):.1f}", beside[1]),
    )


def _loads(server: ServerProcess, body: str, *, seconds: int = SECONDS) -> list[Load]:
    """After one round to warm up."""
    sent(server, body, seconds=1)
    return [sent(server, body, seconds=seconds) for _ in range(ROUNDS)]


def _events(folder: Path, theirs: dict[str, Figures]) -> Iterator[Row]:
    beside = _beside(theirs, lambda its: f"{max(its.events_per_second):,.0f}")
    with _ours(folder, _rules()) as server:
        for name, request, told in [("the same again", _story, beside), ("each another", _another_story, "")]:
            flood(server, request, seconds=0.5)
            rates = [flood(server, request, seconds=2).per_second for _ in range(ROUNDS)]
            yield Row(
                name=f"streams without waits, {name}: events/s",
                value=max(rates),
                unit="/s",
                at_least=1_000_000,
                beside=_joined(f"median {statistics.median(rates):,.0f}", told),
            )


def _start(folder: Path, theirs: dict[str, Figures]) -> Iterator[Row]:
    beside = _beside(theirs, lambda its: f"{min(its.start_seconds) * 1e3:.0f}")
    for name, rules, model, bound in [
        ("", None, MODEL, 195),
        (", tokens estimated", None, "any", 195),
        (", with a script file", _rules(), MODEL, None),
    ]:
        start = partial(_ours, folder, rules, model=model)
        _started(start)  # Python keeps the bytecode
        seconds = [_started(start) for _ in range(STARTS)]
        yield Row(
            name=f"start to the first 200{name}",
            value=min(seconds) * 1e3,
            unit="ms",
            bound=bound,
            beside=_joined(f"median {statistics.median(seconds) * 1e3:.0f}", "" if bound else f"with theirs: {beside}"),
        )


def _memory(folder: Path, theirs: dict[str, Figures]) -> Iterator[Row]:
    at_start = _beside(theirs, lambda its: f"{its.start_megabytes:.0f}")
    after = _beside(theirs, lambda its: f"{its.megabytes:.0f} (after {its.requests:,})")
    for name, model in [("exact token counts", MODEL), ("tokens estimated", "any")]:
        with _ours(folder, _rules(), model=model) as server:
            yield Row(name=f"memory at start, {name}", value=server.megabytes(), unit="MB", bound=50, beside=at_start)
            requests = 0
            while requests < REQUESTS:
                requests += sent(server, _body("hello NUMBER", model=model), seconds=1).requests
            yield Row(
                name=f"memory after {REQUESTS:,} requests, each another, {name}",
                value=server.megabytes(),
                unit="MB",
                bound=70,
                beside=after,
            )
        at_start = after = ""


def _slow(folder: Path) -> Iterator[Row]:
    said = {"text": "".join(token.text for token in SLOW), "latency": {"first": 0.05, "per_token": 0.05}}
    with _ours(folder, [_rule("warm", SHORT), {"reply": said}], first="warm") as server:
        sent(server, _body("warm NUMBER"), seconds=1)
        for name, over in [("begun within 1 s", 1.0), ("begun at once", 0.0)]:
            seen = min(
                (_followed(server, over) for _ in range(ROUNDS)), key=lambda seen: _percentile(seen.lateness, 99)
            )
            lag = f"client's own lag: {_percentile(seen.client_lag, 99) * 1e3:.1f} ms"
            late = seen.lateness
            what = f"{STREAMS:,} slow streams, {name}"
            yield Row(name=f"{what}: correct", value=seen.correct, unit="streams", at_least=STREAMS)
            yield Row(name=f"{what}: server's CPU", value=seen.cores, unit="cores", bound=1)
            yield Row(
                name=f"{what}: p99 lateness",
                value=_percentile(late, 99) * 1e3,
                unit="ms",
                bound=50 if over else None,  # those that come at once are read one after the other
                beside=f"median {_percentile(late, 50) * 1e3:.1f}, worst {late[-1] * 1e3:.1f} · {lag}",
            )


def _followed(server: ServerProcess, over: float) -> SlowStreams:
    bodies = [_body(f"stream {next(_numbers)}", stream=True).encode() for _ in range(STREAMS)]
    return slow_streams(server, bodies, SLOW, over=over)


def _ours(
    folder: Path, rules: list[dict[str, object]] | None, *, model: str = MODEL, first: str = "hello"
) -> AbstractContextManager[ServerProcess]:
    """Without rules there is no script file."""
    arguments: list[str | Path] = [Path(sys.executable).with_name("kaizen-eval"), "serve", "--port", "PORT"]
    if rules is not None:
        script = folder / "script.json"
        script.write_text(json.dumps({"version": 1, "rules": rules}), "utf-8")
        arguments += ["--script", script]
    return running(Command(arguments), _body(first, model=model).encode())


def _started(start: Callable[[], AbstractContextManager[ServerProcess]]) -> float:
    with start() as server:
        return server.start_seconds


def _rules(*, others: int = 0) -> list[dict[str, object]]:
    """The ones that reply, after others that are for no request."""
    return [_rule(f"question {number}", "-") for number in range(others)] + [
        _rule(said, text) for said, text in REPLIES.items()
    ]


def _rule(said: str, text: str) -> dict[str, object]:
    return {"when": {"user": said}, "reply": text}


def _body(text: str, *, model: str = MODEL, stream: bool = False) -> str:
    asked = {"model": model, "messages": [{"role": "user", "content": text}]}
    return json.dumps({**asked, "stream": True} if stream else asked)


def _story() -> bytes:
    return _body("tell me a story", stream=True).encode()


def _another_story() -> bytes:
    return _body(f"tell me story {next(_numbers)}", stream=True).encode()


def _beside(theirs: dict[str, Figures], told: Callable[[Figures], str]) -> str:
    return " · ".join(f"{name}: {told(its)}" for name, its in theirs.items())


def _joined(*texts: str) -> str:
    return " · ".join(filter(None, texts))


def _percentile(ordered: list[float], percent: int) -> float:
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else float("nan")
