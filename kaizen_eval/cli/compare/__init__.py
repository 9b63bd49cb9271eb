"""`kaizen-eval compare`: whether one evaluation is no worse than another."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from kaizen_eval.cli.destination import STDOUT, refuse_unwritable, write
from kaizen_eval.cli.numbers import any_count, share
from kaizen_eval.errors import UsageError

if TYPE_CHECKING:
    from kaizen_eval.evals.comparison import Comparison

__all__ = ["Commands", "add_to"]

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - argparse has no public name for it

_FORMS = ("json", "junit", "markdown")
_SUMMARY = "tell whether one evaluation is no worse than another"
_DETAILS = (
    "Holds the candidate B against the reference A, case by case. A is the folder of an evaluation or a file of "
    "baselines, B the folder of an evaluation. Exit codes: 0 B is no worse than A, or by no more than the margin; 1 "
    "it is worse; 2 wrong usage, or unlike things; 3 trials are missing, or could not be judged; 4 the data allow for "
    "both."
)


def add_to(commands: Commands, *, parents: Sequence[argparse.ArgumentParser]) -> None:
    """Add `compare` to the command line."""
    description = f"{_SUMMARY[0].upper()}{_SUMMARY[1:]}. {_DETAILS}"
    parser = commands.add_parser("compare", help=_SUMMARY, description=description, parents=[*parents])
    parser.add_argument("a", metavar="A", type=Path, help="the reference, such as runs/last-week or baselines/qa.json")
    parser.add_argument("b", metavar="B", type=Path, nargs="?", help="the candidate, such as runs/today")
    _add_asked(parser)
    _add_told(parser)
    parser.set_defaults(run=_run, on_failure=3)


def _add_asked(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what is asked")
    group.add_argument(
        "--metric",
        metavar="NAME",
        action="append",
        help="what decides: score (default), passed, a scorer's name, cost, latency, tokens or attempts; repeated, "
        "none may be worse",
    )
    group.add_argument(
        "--margin",
        metavar="X",
        action="append",
        type=_margin,
        help="how much worse is accepted: 0.02 is two points of a score, and 2 %% of a cost; default: 0; NAME=X for "
        "one of several metrics",
    )
    group.add_argument("--confidence", metavar="X", type=_confidence, help="default: 0.95")
    group.add_argument("--shared", action="store_true", help="compare the cases that both have; the others are named")
    group.add_argument(
        "--sampled",
        action="store_true",
        help="of deterministic evaluations, too, the cases are a sample: use statistics",
    )
    group.add_argument("--seed", metavar="N", type=int, default=0, help="of the bootstrap; default: 0")
    group.add_argument(
        "--bless", metavar="FILE", type=Path, help="compare nothing, but make A a baseline, in this file"
    )


def _add_told(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "what is told", "A FILE may be -, which is stdout; nothing else is printed there then."
    )
    group.add_argument("--json", metavar="FILE", help="everything that was found")
    group.add_argument("--junit", metavar="FILE", help="a test case for each metric that decides")
    group.add_argument("--markdown", metavar="FILE", help="appended, as $GITHUB_STEP_SUMMARY is")
    group.add_argument(
        "--flips", metavar="N", type=any_count, default=10, help="show so many cases that changed; default: 10"
    )
    group.add_argument("--quiet", action="store_true", help="print the verdict alone")
    group.add_argument("--no-color", action="store_true", help="plain text; so does the variable NO_COLOR")


def _run(options: argparse.Namespace) -> int:
    _check(options)
    if options.bless is not None:
        return _bless(options)
    comparison = _compared(options)
    _write(options, comparison)
    if STDOUT not in _files(options).values():
        from kaizen_eval.cli.compare.screen import show_comparison  # noqa: PLC0415 - only this command needs it

        show_comparison(comparison, options)
    return comparison.exit_code


def _check(options: argparse.Namespace) -> None:
    """Whether it can be begun: a report that cannot be written is no surprise for the end."""
    if (options.b is None) == (options.bless is None):
        raise UsageError("compare takes two evaluations, A and B; or one, and --bless FILE.")
    for path in filter(None, (options.a, options.b)):
        if not path.exists():
            raise UsageError(f"There is no evaluation {str(path)!r}; kaizen-eval runs list shows which there are.")
    if options.b is not None and options.b.suffix == ".json":
        raise UsageError(f"The candidate is an evaluation's folder, not {str(options.b)!r}: the baseline comes first.")
    refuse_unwritable(_files(options))


def _files(options: argparse.Namespace) -> dict[str, str]:
    """Where each form of the report goes."""
    return {form: file for form in _FORMS if (file := getattr(options, form)) is not None}


def _bless(options: argparse.Namespace) -> int:
    from kaizen_eval.amounts import many  # noqa: PLC0415 - as above
    from kaizen_eval.evals.comparison import bless  # noqa: PLC0415 - as above

    metric = options.metric or ["score"]
    confidence = options.confidence or 0.95
    blessed = bless(options.a, options.bless, metric=metric, margin=_margins(options, metric), confidence=confidence)
    if not options.quiet:
        asked = ", ".join(f"{name} (margin {margin:g})" for name, margin in blessed.gate.margin.items())
        print(f"{options.bless} holds {options.a} as a baseline: {many(len(blessed.side.cases), 'case')}, by {asked}.")
    return 0


def _compared(options: argparse.Namespace) -> Comparison:
    from kaizen_eval.evals.comparison import compare, gate  # noqa: PLC0415 - as above

    if options.a.is_file() and options.a.suffix == ".json":
        return gate(
            options.b,
            options.a,
            metric=options.metric,
            margin=None if options.margin is None else _margins(options, options.metric),
            confidence=options.confidence,
            shared=options.shared,
            exact=False if options.sampled else None,
        )
    metric = options.metric or ["score"]
    return compare(
        options.a,
        options.b,
        metric=metric,
        margin=_margins(options, metric),
        confidence=options.confidence or 0.95,
        shared=options.shared,
        exact=False if options.sampled else None,
        seed=options.seed,
    )


def _margins(options: argparse.Namespace, metric: Sequence[str] | None) -> float | Mapping[str, float]:
    """One for all, or by metric; those that are named count before the one that is not."""
    given: dict[str, float] = dict(options.margin or [])
    for_all = given.pop("", 0.0)
    if not given:
        return for_all
    return {**dict.fromkeys(metric or [], for_all), **given}


def _write(options: argparse.Namespace, comparison: Comparison) -> None:
    from kaizen_eval.cli.compare import as_json, as_junit, as_markdown  # noqa: PLC0415 - as above

    forms: Mapping[str, Callable[[], str]] = {
        "json": lambda: as_json.text(comparison),
        "junit": lambda: as_junit.text(comparison),
        "markdown": lambda: as_markdown.text(comparison, most=options.flips),
    }
    for form, file in _files(options).items():
        write(file, forms[form](), append=form == "markdown")


def _margin(text: str) -> tuple[str, float]:
    name, _, number = text.rpartition("=")
    margin = share(number)
    if not 0 <= margin < 1_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no margin: 0.02, 2%, or cost=0.1")
    return name, margin


def _confidence(text: str) -> float:
    confidence = share(text)
    if not 0.5 < confidence < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no confidence between 0.5 and 1, such as 0.95")
    return confidence
