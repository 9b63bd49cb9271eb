"""Makes docs/faults.md's tables, and what `kaizen-eval faults` tells, by letting each fault happen: run this file."""

from __future__ import annotations

import ast
import asyncio
import dataclasses
import inspect
import json
import re
import textwrap
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import openai

from kaizen_eval import BaseAgent, FakeLLM, InputField, OutputField, Signature, virtual_time
from kaizen_eval.errors import RunError
from kaizen_eval.fake import FAULTS, Fault
from kaizen_eval.fake.faults.base import Spoiler
from kaizen_eval.fake.faults.malformed import KINDS, malformed
from kaizen_eval.fake.faults.status import HttpError

__all__ = [
    "DATA",
    "GROUPS",
    "PAGE",
    "Met",
    "fault",
    "in_sdk",
    "json_text",
    "met",
    "refreshed",
    "rows",
    "spoken",
    "used",
]

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "faults.md"
DATA = ROOT / "kaizen_eval" / "cli" / "faults.json"

GROUPS = {
    "status": "HTTP statuses",
    "connection": "Connections",
    "delivery": "Delivery",
    "body": "Bodies",
    "streams.cuts": "Streams that end too early",
    "streams.additions": "Streams with too much in them",
    "streams.changes": "Streams with other events",
    "reply": "Replies",
    "tool_calls": "Tool calls",
}
_NEEDED = {"http_status": {"status": 418}}
"""Details of the faults that cannot do without."""
_DOORS = {
    "connection_refused": {"server": "resets the connection that it has accepted"},
    "half_open": {"direct": "as `hang`: no connection is left open", "sdk": "as `hang`: no connection is left open"},
    "slow_headers": {"direct": "takes as long, and no client sees the bytes"},
    "slow_body": {"direct": "takes as long, and no client sees the bytes"},
}
"""Where a fault is something else than elsewhere, and what."""
_PATIENCE = 100.0
"""Seconds after which a stream counts as one without an end; more than a client waits for its next part."""
_EXAMPLES: dict[str, dict[str, Any]] = {
    "http_status": {"status": 418},
    "malformed": {"kind": "trailing_commas"},
    "rate_limit": {"retry_after": 20},
    "server_error": {"status": 503},
    "slow_body": {"pace": 0.1},
    "slow_headers": {"pace": 0.05},
    "stream_cut": {"after": 3},
    "stream_stall": {"after": 3},
}
"""Details for which a fault is often used."""
_WORDS = "One two three four five six."
_REPLY = {"answer": "Paris is the capital", "confidence": 0.9, "count": 31, "tags": ["a", "b"], "sentiment": "good"}
_SCHEMA = {
    "properties": {"sentiment": {"enum": ["good", "bad"]}, "confidence": {"type": "number"}},
    "required": ["answer"],
}
_LONGEST = 90
"""Characters of an example."""


class _Question(Signature):
    """Answer the question."""

    question: str = InputField()
    answer: str = OutputField()


class Met(NamedTuple):
    """What comes of a fault that happens to every attempt."""

    error: str
    """The class of what is raised; empty where nothing is."""
    again: str
    """"yes", "no", or "asked again": in a new call."""
    gives: str = ""
    """What the caller gets where nothing is raised."""


def refreshed(text: str) -> str:
    """The page with its tables made anew."""
    text = _with(text, "faults", _tables())
    return _with(text, "kinds", ["| kind | example | a parser owes it |", "|---|---|---|", *_kinds()])


def _with(text: str, name: str, lines: list[str]) -> str:
    region = re.compile(rf"(<!-- {name} -->\n).*(<!-- end of {name} -->)", re.DOTALL)
    return region.sub(lambda found: found[1] + "\n".join(["", *lines, "", ""]) + found[2], text)


def json_text() -> str:
    return json.dumps(rows(), indent=1, ensure_ascii=False) + "\n"


