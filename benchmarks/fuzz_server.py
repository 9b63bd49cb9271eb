"""Fuzzes the server's sockets by hand: `python benchmarks/fuzz_server.py SECONDS [SEED]`; not a part of `make check`.

Requests that are whole are mutated byte-wise and piece-wise, cut into packets at random, pipelined, and left half way;
after each batch the server must answer a plain request. Every response must parse as HTTP, nothing may be logged as an
error but what the script itself does, and memory, threads and open files must stay where they were.
"""

from __future__ import annotations

import gc
import gzip
import json
import logging
import os
import random
import re
import socket
import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

from kaizen_eval.fake import FAULTS, FakeLLM
from kaizen_eval.fake.server.running import Serving

BATCH = 200
SLOW = {"half_open", "hang", "hang_in_body", "slow_body", "slow_headers", "stream_comments", "stream_endless"}
SLOW |= {"http_status", "stream_stall"}
QUICK = sorted(FAULTS.keys() - SLOW)
NO_HTTP = {"garbage"}
"""Faults whose answer is none."""
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
EXPECTED = {
    100,
    200,
    204,
    308,
    400,
    401,
    403,
    404,
    405,
    408,
    413,
    415,
    417,
    422,
    429,
    431,
    500,
    501,
    502,
    503,
    504,
    505,
    529,
}
MESSAGES = [{"role": "user", "content": "hi"}]
BODIES: list[object] = [
    {"model": "fake", "messages": MESSAGES},
    {"model": "fake", "messages": MESSAGES, "stream": True, "stream_options": {"include_usage": True}},
    {"model": "gpt-4o", "messages": MESSAGES, "n": 3, "logprobs": True, "top_logprobs": 2, "max_tokens": 5},
    {
        "model": "fake",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "é"}]}],
        "tools": [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}],
    },
    {"model": "fake", "input": "hello"},
    {"model": "fake", "input": ["a", "b"], "dimensions": 8},
    {},
    [],
    "text",
]
PATHS = [
    "/v1/chat/completions",
    "/v1/responses",
    "/v1/embeddings",
    "/v1/moderations",
    "/v1/models",
    "/v1/nothing",
    "/_kaizen/journal?since=3",
    "/_kaizen/health",
    "/_kaizen/script",
    "/_kaizen/reset",
    "/_kaizen/",
    "*",
    "http://elsewhere/v1/models",
]
PIECES = [b"\r\n", b"\n", b"\r", b"\0", b":", b" ", b"\t", b"content-length: 5\r\n", b"transfer-encoding: chunked\r\n"]
PIECES += [
    b"0\r\n\r\n",
    b"5\r\nabcde\r\n",
    b"HTTP/1.1",
    b"HTTP/1.0",
    b"expect: 100-continue\r\n",
    b"[" * 5000,
    b"\xff\xfe",
]
PIECES += [
    b"upgrade: h2c\r\nconnection: upgrade\r\n",
    b"x: " + b"y" * 9000,
    b"content-encoding: gzip\r\n",
    b'"',
    b"{",
    b"}",
]
SCRIPTS = [b"version: 1\nrules:\n  - reply: fuzz\n", b"version: 1\nrules: [", b"\xff", b'{"version": 1, "rules": []}']


def request(chance: random.Random) -> bytes:
    """A request that is whole, of some kind."""
    path = chance.choice(PATHS)
    body = chance.choice(SCRIPTS) if "script" in path else json.dumps(chance.choice(BODIES)).encode()
    body = body.replace(b'"hi"', json.dumps(chance.choice(["hi", chance.choice(QUICK)])).encode())
    lines = [
        f"{chance.choice(['POST', 'POST', 'GET', 'HEAD', 'DELETE', 'OPTIONS'])} {path} HTTP/1.{chance.randrange(2)}"
    ]
    lines += ["host: 127.0.0.1", f"x-kaizen-test: {chance.randrange(20)}"]
    lines += chance.sample(
        ["content-type: application/json", "connection: keep-alive", "authorization: Bearer sk-x", "origin: null"], 2
    )
    if chance.random() < 0.1:
        lines, body = [*lines, "content-encoding: gzip"], gzip.compress(body)
    if chance.random() < 0.2:
        chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in _parts(chance, body) if part)
        return "\r\n".join((*lines, "transfer-encoding: chunked", "", "")).encode() + chunks + b"0\r\n\r\n"
    return "\r\n".join((*lines, f"content-length: {len(body)}", "", "")).encode() + body


