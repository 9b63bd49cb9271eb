"""What an evaluation can be told, beside what it asks of whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from os import PathLike

    from kaizen_eval.evals.happening import Reporter
    from kaizen_eval.evals.running.executor import Executor
    from kaizen_eval.evals.running.stop_signal import StopSignal
    from kaizen_eval.evals.shard import Shard
    from kaizen_eval.evals.trial import Trial

__all__ = ["Options"]


class Options(TypedDict, total=False):
    """Each may be left out."""

    scorers: Iterable[Any] | None
    """Scorers, or their names as a dataset file writes them; the dataset's own, else exact match."""
    repeats: int
    """Trials of each case; 1."""
    concurrency: int
    """Trials at a time; 10."""
    timeout: float | None
    """Seconds for one trial; its scorers get as many again."""
    call_timeout: float | None
    """Seconds for one run of the task: one turn of a case."""
    run_timeout: float | None
    """Seconds for the whole evaluation; what is in flight then is cancelled, and has no record."""
    max_cost: Decimal | float | str | None
    """USD. Once as much is spent, nothing is begun any more; what is in flight ends, and costs what it costs. A trial
    whose cost nobody knows stops the evaluation as well.
    """
    out: str | PathLike[str] | None
    """A folder for the log. Without one, records are kept in memory alone."""
    resume: bool
    """Go on with what is in that folder: trials that have a record are not run again. Where there is none, begin."""
    shard: Shard | str | None
    """"2/4": only the cases of the second of four parts."""
    seed: int
    """Of what is drawn by lot: another seed is another try of the same. 0."""
    reporters: Iterable[Reporter]
    labels: Mapping[str, str] | None
    """What is to be said of it, such as a commit."""
    exchanges: bool
    """Whether all that is said to models and by them goes into the log; True."""
    facts: Mapping[str, Any] | None
    """Fields of the manifest that only the caller knows: `cassette_hash`, `is_deterministic`, another name of the task.
    """
    around: Callable[[Trial], AbstractContextManager[object]] | None
    """What each trial is asked and judged in, such as a lane of a cassette."""
    executor: Executor | None
    """What carries trials out; in this process unless given."""
    stop: StopSignal | None
    """By which others can stop it."""
