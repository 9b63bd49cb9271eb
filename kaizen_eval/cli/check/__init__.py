"""`kaizen-eval check`: hold a strategy against the laws."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from kaizen_eval.cli.destination import STDOUT, refuse_unwritable, write
from kaizen_eval.errors import UsageError

if TYPE_CHECKING:
    from kaizen_eval.conformance.baseline import Baseline
    from kaizen_eval.conformance.checking import CheckReport, Order

__all__ = ["Commands", "add_to"]

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - argparse has no public name for it

_SUMMARY = "hold a strategy against the laws, and its figures against a baseline"
_DETAILS = (
    "TARGET is `module:Name`: a strategy, as class or instance; a class of agents; or a function, which returns a "
    "strategy, or as factory(config, **parts) an agent. Modules are found in this folder, in src and in pytest's "
    "pythonpath. Exit codes: 0 every law that applies is kept; 1 a law is violated or could not be judged to the end, "
    "or a figure is worse or different; 2 wrong usage. A FILE may be -, which is stdout."
)
_FORMS = ("json", "junit", "markdown", "html")
_PURPOSES = ("all, for programs", "a test case for each law", "for a comment", "a page that opens offline")


def add_to(commands: Commands, *, parents: Sequence[argparse.ArgumentParser]) -> None:
    """Add `check` to the command line."""
    description = f"{_SUMMARY[0].upper()}{_SUMMARY[1:]}. {_DETAILS}"
    parser = commands.add_parser("check", help=_SUMMARY, description=description, parents=[*parents])
    parser.add_argument("target", metavar="TARGET", help="such as my_package.strategies:MyStrategy")
    parser.add_argument("--baseline", metavar="FILE", help="compare calls, tokens, cost, time and outputs with this")
    parser.add_argument(
        "--update-baseline", action="store_true", help="write the baseline instead of comparing with it"
    )
    parser.add_argument("--effort", choices=["fast", "thorough"], default="fast", help="default: fast")
    parser.add_argument("--seed", metavar="N", type=_seed, default=0, help="another one tries other situations")
    parser.add_argument("--law", metavar="ID", action="append", default=[], help="only this law, or group of laws")
    parser.add_argument("--signature", metavar="M:CLASS", help="the only signature that it can work with")
    for form, what in zip(_FORMS, _PURPOSES, strict=True):
        parser.add_argument(f"--{form}", metavar="FILE", help=f"write the report as {form}: {what}")
    loudness = parser.add_mutually_exclusive_group()
    loudness.add_argument(
        "--verbose", action="store_true", help="show each law: what it says, and how often it was tried"
    )
    loudness.add_argument("--quiet", action="store_true", help="show the verdict and what is violated alone")
    parser.add_argument("--no-color", action="store_true", help="plain text; so does the variable NO_COLOR")
    parser.set_defaults(run=_run)


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no seed: a whole number from 0")
    return int(text)


def _run(options: argparse.Namespace) -> int:
    files = _files(options)
    accepted = _accepted(options)
    order, begun = _order(options, accepted), time.monotonic()
    report = _compared(_checked(order, options), accepted, options)
    seconds = time.monotonic() - begun
    _write(report, files, seconds, options)
    return int(not report.is_kept or report.is_regressed)


def _files(options: argparse.Namespace) -> Mapping[str, str]:
    """Where each form of the report goes, seen to before the work begins."""
    files = {form: getattr(options, form) for form in _FORMS if getattr(options, form) is not None}
    refuse_unwritable(files)
    return files


def _accepted(options: argparse.Namespace) -> Baseline | None:
    """What the figures will be compared with, or whose tolerances are kept."""
    from kaizen_eval.conformance.baseline import Baseline  # noqa: PLC0415 - other commands need no laws

    if options.baseline is None:
        if options.update_baseline:
            raise UsageError("--update-baseline needs to know which: add `--baseline baselines/my_strategy.json`.")
        return None
    if options.update_baseline and not Path(options.baseline).exists():
        return None
    return Baseline.load(options.baseline)


def _order(options: argparse.Namespace, accepted: Baseline | None) -> Order:
    """With the seed of the baseline for its figures, whatever the laws are tried with."""
    from kaizen_eval.conformance.checking import Order  # noqa: PLC0415 - as above

    compared = options.seed if accepted is None or options.update_baseline else accepted.seed
    return Order(
        target=options.target,
        signature=options.signature,
        effort=options.effort,
        seed=options.seed,
        laws=tuple(options.law),
        baseline_seed=None if options.baseline is None else compared,
    )


def _checked(order: Order, options: argparse.Namespace) -> CheckReport:
    from kaizen_eval.cli.check.progress import progress  # noqa: PLC0415 - as above
    from kaizen_eval.conformance.checking import CheckReport, check  # noqa: PLC0415 - as above

    with closing(check(order)) as events, progress(options) as shown:
        for event in events:
            if isinstance(event, CheckReport):
                return event
            shown.on(event)
    raise UsageError(f"{order.target} was not judged to the end.")


def _compared(report: CheckReport, accepted: Baseline | None, options: argparse.Namespace) -> CheckReport:
    from kaizen_eval.conformance.baseline import compare  # noqa: PLC0415 - as above

    if report.measured is None:
        return report
    if options.update_baseline:
        (report.measured if accepted is None else report.measured.tolerating(accepted)).save(options.baseline)
        return report
    return report if accepted is None else replace(report, comparison=compare(accepted, report.measured))


def _write(report: CheckReport, files: Mapping[str, str], seconds: float, options: argparse.Namespace) -> None:
    from kaizen_eval.cli.check import as_html, as_json, as_junit, as_markdown, screen  # noqa: PLC0415 - as above

    forms: Mapping[str, Callable[[CheckReport, float], str]] = {
        "html": as_html.text,
        "json": as_json.text,
        "junit": as_junit.text,
        "markdown": as_markdown.text,
    }
    for form, file in files.items():
        write(file, forms[form](report, seconds))
    if STDOUT not in files.values():
        screen.show_report(report, seconds, options)
