"""`kaizen-eval serve`: the fake as a server, for clients in any language."""

from __future__ import annotations

import argparse
import asyncio
import errno
import logging
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kaizen_eval.cli.numbers import count
from kaizen_eval.errors import ConfigError
from kaizen_eval.fake.fake_llm import FakeLLM
from kaizen_eval.fake.limits.rate_limits import RateLimits
from kaizen_eval.fake.server.running import base_url, bound, check_host, serve
from kaizen_eval.fake.server.settings import MAX_BODY, ServerSettings
from kaizen_eval.fake.server.tenants import Tenants
from kaizen_eval.fake.timing.latency import PROFILES, Latency

if TYPE_CHECKING:
    from kaizen_eval.fake.server.reloading import Reloading

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse has no public name for it

__all__ = ["KEY_VARIABLE", "add_to"]

KEY_VARIABLE = "KAIZEN_API_KEY"
_PORT = 8765
_KEEP = 1000
_SUMMARY = "serve the fake LLM over HTTP, as the OpenAI API"
_DETAILS = (
    "Prints one line, `listening on http://HOST:PORT/v1`, and answers there until it is interrupted. Nothing is "
    "written to the disk. The journal and the page that shows it are at /_kaizen/."
)
_LEVELS = ("debug", "info", "warning", "error")


def add_to(commands: Commands, *, parents: Sequence[argparse.ArgumentParser]) -> None:
    """Add `serve` to the command line."""
    description = f"{_SUMMARY[0].upper()}{_SUMMARY[1:]}. {_DETAILS}"
    parser = commands.add_parser("serve", help=_SUMMARY, description=description, parents=[*parents])
    _add_place(parser)
    _add_fake(parser)
    _add_limits(parser)
    parser.set_defaults(run=_run)


def _add_place(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("where, and for whom")
    group.add_argument("--host", default="127.0.0.1", help="default: %(default)s; any other needs an API key")
    group.add_argument("--port", type=_port, default=_PORT, help="default: %(default)s; 0 takes a free one")
    key = group.add_mutually_exclusive_group()
    key.add_argument("--api-key", metavar="KEY", help="the only key that is let in; others see it in the process list")
    key.add_argument("--api-key-file", metavar="FILE", type=Path, help=f"the same from a file; also: {KEY_VARIABLE}=…")
    output = group.add_mutually_exclusive_group()
    output.add_argument(
        "--log", choices=_LEVELS, default="warning", help="what is told on stderr; default: %(default)s"
    )
    output.add_argument("--quiet", action="store_true", help="tell errors alone")


def _add_fake(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what it says")
    group.add_argument("--script", metavar="FILE", type=Path, help="YAML or JSON; read again when it changes")
    group.add_argument("--seed", type=int, default=None, help="of what no rule says; default: the script's, or 0")
    group.add_argument("--model", help="the name it goes by where a request names none")
    group.add_argument(
        "--latency",
        metavar="SECONDS",
        help=f"to a reply: a number, first+per_token such as 0.3+0.02, or one of {', '.join(PROFILES)}",
    )
    group.add_argument("--speed", type=float, default=1.0, help="divides all waiting; default: %(default)g")
    group.add_argument("--real-ids", action="store_true", help="other ids each time, and the real time")


def _add_limits(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("limits")
    group.add_argument("--rpm", type=count, metavar="N", help="requests per minute of each model")
    group.add_argument("--tpm", type=count, metavar="N", help="tokens per minute of each model")
    group.add_argument("--max-body", type=count, metavar="BYTES", default=MAX_BODY, help="default: %(default)s")
    group.add_argument(
        "--journal-keep",
        type=count,
        metavar="N",
        default=_KEEP,
        help="exchanges that are remembered; default: %(default)s",
    )


def _run(options: argparse.Namespace) -> None:
    logging.basicConfig(
        level="ERROR" if options.quiet else options.log.upper(), format="kaizen-eval: %(message)s", stream=sys.stderr
    )
    settings = ServerSettings(api_key=_key(options), max_body=options.max_body, speed=options.speed)
    check_host(options.host, settings)
    tenants = Tenants(_fake(options), most=settings.max_tenants, api_key=settings.api_key)
    reloading = _reloading(options, tenants)
    with _listening(options.host, options.port) as sock:
        if asyncio.run(_until_told(sock, tenants, settings, reloading)) == signal.SIGINT:
            raise KeyboardInterrupt


def _fake(options: argparse.Namespace) -> FakeLLM:
    return FakeLLM(
        seed=options.seed or 0,
        model=options.model,
        latency=_latency(options.latency),
        keep=options.journal_keep,
        rate_limits=RateLimits(requests_per_minute=options.rpm, tokens_per_minute=options.tpm),
        real_ids=options.real_ids,
    )


def _reloading(options: argparse.Namespace, tenants: Tenants) -> Reloading | None:
    if options.script is None:
        return None
    from kaizen_eval.fake.server.reloading import Reloading  # noqa: PLC0415 - reads YAML, which is slow to load

    return Reloading(
        tenants.own.desk,
        options.script,
        seed=options.seed,
        latency=_latency(options.latency),
        tell=lambda text: None if options.quiet else print(f"kaizen-eval: {text}", file=sys.stderr, flush=True),
    )


async def _until_told(
    sock: socket.socket, tenants: Tenants, settings: ServerSettings, reloading: Reloading | None
) -> signal.Signals | None:
    """Serve; returns the signal that ended it."""
    loop, until = asyncio.get_running_loop(), asyncio.Event()
    told: list[signal.Signals] = []

    def stop(number: signal.Signals) -> None:
        told.append(number)
        until.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    watching = None if reloading is None else loop.create_task(reloading.watch())
    print(f"listening on {base_url(sock)}", flush=True)
    await serve(sock, tenants, settings, until)
    if watching is not None:
        watching.cancel()
    return told[0] if told else None


def _listening(host: str, port: int) -> socket.socket:
    try:
        return bound(host, port)
    except OSError as error:
        hint = " Another program listens there; --port 0 takes a free one." if error.errno == errno.EADDRINUSE else ""
        raise OSError(f"Cannot listen on {host}:{port}: {error.strerror or error}.{hint}") from error


def _key(options: argparse.Namespace) -> str | None:
    if options.api_key_file is None:
        return options.api_key or os.environ.get(KEY_VARIABLE) or None
    key: str = options.api_key_file.read_text("utf-8").strip()
    if not key:
        raise ConfigError(f"--api-key-file {str(options.api_key_file)!r} holds no key.")
    return key


def _latency(text: str | None) -> Latency | None:
    if text is None or text in PROFILES:
        return PROFILES.get(text or "")
    first, _, per_token = text.partition("+")
    try:
        return Latency(first=float(first), per_token=float(per_token or 0))
    except ValueError:
        raise ConfigError(
            f"--latency takes seconds, such as 0.3, or with seconds for each token 0.3+0.02, or a profile, "
            f"{', '.join(PROFILES)}, not {text!r}."
        ) from None


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 0 to 65535")
    return int(text)
