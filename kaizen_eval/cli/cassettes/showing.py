"""`kaizen-eval cassettes show`: a cassette as the conversations that it holds."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from typing import Any

from kaizen_eval.cli.cassettes.drawing import drawn, ended_after_us, raw
from kaizen_eval.cli.cassettes.opened import recording_at
from kaizen_eval.cli.cassettes.options import Commands, add_command, slots
from kaizen_eval.cli.cassettes.places import single
from kaizen_eval.cli.output import as_json, console, show
from kaizen_eval.errors import UsageError
from kaizen_eval.recording.conversation import Conversation, Said, conversation_of
from kaizen_eval.recording.exchange import Exchange

__all__ = ["add_to"]

_SUMMARY = "show a cassette as conversations that a person can read"
_DETAILS = "What was said and answered, streams put together, attachments by their names, with tokens and times."


def add_to(commands: Commands, *, parents: Sequence[argparse.ArgumentParser]) -> None:
    parser = add_command(commands, "show", _SUMMARY, _DETAILS, parents=parents)
    parser.add_argument("path", metavar="PATH", help="a cassette; - reads stdin")
    parser.add_argument("--exchange", "--slot", metavar="N", type=slots, help="only these: 3, or 3,5-7")
    parser.add_argument("--lane", metavar="LANE", help="only those of this lane")
    parser.add_argument("--raw", action="store_true", help="headers and bodies as they were sent and came")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    path = single(options.path)
    chosen = _chosen(recording_at(path).exchanges, options)
    if options.json:
        as_json({"path": str(path), "exchanges": [_fields(exchange) for exchange in chosen]})
        return
    screen = console(options)
    for exchange in chosen:
        show(screen, raw(exchange) if options.raw else drawn(exchange, conversation_of(exchange)))


def _chosen(exchanges: Sequence[Exchange], options: argparse.Namespace) -> list[Exchange]:
    found = [
        exchange
        for exchange in exchanges
        if (options.exchange is None or exchange.slot in options.exchange)
        and (options.lane is None or exchange.lane == options.lane)
    ]
    if exchanges and not found:
        lanes = ", ".join(dict.fromkeys(repr(exchange.lane) for exchange in exchanges))
        last = max(exchange.slot for exchange in exchanges)
        raise UsageError(f"{options.path} has no such exchange: its slots are 1 to {last}, its lanes {lanes}.")
    return found


def _fields(exchange: Exchange) -> dict[str, Any]:
    read = conversation_of(exchange)
    response, failure = exchange.response, exchange.failure
    return {
        "lane": exchange.lane,
        "slot": exchange.slot,
        "key": exchange.key,
        "method": exchange.request.method,
        "path": exchange.request.path,
        "sent_at_us": exchange.sent_at_us,
        "status": None if response is None else response.status,
        "failure": None if failure is None else {"error": failure.error, "message": failure.message},
        "was_left": exchange.was_left,
        "ended_after_us": ended_after_us(exchange),
        **_read(read),
        "request": _side(exchange.request.headers, exchange.request.body.data),
        "response": None if response is None else _side(response.headers, response.body.data),
    }


def _read(read: Conversation) -> dict[str, Any]:
    return {
        "model": read.model,
        "settings": dict(read.settings),
        "tools": read.tools,
        "asked": [_said(said) for said in read.asked],
        "answered": [_said(said) for said in read.answered],
        "finish": read.finish,
        "problem": read.problem,
        "usage": None if read.spent is None else dataclasses.asdict(read.spent),
        "pieces": read.pieces,
    }


def _said(said: Said) -> dict[str, Any]:
    parts = [{"kind": part.kind, "text": part.text, "name": part.name, "id": part.id} for part in said.parts]
    return {"role": said.role, "choice": said.choice, "parts": parts}


def _side(headers: Sequence[tuple[str, str]], body: bytes) -> dict[str, Any]:
    return {"headers": [list(header) for header in headers], "body": body.decode("utf-8", "backslashreplace")}