@cache
def rows() -> list[dict[str, Any]]:
    """All that is known of each fault."""
    return [_row(name, kind) for name, kind in FAULTS.items()]


def _row(name: str, kind: type[Fault]) -> dict[str, Any]:
    ours = met(name, "direct")
    theirs = in_sdk(name)
    return {
        "name": name,
        "class": kind.__name__,
        "group": GROUPS[kind.__module__.removeprefix("kaizen_eval.fake.faults.")],
        "wire": inspect.getdoc(kind),
        "streams_only": kind.is_of_streams,
        "details": list(_details(kind)),
        "example": _EXAMPLES.get(name, {}),
        "sdk": theirs._asdict(),
        "ours": ours._asdict(),
        "doors": {door: _DOORS.get(name, {}).get(door, "") for door in ("direct", "sdk", "server")},
    }


def fault(name: str) -> Fault:
    """With its defaults."""
    return FAULTS[name](**_NEEDED.get(name, {}))


def met(name: str, door: str) -> Met:
    """What our agents make of it: in `run`, or in `run_stream` if only a stream can go wrong this way."""
    llm = FakeLLM()
    llm.fail(fault(name))
    provider = llm if door == "direct" else llm.sdk()
    agent = BaseAgent({"request_timeout": 1, "timeout": 60}, provider=provider, signature=_Question)
    with virtual_time():
        try:
            _run(agent, streams=FAULTS[name].is_of_streams)
        except RunError as error:
            return Met(type(error).__name__, _again(agent, llm))
    return Met("", "no", "the reply")


def _run(agent: BaseAgent, *, streams: bool) -> None:
    if streams:
        for _ in agent.run_stream(question="Why?"):
            pass
    else:
        agent.run(question="Why?")


def _again(agent: BaseAgent, llm: FakeLLM) -> str:
    """By what the fake saw: attempts of one call, calls of one attempt, or nothing after the first."""
    shapes = {
        (agent.config.retry.attempts,): "yes",
        (1,) * (agent.config.output_retries + 1): "asked again",
        (1,): "no",
    }
    return shapes[tuple(len(attempts) for attempts in llm.journal.calls)]


def in_sdk(name: str) -> Met:
    """What the OpenAI SDK makes of it, on virtual time."""
    llm = FakeLLM()
    llm.fail(spoken(name))
    http = openai.DefaultAsyncHttpxClient(transport=llm.transport())
    with virtual_time() as clock:
        return clock.run(used(name, llm, base_url="http://fake/v1", http_client=http, timeout=30))


def spoken(name: str) -> Fault:
    """With words of ours where it spoils any."""
    made = fault(name)
    takes_words = isinstance(made, Spoiler) and name != "malformed"
    return dataclasses.replace(made, reply=_WORDS) if takes_words else made


async def used(name: str, llm: FakeLLM, *, patience: float = _PATIENCE, **options: Any) -> Met:
    """What a client of the SDK gets, with so much patience for a stream; it may ask twice."""
    streams = FAULTS[name].is_of_streams
    async with openai.AsyncOpenAI(**{"api_key": "sk-fake", "max_retries": 1} | options) as client:
        try:
            async with asyncio.timeout(patience if streams else None):
                gives = await (_streamed(client) if streams else _asked(client))
        except TimeoutError:
            return Met("", "no", "never ends")
        except Exception as error:  # noqa: BLE001 - whatever the SDK lets through is what the table tells
            return Met(type(error).__name__, "yes" if len(llm.journal) > 1 else "no")
    return Met("", "no", gives)


async def _asked(client: openai.AsyncOpenAI) -> str:
    completion = await client.chat.completions.create(**_CREATE)
    if not hasattr(completion, "choices"):
        return "`None`" if completion is None else f"a `{type(completion).__name__}`"
    return _choice(completion.choices[0].message.content) if completion.choices else "a completion without choices"


def _choice(said: str | None) -> str:
    return "the reply" if said == _WORDS else "a completion"