def _parts(chance: random.Random, data: bytes) -> list[bytes]:
    cuts = sorted({0, len(data), *(chance.randrange(len(data) + 1) for _ in range(chance.randrange(4)))})
    return [data[begin:end] for begin, end in pairwise(cuts)]


def mutated(chance: random.Random, data: bytes) -> bytes:
    """The same with something wrong, often."""
    for _ in range(chance.choice([0, 1, 1, 2, 5])):
        place = chance.randrange(len(data) + 1)
        again = data[chance.randrange(len(data) + 1) :][:50]
        change = chance.choice([chance.choice(PIECES), chance.randbytes(chance.randrange(1, 9)), again, b""])
        data = data[:place] + change + data[place + chance.randrange(4) :]
    return data


def talk(server: Serving, chance: random.Random, seen: Counter[int]) -> None:
    """One connection; some clients leave without reading, some tear it down."""
    place = urlsplit(server.url)
    data = b"".join(mutated(chance, request(chance)) for _ in range(chance.choice([1, 1, 2, 8])))
    with socket.create_connection((place.hostname, place.port), timeout=10) as sock:
        try:
            for part in _parts(chance, data):
                sock.sendall(part)
            if chance.random() < 0.2:
                return
            sock.shutdown(socket.SHUT_WR)
            came = b""
            while part := sock.recv(65_536):
                came += part
        except OSError:
            return
    if came and not came.startswith(b"HTTP/1.1 ") and not any(name.encode() in data for name in NO_HTTP):
        raise AssertionError(f"no HTTP came for {data!r}: {came[:200]!r}")
    statuses = [int(status) for status in STATUS.findall(came)]
    if not set(statuses) <= EXPECTED:
        raise AssertionError(f"{statuses} came for {data!r}")
    seen.update(statuses)


def is_alive(server: Serving) -> None:
    """A plain request is answered."""
    body = json.dumps({"model": "fake", "messages": MESSAGES}).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {len(body)}\r\n\r\n".encode()
    place = urlsplit(server.url)
    with socket.create_connection((place.hostname, place.port), timeout=10) as sock:
        sock.sendall(head + body)
        if not sock.recv(100).startswith(b"HTTP/1.1 200"):
            raise AssertionError("the server no longer answers a plain request")


def resident() -> int:
    """Kilobytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


class Logged(logging.Handler):
    """Counts what is logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        self.lines[f"{record.name}: {record.getMessage()}"[:500]] += 1


def scripted() -> FakeLLM:
    """One that commits each fault that needs no time when it is asked to."""
    fake = FakeLLM(keep=200)
    for name in QUICK:
        fake.when(user=name).fail(name)
    fake.otherwise("fine")
    return fake


def open_files() -> int:
    return len([*Path("/proc/self/fd").iterdir()])


def main(seconds: float, seed: int) -> None:
    logged = Logged()
    logging.getLogger().addHandler(logged)
    chance, seen, count = random.Random(seed), Counter[int](), 0
    end = time.monotonic() + seconds
    limits = {"max_body": 100_000, "idle_seconds": 5, "head_seconds": 5, "body_seconds": 5, "max_tenants": 10}
    with scripted().serve(**limits) as server:
        memory = files = 0
        while time.monotonic() < end:
            for _ in range(BATCH):
                talk(server, chance, seen)
            is_alive(server)
            gc.collect()
            count += BATCH
            memory, files = memory or resident(), files or open_files()
        print(f"{count} connections, statuses {dict(sorted(seen.items()))}")
        print(f"memory {memory} -> {resident()} kB, open files {files} -> {open_files()}")
    for line, times in logged.lines.most_common(10):
        print(f"logged {times} times: {line}")
    sys.exit(1 if logged.lines else 0)


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
