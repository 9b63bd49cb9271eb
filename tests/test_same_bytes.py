"""The same seed and script give each conversation the same bytes: in every process, whatever others do meanwhile."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b

from server_talk import Wire, wire

from kaizen_eval.fake import GENERATED, FakeLLM, Latency, Lognormal, Pick
from kaizen_eval.fake.server.running import Serving

CONVERSATIONS = 6
PARAMETERS = {"type": "object", "properties": {"q": {"type": "string"}, "n": {"type": "integer"}}, "required": ["q"]}
TOOL = {"type": "function", "function": {"name": "look", "parameters": PARAMETERS}}
FLAT = {"type": "function", "name": "look", "parameters": PARAMETERS, "strict": False}
SCHEMA = {
    "type": "object",
    "properties": {
        "a": {"type": "string"},
        "b": {"type": "number"},
        "c": {"type": "array", "items": {"type": "boolean"}},
    },
    "required": ["a", "b", "c"],
    "additionalProperties": False,
}
FORMAT = {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": SCHEMA}}


def scripted() -> FakeLLM:
    fake = FakeLLM(seed=5, latency=Latency(first=Lognormal(0.001, 0.5)))
    fake.when(user="once").fail("rate_limit", retry_after=2).times(1, per="conversation")
    fake.when(user="once").reply("after that")
    fake.when(user="chance", probability=0.5).reply("heads")
    fake.when(user="chance").reply("tails")
    fake.when(user="pick").reply(Pick(["a", "b", "c"]))
    fake.when(user="broken").fail("malformed", kind="trailing_commas")
    return fake.otherwise(GENERATED)


def said_by(name: str) -> Iterator[tuple[str, dict[str, object]]]:
    """What one conversation asks, one after the other."""

    def chat(text: str, **fields: object) -> tuple[str, dict[str, object]]:
        return "chat/completions", {"model": "gpt-4o", "messages": [{"role": "user", "content": text}], **fields}

    for text in ("hi", "hi", "once", "once", "chance", "pick", "chance", "pick"):
        yield chat(f"{text} {name}")
    yield chat("all ask the same", n=2, logprobs=True, top_logprobs=2, seed=3)
    yield chat("all ask the same", stream=True, stream_options={"include_usage": True})
    yield chat("all ask the same", tools=[TOOL], tool_choice="required", stream=True)
    yield chat("all ask the same", response_format=FORMAT)
    yield chat("broken", response_format=FORMAT)
    yield chat("refused", colour="red")
    yield "responses", {"model": "gpt-4o", "input": "hi"}
    yield "responses", {"model": "o3", "input": "hi", "tools": [FLAT], "tool_choice": "required", "stream": True}
    yield "embeddings", {"model": "text-embedding-3-small", "input": f"hi {name}"}
    yield "moderations", {"input": f"hi {name}"}


def posted(name: str, path: str, body: dict[str, object]) -> bytes:
    data = json.dumps(body).encode()
    lines = (
        f"POST /v1/{path} HTTP/1.1",
        "host: 127.0.0.1",
        "content-type: application/json",
        f'x-kaizen-session: "{name}"',
        f"content-length: {len(data)}",
    )
    return "\r\n".join((*lines, "", "")).encode() + data


def answered(server: Serving, name: str) -> list[str]:
    """Head and body of each answer."""
    with wire(server) as connection:
        return [repr(_met(connection.send(posted(name, *asked)))) for asked in said_by(name)]


def _met(connection: Wire) -> tuple[int, dict[str, str], bytes]:
    return tuple(connection.response())


def all_answered(order: int) -> dict[str, list[str]]:
    """Of all conversations, held at the same time and begun in another order."""
    names = [str(number) for number in range(CONVERSATIONS)]
    random.Random(order).shuffle(names)
    with scripted().serve() as server, ThreadPoolExecutor(CONVERSATIONS) as threads:
        met = dict(zip(names, threads.map(lambda name: answered(server, name), names), strict=True))
    return {name: met[name] for name in sorted(names)}


def in_new_process(order: int, hash_seed: int) -> dict[str, list[str]]:
    code = f"import json, test_same_bytes; print(json.dumps(test_same_bytes.all_answered({order})))"
    env = os.environ | {"PYTHONHASHSEED": str(hash_seed), "PYTHONPATH": os.pathsep.join(sys.path)}
    return json.loads(subprocess.run([sys.executable, "-c", code], env=env, check=True, capture_output=True).stdout)


def test_conversations_always_get_the_same_bytes_in_every_process_beside_others_and_alone():
    beside = all_answered(0)
    assert in_new_process(order=1, hash_seed=1) == beside
    with scripted().serve() as server:
        assert answered(server, "0") == beside["0"]


def test_bodies_are_the_same_on_every_python():
    """Whoever changes what the fake says on purpose puts the new digest here, and tries it on all Pythons."""
    with scripted().serve() as server, wire(server) as connection:
        bodies = [connection.send(posted("0", *asked)).response().body for asked in said_by("0")]
    assert blake2b(b"\n".join(bodies), digest_size=8).hexdigest() == "ee0649ac2a4d90d0"


def test_conversations_get_bytes_of_their_own():
    met = all_answered(0)
    assert met["0"][0] != met["1"][0]
    assert met["0"][0] != met["0"][1]
    assert [answer[:4] for answer in met["0"][2:4]] == ["(429", "(200"]
