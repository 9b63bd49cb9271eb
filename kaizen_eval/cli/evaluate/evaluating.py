"""One evaluation from the command line: asked, run, told, judged."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from kaizen_eval.cli.evaluate.again import again
from kaizen_eval.cli.evaluate.asked import Asked, asked, importing_from_here
from kaizen_eval.cli.evaluate.baseline import check_baseline, held
from kaizen_eval.cli.evaluate.files import check_files, has_stdout, opened_stream, write_files
from kaizen_eval.cli.evaluate.finishing import finished
from kaizen_eval.cli.evaluate.progress import progress
from kaizen_eval.cli.evaluate.rescoring import rescored, rescored_name
from kaizen_eval.cli.evaluate.schema import written
from kaizen_eval.cli.evaluate.screen import show_finished
from kaizen_eval.cli.evaluate.stage import Stage
from kaizen_eval.cli.evaluate.staging import staged
from kaizen_eval.cli.evaluate.stream import Stream
from kaizen_eval.errors import UsageError
from kaizen_eval.evals.happening import Reporter
from kaizen_eval.evals.log import Log
from kaizen_eval.evals.log.scan import FILE
from kaizen_eval.evals.running import Evaluation

__all__ = ["run"]

_RUNS = Path("runs")


def run(options: argparse.Namespace) -> int:
    """The exit code."""
    check_files(options)
    check_baseline(options)
    with importing_from_here():
        if options.schema:
            return written(options)
        return _rescored(options) if options.rescore is not None else _asked(options)


def _asked(options: argparse.Namespace) -> int:
    wanted = asked(options)
    folder = _folder(wanted.dataset.name, options)
    with (
        _telling_what_is_kept(folder, options),
        staged(options, wanted.dataset.name) as stage,
        _reporters(options) as reporters,
    ):
        ended = _evaluate(stage, wanted, folder, reporters, options).ended
        stage.is_whole = ended is not None and ended.stopped is None
    return _told(folder, stage, options)


@contextmanager
def _telling_what_is_kept(folder: Path, options: argparse.Namespace) -> Iterator[None]:
    """Whoever presses Ctrl-C twice gets no report."""
    try:
        yield
    except KeyboardInterrupt:
        if (folder / FILE).exists():
            command = again(options, folder.as_posix())
            print(f"Ended. What was done is kept in {folder.as_posix()}. Go on: {command}", file=sys.stderr)
        raise


def _rescored(options: argparse.Namespace) -> int:
    name = rescored_name(options)
    folder = _folder(name, options)
    with staged(options, name) as stage:
        rescored(folder, stage, options)
        stage.is_whole = True
    return _told(folder, stage, options)


def _folder(name: str, options: argparse.Namespace) -> Path:
    if options.out is not None:
        return Path(options.out)
    if options.resume:
        raise UsageError("--resume needs to know which evaluation: add --out and the folder that it is in.")
    stem = f"{name}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    names = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
    return next(_RUNS / name for name in names if not (_RUNS / name).exists())


@contextmanager
def _reporters(options: argparse.Namespace) -> Iterator[list[Reporter]]:
    with ExitStack() as stack:
        file = stack.enter_context(opened_stream(options))
        streams = [] if file is None else [Stream(file)]
        yield [stack.enter_context(progress(options)), *streams]


def _evaluate(
    stage: Stage, wanted: Asked, folder: Path, reporters: list[Reporter], options: argparse.Namespace
) -> Evaluation:
    from kaizen_eval.evals import evaluate  # noqa: PLC0415 - needed here alone
    from kaizen_eval.resilience.clock import virtual_time  # noqa: PLC0415 - as above

    with virtual_time() if stage.is_virtual else nullcontext():
        return evaluate(
            wanted.dataset,
            wanted.task,
            scorers=wanted.scorers,
            repeats=options.repeats,
            concurrency=options.concurrency,
            timeout=options.timeout,
            call_timeout=options.call_timeout,
            run_timeout=options.run_timeout,
            max_cost=options.max_cost,
            out=folder,
            resume=options.resume,
            shard=options.shard,
            seed=options.seed,
            reporters=reporters,
            labels=dict(options.label),
            facts=stage.facts,
            around=stage.around,
        )


def _told(folder: Path, stage: Stage, options: argparse.Namespace) -> int:
    found = finished(Log.open(folder), stage, held(folder, options), options)
    write_files(found, options)
    if not has_stdout(options):
        show_finished(found, options)
    return int(found.verdict.code)
