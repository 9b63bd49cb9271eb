"""Laws of whether what is told is true: by the journal, and in the log."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import Law, law
from kaizen_eval.conformance.laws.events.happenings import happenings
from kaizen_eval.conformance.laws.events.whole import by_run, named
from kaizen_eval.conformance.observation import Observation
from kaizen_eval.conformance.situation import Situation
from kaizen_eval.conformance.violation import require
from kaizen_eval.events import AttemptEnded, AttemptStarted, Event, RunEnded, RunStarted
from kaizen_eval.fake import Exchange
from kaizen_eval.messages import Usage

__all__ = ["LAWS"]

_SOURCE = "guide: What agent.run() Does, 7. Structured Logging; docs/agents.md: Logs and observers"


@law(
    "events.match-the-journal",
    "As many attempts are told as there were requests, with what each was billed, and the run's end has their sum.",
    source=_SOURCE,
    situations=happenings,
)
def _match_the_journal(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    told = by_run(seen)
    for run_id in told.keys() | {each.asker.run_id for each in seen.exchanges if each.asker.run_id is not None}:
        own = [each for each in seen.exchanges if each.asker.run_id == run_id]
        _as_many(named(seen, run_id), own, told.get(run_id, []), seen)
        _as_much(named(seen, run_id), own, told.get(run_id, []), seen)
    unowned = [each.number for each in seen.exchanges if each.asker.run_id is None]
    require(not unowned, f"Requests {unowned} stand in the journal, and are of no run.", seen)


def _as_many(run: str, own: Sequence[Exchange], events: Sequence[Event], seen: Observation) -> None:
    begun = sum(isinstance(event, AttemptStarted) for event in events)
    require(begun == len(own), f"Of {run} {begun} attempts were told; the journal has {len(own)} requests.", seen)
    failed = Counter(each.error for each in own if each.error not in {None, "CancelledError"})
    told = Counter(event.error for event in events if isinstance(event, AttemptEnded))
    text = f"Requests of {run} failed with {dict(failed)}; its attempts were told to end with {dict(told)}."
    require(failed <= told, text, seen)


def _as_much(run: str, own: Sequence[Exchange], events: Sequence[Event], seen: Observation) -> None:
    billed = Counter(each.usage for each in own if each.usage is not None)
    told = Counter(event.usage for event in events if isinstance(event, AttemptEnded) and event.usage is not None)
    text = f"Attempts of {run} were told to be billed {_listed(told)}; by the journal it was {_listed(billed)}."
    require(told == billed, text, seen)
    total = sum(billed.elements(), Usage())
    for event in events:
        if isinstance(event, RunEnded):
            text = f"The end of {run} tells of {event.attempts} attempts; the journal has {len(own)} requests."
            require(event.attempts == len(own), text, seen)
            text = f"The end of {run} tells of {event.usage}; by the journal it was {total}."
            require(event.usage == total, text, seen)


def _listed(usages: Counter[Usage]) -> str:
    return ", ".join(f"{usage.prompt} + {usage.completion}" for usage in usages.elements()) or "nothing"


_RUN_ID = re.compile(r"'run_id': '([^']+)'")
_ENDED = "'event': 'RunEnded'"
_NO_FAILURE = {None, "CancelledError"}


@law(
    "events.log",
    "What our loggers write names its run, and the end of each run stands there once: as an error where it failed.",
    source=_SOURCE,
    situations=happenings,
)
def _log(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation, log=True)
    begun = {event.run_id for event in seen.events if isinstance(event, RunStarted)}
    lines = [line for line in seen.log if line.startswith("kaizen_eval")]
    for line in lines:
        found = _RUN_ID.search(line)
        is_known = found is not None and found.group(1) in begun
        require(is_known or "'event': 'Metrics'" in line, f"The log has a record that is of no run: {line!r}.", seen)
    for event in seen.events:
        if isinstance(event, RunEnded):
            ends = [line for line in lines if _ENDED in line and event.run_id in line]
            require(len(ends) == 1, f"The log tells {len(ends)} times of the end of {named(seen, event.run_id)}.", seen)
            level, wanted = ends[0].split(" ", 2)[1], "INFO" if event.error in _NO_FAILURE else "ERROR"
            require(
                level == wanted, f"The end of {named(seen, event.run_id)} was logged as {level}; it is {wanted}.", seen
            )


LAWS: tuple[Law, ...] = (_match_the_journal, _log)
