"""`kaizen-eval judge`: judge any client of a service by what it asks."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

from kaizen_eval.cli.numbers import count, seconds
from kaizen_eval.errors import UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from kaizen_eval.conformance.clients.plan import Plan
    from kaizen_eval.conformance.clients.report import Report

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse has no public name for it

__all__ = ["add_to"]

_Handler = Callable[[int, FrameType | None], Any]
_SUMMARY = "judge any client of the OpenAI API by what it asks"
_DETAILS = (
    "Runs the command against the fake LLM once for each plan of faults, on real time, and tells which laws it keeps. "
    "The command finds the fake by OPENAI_BASE_URL; it is to ask once, print the answer and exit with 0, or with "
    "another code where there is no answer. Exit 0: every law that was shown is kept; 1: one is violated; 2: the "
    "command cannot be judged."
)


def add_to(commands: Commands, *, parents: Sequence[argparse.ArgumentParser]) -> None:
    """Add `judge` to the command line."""
    description = f"{_SUMMARY[0].upper()}{_SUMMARY[1:]}. {_DETAILS}"
    parser = commands.add_parser("judge", help=_SUMMARY, description=description, parents=[*parents])
    parser.add_argument("--plan", metavar="NAME", action="append", default=[], help="only this one; may be repeated")
    parser.add_argument("--list", action="store_true", help="show the plans, and exit")
    terms = parser.add_argument_group("what is expected")
    terms.add_argument(
        "--attempts",
        metavar="N",
        type=count,
        help="of a question that only fails, exactly so many; default: 2 at least, 10 at most",
    )
    terms.add_argument("--deadline", metavar="S", type=seconds, help="seconds in which the client should give up")
    terms.add_argument(
        "--timeout", metavar="S", type=seconds, default=30.0, help="seconds each run may take; default: %(default)g"
    )
    told = parser.add_argument_group("what is told")
    told.add_argument("--json", metavar="FILE", type=Path, help="everything that was seen")
    told.add_argument("--junit", metavar="FILE", type=Path, help="a test case for each law")
    told.add_argument("--markdown", metavar="FILE", type=Path, help="appended, as $GITHUB_STEP_SUMMARY is")
    told.add_argument("--no-color", action="store_true", help="plain text; so does the variable NO_COLOR")
    told.add_argument("--quiet", action="store_true", help="print nothing but errors")
    parser.add_argument("command", nargs="*", metavar="-- COMMAND ARG", help="what to judge")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from kaizen_eval.conformance.clients.plans import plans_named  # noqa: PLC0415 - only this command needs them

    plans = plans_named(options.plan)
    if options.list:
        from kaizen_eval.cli.judge.screen import law_table, plan_table  # noqa: PLC0415 - as above

        _print(options, lambda _: [plan_table(plans), law_table()])
        return 0
    _check(options)
    report = _judged(options, plans)
    _write(options, report)
    if not options.quiet:
        from kaizen_eval.cli.judge.screen import report_parts  # noqa: PLC0415 - as above

        _print(options, lambda width: report_parts(report, width=width))
    return 0 if report.is_kept else 1


def _check(options: argparse.Namespace) -> None:
    """Whether it can be begun: a report that cannot be written is no surprise for the end."""
    if not options.command:
        raise UsageError("judge takes the command to run, after --: kaizen-eval judge -- python my_client.py")
    if not hasattr(os, "killpg"):
        raise UsageError("judge ends what a command has started by its process group, and this system has none.")
    for path in filter(None, (options.json, options.junit, options.markdown)):
        if not path.absolute().parent.is_dir():
            raise UsageError(f"There is no folder {str(path.absolute().parent)!r} to write {path.name!r} in.")


def _judged(options: argparse.Namespace, plans: Sequence[Plan]) -> Report:
    from kaizen_eval.conformance.clients.judging import judge_command  # noqa: PLC0415 - as above
    from kaizen_eval.conformance.clients.plan import Terms  # noqa: PLC0415 - as above

    terms = Terms.of(attempts=options.attempts, deadline=options.deadline, timeout=options.timeout)
    if terms.deadline is None and all(plan.needs_deadline for plan in plans):
        names = ", ".join(plan.name for plan in plans)
        show = f"The plan {names} shows" if len(plans) == 1 else f"The plans {names} show"
        raise UsageError(f"{show} nothing without --deadline S.")
    with _heeding_signals(), _progress(options, len(plans)) as told:
        return asyncio.run(judge_command(options.command, plans, terms, told=told))


@contextmanager
def _heeding_signals() -> Iterator[None]:
    """A command inherits that a signal is ignored, as shells make it for what runs in the background; and it must not
    outlive its judge.
    """
    heeded: tuple[tuple[signal.Signals, _Handler], ...] = (
        (signal.SIGINT, signal.default_int_handler),
        (signal.SIGTERM, _terminated),
    )
    before = [(number, signal.signal(number, handler)) for number, handler in heeded]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _terminated(number: int, _: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


@contextmanager
def _progress(options: argparse.Namespace, count: int) -> Iterator[Callable[[Plan], object]]:
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.progress import Progress  # noqa: PLC0415 - as above

    console = Console(stderr=True, no_color=_is_plain(options))
    with Progress(console=console, transient=True, disable=options.quiet or not sys.stderr.isatty()) as progress:
        task = progress.add_task("plans", total=count)
        yield lambda _: progress.advance(task)


def _write(options: argparse.Namespace, report: Report) -> None:
    from kaizen_eval.cli.judge import as_json, as_junit, as_markdown  # noqa: PLC0415 - as above

    if options.json is not None:
        options.json.write_text(as_json.text(report), "utf-8")
    if options.junit is not None:
        options.junit.write_text(as_junit.text(report), "utf-8")
    if options.markdown is not None:
        with options.markdown.open("a", encoding="utf-8") as file:
            file.write(as_markdown.text(report))


def _print(options: argparse.Namespace, parts: Callable[[int], Iterable[RenderableType]]) -> None:
    """What is made for this width, without the blanks that fill lines up."""
    from rich.console import Console  # noqa: PLC0415 - as above

    color = None if _is_plain(options) else "auto"
    console = Console(color_system=color, highlight=False, markup=False, emoji=False)  # type: ignore[arg-type]  # a literal
    for part in parts(console.width):
        with console.capture() as drawn:
            console.print(part)
        console.out("\n".join(line.rstrip() for line in drawn.get().splitlines()), highlight=False)


def _is_plain(options: argparse.Namespace) -> bool:
    return options.no_color or bool(os.environ.get("NO_COLOR"))
