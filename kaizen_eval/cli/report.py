"""`kaizen-eval report`: write an evaluation as a page."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from kaizen_eval.cli.destination import STDOUT, refuse_unwritable, write
from kaizen_eval.cli.trend import trend_of

if TYPE_CHECKING:
    from kaizen_eval.evals.comparison import Comparison
    from kaizen_eval.evals.log import Log

__all__ = ["Commands", "add_to"]

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - argparse has no public name for it

_SUMMARY = "write an evaluation as a page: one file, which opens offline"
_DETAILS = (
    "RUN is the folder of an evaluation, or the beginning of its id. The page holds all that is in its log, prompts "
    "and replies included, and nothing from elsewhere. Exit codes: 0 written; 2 wrong usage; 3 there is no such "
    "evaluation, its log cannot be read, or the two cannot be compared."
)


def add_to(commands: Commands, *, parents: Sequence[argparse.ArgumentParser]) -> None:
    """Add `report` to the command line."""
    description = f"{_SUMMARY[0].upper()}{_SUMMARY[1:]}. {_DETAILS}"
    parser = commands.add_parser("report", help=_SUMMARY, description=description, parents=[*parents])
    parser.add_argument("evaluation", metavar="RUN", help="such as runs/today")
    parser.add_argument(
        "--against", metavar="RUN2", help="compare with this one, which was before, or a file of baselines"
    )
    parser.add_argument(
        "--in",
        dest="runs",
        metavar="FOLDER",
        default="runs",
        help="of evaluations, for the trend of those like it; default: runs",
    )
    parser.add_argument("--metric", metavar="NAME", action="append", help="what decides, as `compare` takes it")
    parser.add_argument("--margin", metavar="X", type=float, help="how much worse is accepted; default: 0")
    parser.add_argument("--sampled", action="store_true", help="use statistics, of deterministic evaluations, too")
    parser.add_argument("--shared", action="store_true", help="compare the cases that are complete on both sides")
    parser.add_argument(
        "-o", "--output", metavar="FILE", default="report.html", help="default: report.html; - is stdout"
    )
    parser.set_defaults(run=_run, on_failure=3)


def _run(options: argparse.Namespace) -> int:
    refuse_unwritable({"output": options.output})
    from kaizen_eval.evals.log import Log  # noqa: PLC0415 - other commands need none of it
    from kaizen_eval.evals.reports import report  # noqa: PLC0415 - as above
    from kaizen_eval.evals.runs import run_folder  # noqa: PLC0415 - as above

    log = Log.open(run_folder(options.runs, options.evaluation))
    against, comparison = _compared(log, options)
    page = report(log, against=against, comparison=comparison, trend=trend_of(log.manifest, Path(options.runs)))
    write(options.output, page)
    if options.output != STDOUT:
        print(f"The report is in {options.output}: any browser opens it, offline too.")
    return 0


def _compared(log: Log, options: argparse.Namespace) -> tuple[Log | None, Comparison | None]:
    """Of a file of baselines nothing but figures is known."""
    from kaizen_eval.evals.comparison import compare, gate  # noqa: PLC0415 - as above
    from kaizen_eval.evals.log import Log  # noqa: PLC0415 - as above
    from kaizen_eval.evals.runs import run_folder  # noqa: PLC0415 - as above

    if options.against is None:
        return None, None
    metric, margin, exact = options.metric, options.margin, False if options.sampled else None
    if options.against.endswith(".json"):
        return None, gate(log, options.against, metric=metric, margin=margin, shared=options.shared, exact=exact)
    against = Log.open(run_folder(options.runs, options.against))
    comparison = compare(
        against, log, metric=metric or "score", margin=margin or 0.0, shared=options.shared, exact=exact
    )
    return against, comparison