async def _streamed(client: openai.AsyncOpenAI) -> str:
    said = ""
    async for chunk in await client.chat.completions.create(**_CREATE, stream=True):
        said += "".join(choice.delta.content or "" for choice in chunk.choices)
    if said == _WORDS:
        return "the reply"
    return "a stream without words" if not said else "other words"


_CREATE: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}


def _details(kind: type[Fault]) -> Iterator[dict[str, str]]:
    """What `.fail(name, …)` takes; a default is written as in Python, and empty where there is none."""
    told = dict(_field_docs(kind))
    for field in dataclasses.fields(kind):
        default = "" if field.default is dataclasses.MISSING else repr(field.default)
        yield {"name": field.name, "default": default, "means": told.get(field.name, "")}


def _field_docs(kind: type) -> Iterator[tuple[str, str]]:
    """The line under each field; what a class says goes before what its bases say."""
    for cls in reversed(kind.__mro__[:-1]):
        body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0].body  # type: ignore[attr-defined]  # a class
        for one, after in pairwise(body):
            if isinstance(one, ast.AnnAssign) and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                yield one.target.id, " ".join(str(after.value.value).split())  # type: ignore[union-attr]  # a name


def _tables() -> list[str]:
    known = rows()
    lines = []
    for group in dict.fromkeys(row["group"] for row in known):
        lines += [f"### {group}", "", *_HEAD, *(_line(row) for row in known if row["group"] == group), ""]
    return lines[:-1]


_HEAD = (
    "| name | details | what happens on the wire | the OpenAI SDK | our agents | doors |",
    "|---|---|---|---|---|---|",
)


def _line(row: dict[str, Any]) -> str:
    cells = (
        f"`{row['name']}`",
        ", ".join(_own_details(row)),
        row["wire"],
        _said(Met(**row["sdk"])),
        _said(Met(**row["ours"])),
        _said_of_doors(row["doors"]),
    )
    return f"| {' | '.join(cells)} |"


def _own_details(row: dict[str, Any]) -> list[str]:
    """Without what many take."""
    kind = FAULTS[row["name"]]
    base = HttpError if issubclass(kind, HttpError) else Spoiler if issubclass(kind, Spoiler) else Fault
    common = {field.name for field in dataclasses.fields(base)}
    mark = {HttpError: ["*HTTP*"], Spoiler: ["*reply*"], Fault: []}[base]
    own = [detail for detail in row["details"] if detail["name"] not in common]
    return mark + [_detail(row["name"], detail) for detail in own]


def _detail(name: str, detail: dict[str, str]) -> str:
    if not detail["default"]:
        return f"`{detail['name']}` (needed; here {_NEEDED[name][detail['name']]})"
    return f"`{detail['name']}={detail['default']}`" if len(detail["default"]) <= 20 else f"`{detail['name']}`"


def _said(came: Met) -> str:
    if not came.error:
        return came.gives
    again = {"yes": ", tried again", "asked again": ", asked again", "no": ""}[came.again]
    return f"`{came.error}`{again}"


def _said_of_doors(doors: dict[str, str]) -> str:
    return "; ".join(f"{door}: {how}" for door, how in doors.items() if how) or "all"


def _kinds() -> Iterator[str]:
    for name, kind in KINDS.items():
        text = malformed(name, json.dumps(_REPLY), _SCHEMA)
        shown = json.dumps(text, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("|", "¦")
        if len(shown) > _LONGEST:
            shown = f"{shown[: _LONGEST // 2]} … {shown[-_LONGEST // 2 :]}"
        fence = "``" if "`" in shown else "`"
        owes = {"repaired": "what was meant", "error": "an error", "either": "what was meant, or an error"}[kind.must]
        yield f"| `{name}` | {fence}{f' {shown} ' if '`' in shown else shown or ' '}{fence} | {owes} |"


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text("utf-8")), "utf-8")
    DATA.write_text(json_text(), "utf-8")
