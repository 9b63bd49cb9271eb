"""What `kaizen-eval eval` can be told."""

from __future__ import annotations

import argparse

from kaizen_eval.cli.numbers import any_count, count, seconds, share, us_dollars
from kaizen_eval.errors import ConfigError
from kaizen_eval.evals.shard import Shard

__all__ = ["add_options"]

_MODES = ("replay", "record", "record-missing", "verify", "live")
"""As in kaizen_eval.recording, which is not loaded for --help."""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dataset", metavar="DATASET", nargs="?", help="such as fixtures/qa.yaml; .jsonl and .csv too")
    parser.add_argument(
        "--agent", metavar="M:NAME", help="what is evaluated: a class of agents, one agent, or a function"
    )
    _add_cases(parser)
    _add_running(parser)
    _add_models(parser)
    _add_gates(parser)
    _add_told(parser)


def _add_cases(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what is asked")
    group.add_argument("--repeats", metavar="N", type=count, default=1, help="how often each case; default: 1")
    group.add_argument(
        "--scorer",
        metavar="SPEC",
        action="append",
        default=[],
        help="instead of the dataset's own; may be repeated: exact, 'contains: Paris', my_package.scorers:polite",
    )
    group.add_argument(
        "--tag", metavar="TAG", action="append", default=[], help="only cases with this tag; may be repeated"
    )
    group.add_argument("--case", metavar="ID", action="append", default=[], help="only this case; may be repeated")
    group.add_argument(
        "--shard",
        metavar="I/N",
        type=_shard,
        help="only the i-th of n parts, for n machines; `kaizen-eval merge` puts them together",
    )
    group.add_argument("--seed", metavar="N", type=int, default=0, help="of what is left to chance, a fake's words too")
    group.add_argument(
        "--schema", action="store_true", help="write a JSON Schema beside the dataset, for editors, and exit"
    )


def _add_running(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how it runs")
    group.add_argument("--out", metavar="FOLDER", help="where the evaluation is kept; default: a new folder in runs/")
    group.add_argument("--resume", action="store_true", help="go on with the one in --out: run exactly what is missing")
    group.add_argument(
        "--concurrency", metavar="N", type=count, default=10, help="trials at the same time; default: 10"
    )
    group.add_argument("--timeout", metavar="S", type=seconds, help="seconds for each trial")
    group.add_argument(
        "--call-timeout", metavar="S", type=seconds, help="seconds for each call of a model, retries included"
    )
    group.add_argument("--run-timeout", metavar="S", type=seconds, help="seconds for all; what is left is not run")
    group.add_argument("--max-cost", metavar="USD", type=us_dollars, help="begin nothing more when so much is spent")
    group.add_argument(
        "--label",
        metavar="K=V",
        action="append",
        default=[],
        type=_label,
        help="what is kept with it, such as commit=3f9a1c; may be repeated",
    )
    group.add_argument(
        "--rescore", metavar="RUN", help="score the answers in this folder again, without asking anybody"
    )


def _add_models(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("who answers (default: what the agent's config says)")
    group.add_argument(
        "--fake",
        metavar="SCRIPT",
        nargs="?",
        const="",
        help="a fake LLM on virtual time, with a script file or with made-up answers that fit",
    )
    group.add_argument("--cassettes", metavar="DIR", help="a cassette in this folder, one for the dataset")
    group.add_argument("--mode", choices=_MODES, help="how it is used; default: replay")


def _add_gates(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what must hold")
    group.add_argument(
        "--fail-under", metavar="RATE", type=_rate, help="exit 1 where a smaller share of trials passes: 0.9 or 90%%"
    )
    group.add_argument("--margin", metavar="X", type=_rate, help="how much worse than the baseline is accepted: 0.02")
    group.add_argument(
        "--baseline", metavar="FILE", help="compare with this blessed baseline, or with the evaluation in this folder"
    )


def _add_told(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what is told (a FILE may be -, which is stdout)")
    group.add_argument("--json", metavar="FILE", help="the summary, for programs")
    group.add_argument("--jsonl", metavar="FILE", help="what happens, a line each, as it happens")
    group.add_argument("--junit", metavar="FILE", help="a test case for each trial")
    group.add_argument(
        "--markdown", metavar="FILE", help="for a comment on a pull request; appended, as $GITHUB_STEP_SUMMARY is"
    )
    group.add_argument("--html", metavar="FILE", help="the report as a page, as `kaizen-eval report` writes it")
    group.add_argument(
        "--failing", metavar="N", type=any_count, default=10, help="show so many trials that did not pass; default: 10"
    )
    group.add_argument("--quiet", action="store_true", help="show no progress, and at the end the verdict alone")
    group.add_argument("--no-color", action="store_true", help="plain text; so does the variable NO_COLOR")


def _rate(text: str) -> float:
    rate = share(text)
    if not 0 <= rate <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share of trials: 0.9, or 90%")
    return rate


def _shard(text: str) -> Shard:
    try:
        return Shard.parse(text)
    except ConfigError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _label(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is no label: commit=3f9a1c")
    return name, value
