"""Makes the table of faults in docs/fake-llm.md by letting each happen: `python tests/house/faults_table.py`."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import NamedTuple

from kaizen_eval import BaseAgent, FakeLLM, InputField, OutputField, Reply, Signature, virtual_time
from kaizen_eval.errors import RunError
from kaizen_eval.fake import FAULTS, Fault
from kaizen_eval.fake.fault import Asked
from kaizen_eval.fake.http_faults import HttpError
from kaizen_eval.fake.wire.events import Answer, Disconnect, Hang, WireEvent

__all__ = ["PAGE", "Met", "details", "fault", "met", "refreshed", "wire"]

PAGE = Path(__file__).parents[2] / "docs" / "fake-llm.md"

_NEEDED = {"http_status": {"status": 418}}
"""Details of the faults that cannot do without."""
_LONGEST = 40
"""Characters of a body or a default that a row shows."""
_REGION = re.compile(r"(<!-- faults -->\n).*(<!-- end of faults -->)", re.DOTALL)
_HEAD = (
    "| name | details | what happens on the wire | error raised | tried again? |",
    "|---|---|---|---|---|",
)
_DISCONNECT = {
    "refused": "no connection",
    "reset": "the connection is reset before any response",
    "closed": "bytes that are not HTTP",
}
_ENDING = {"complete": "", "cut": ", then the connection is lost", "hang": ", then nothing more"}


class _Question(Signature):
    """Answer the question."""

    question: str = InputField()
    answer: str = OutputField()


class Met(NamedTuple):
    """What comes of a fault that happens to every attempt."""

    error: str
    """The class of what `run()` raises."""
    again: str
    """"yes", "no", or "asked again": in a new call."""


def refreshed(text: str) -> str:
    """The page with its table made anew."""
    rows = [f"| {' | '.join(_row(name))} |" for name in FAULTS]
    return _REGION.sub(lambda region: region[1] + "\n".join(["", *_HEAD, *rows, "", ""]) + region[2], text)


def _row(name: str) -> tuple[str, ...]:
    error, again = met(name, "direct")
    return f"`{name}`", details(FAULTS[name]), wire(fault(name)), f"`{error}`", again


def fault(name: str) -> Fault:
    """With its defaults."""
    return FAULTS[name](**_NEEDED.get(name, {}))


def met(name: str, door: str) -> Met:
    llm = FakeLLM()
    llm.fail(fault(name))
    provider = llm if door == "direct" else llm.sdk()
    agent = BaseAgent({"request_timeout": 1, "timeout": 60}, provider=provider, signature=_Question)
    with virtual_time():
        try:
            agent.run(question="Why?")
        except RunError as error:
            return Met(type(error).__name__, _again(agent, llm))
    raise AssertionError(f"the fault {name!r} did no harm")


def _again(agent: BaseAgent, llm: FakeLLM) -> str:
    """By what the fake saw: attempts of one call, calls of one attempt, or nothing after the first."""
    shapes = {
        (agent.config.retry.attempts,): "yes",
        (1,) * (agent.config.output_retries + 1): "asked again",
        (1,): "no",
    }
    return shapes[tuple(len(attempts) for attempts in llm.journal.calls)]


def details(kind: type[Fault]) -> str:
    """What `.fail(name, …)` takes, beside `latency`, which each fault takes."""
    common = {field.name for field in dataclasses.fields(HttpError if issubclass(kind, HttpError) else Fault)}
    own = [_detail(kind, field) for field in dataclasses.fields(kind) if field.name not in common]
    return ", ".join((["*HTTP*"] if issubclass(kind, HttpError) else []) + own)


def _detail(kind: type[Fault], field: dataclasses.Field[object]) -> str:
    if field.default is dataclasses.MISSING:
        return f"`{field.name}` (needed; here {_NEEDED[kind.name][field.name]})"
    short = field.default is None or (field.default != "" and len(repr(field.default)) <= _LONGEST // 2)
    return f"`{field.name}={field.default!r}`" if short else f"`{field.name}`"


def wire(happens: Fault) -> str:
    """In words, made of what the fault really sends."""
    event = happens.play(Asked("req_0", 0.0))
    if isinstance(event, Reply):
        return f"200, a completion: {_completion(event)}"
    return _event(event)


def _event(event: WireEvent) -> str:
    match event:
        case Hang():
            return "nothing, for as long as the client waits"
        case Disconnect(kind=kind):
            return _DISCONNECT[kind]
        case Answer(status=status, headers=headers, body=body, ending=ending) if status < 400:
            what = "a page" if dict(headers)["content-type"].startswith("text/html") else _body(body.decode(), ending)
            return f"{status}, {what}{_ENDING[ending]}"
        case Answer(status=status, body=body):
            code = json.loads(body)["error"]["code"]
            return f"{status}" + (f", code `{code}`" if code else "")


def _body(text: str, ending: str) -> str:
    if not text:
        return "an empty body"
    if ending != "complete" or len(text) > _LONGEST * 2:
        return "half a completion"
    return f"`{text}`"


def _completion(reply: Reply) -> str:
    if reply.refusal is not None:
        return "`refusal` set, no text"
    if reply.tool_calls:
        return "a tool call, no text"
    finish = "" if reply.finish_reason == "stop" else f", finish reason `{reply.finish_reason}`"
    return f"{f'the text `{reply.text}`' if reply.text else 'no text'}{finish}"


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text("utf-8")), "utf-8")
