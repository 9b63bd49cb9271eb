"""Other mock servers, where they are installed: how each is told to say what ours says in the benchmarks.

Nothing is installed here. They are looked for on PATH, and in the folders that KAIZEN_BENCH_PEERS names (separated as
in PATH): in each itself, its `bin`, its `node_modules/.bin`, and the `bin` of each virtual environment within it. So:

    npm install --prefix /some/peers @copilotkit/aimock @dwmkerr/mock-llm
    python -m venv /some/peers/python && /some/peers/python/bin/pip install stubllm fakellm llmock
    KAIZEN_BENCH_PEERS=/some/peers python benchmarks/run.py server
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from processes import Command

__all__ = ["Peer", "installed"]

_VARIABLE = "KAIZEN_BENCH_PEERS"
_LOCAL = "127.0.0.1"

Replies = Mapping[str, str]
"""What is said to a user whose text has the key in it."""


class Peer(NamedTuple):
    """One that is installed."""

    name: str
    prepare: Callable[[Path, Replies], Command]
    """Writes what it needs into a folder, and says how to start it."""


def installed() -> list[Peer]:
    """Those that are found."""
    ways = {"aimock": _aimock, "stubllm": _stubllm, "mock-llm": _mock_llm, "fakellm": _fakellm, "llmock": _llmock}
    found = {name: _found(name) for name in ways}
    return [Peer(name, _bound(ways[name], path)) for name, path in found.items() if path is not None]


def _bound(way: Callable[[str, Path, Replies], Command], path: str) -> Callable[[Path, Replies], Command]:
    return lambda folder, replies: way(path, folder, replies)


def _found(name: str) -> str | None:
    path = shutil.which(name, path=os.pathsep.join(map(str, _folders())))
    if name == "llmock" and path is not None and not _is_python(path):
        return None  # aimock has a command of that name, too
    return path


def _folders() -> Iterator[Path]:
    for root in map(Path, filter(None, os.environ.get(_VARIABLE, "").split(os.pathsep))):
        # the environments first: node's folder of commands has a llmock of its own
        yield from sorted(root.glob("*/bin"))
        yield from (root, root / "bin", root / "node_modules" / ".bin")
    yield from map(Path, os.get_exec_path())


def _is_python(path: str) -> bool:
    with Path(path).open("rb") as script:
        return b"python" in script.readline()


def _aimock(program: str, folder: Path, replies: Replies) -> Command:
    fixtures = [{"match": {"userMessage": key}, "response": {"content": text}} for key, text in replies.items()]
    _write(folder / "fixtures.json", {"fixtures": fixtures})
    config = _write(folder / "aimock.json", {"llm": {"fixtures": str(folder / "fixtures.json"), "logLevel": "silent"}})
    return Command([program, "--config", config, "--port", "PORT", "--host", _LOCAL])


def _stubllm(program: str, folder: Path, replies: Replies) -> Command:
    rules = [
        {
            "name": key,
            "match": {"provider": "openai", "messages": [{"role": "user", "content": {"contains": key}}]},
            "response": {"content": text, "stream_chunk_delay_ms": 0},
        }
        for key, text in replies.items()
    ]
    fixtures = _write(folder / "stubllm.json", {"fixtures": rules})
    options = ["--fixture-file", fixtures, "--log-level", "critical"]
    return Command([program, "serve", "--port", "PORT", "--host", _LOCAL, *options])


def _mock_llm(program: str, folder: Path, replies: Replies) -> Command:
    rules = [
        {
            "path": "/v1/chat/completions",
            "match": f"contains(body.messages[-1].content, '{key}')",
            "response": {"status": 200, "content": json.dumps(_completion(text))},
        }
        for key, text in replies.items()
    ]
    # JSON is YAML
    config = _write(folder / "mock-llm.yaml", {"streaming": {"chunkSize": 5, "chunkIntervalMs": 0}, "rules": rules})
    return Command([program, "--config", config], {"HOST": _LOCAL, "PORT": "PORT"})


def _fakellm(program: str, folder: Path, replies: Replies) -> Command:
    rules = [
        {"name": key, "when": {"messages_contain": key}, "respond": {"content": text}} for key, text in replies.items()
    ]
    config = _write(folder / "fakellm.yaml", {"version": 1, "rules": rules})
    return Command([program, "serve", "--port", "PORT", "--host", _LOCAL, "--config", config])


def _llmock(program: str, folder: Path, replies: Replies) -> Command:  # noqa: ARG001 - it has one text for all
    options = ["--response-style", "hello", "--log-level", "critical"]
    return Command([program, "serve", "--port", "PORT", "--host", _LOCAL, *options])


def _completion(text: str) -> dict[str, object]:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return {"id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-4o", "choices": [choice]}


def _write(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value), "utf-8")
    return path
