"""What is said when a cassette is closed, or cannot be opened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from shlex import quote
from typing import NamedTuple

from kaizen_eval.recording.comparison import Difference
from kaizen_eval.recording.conversation import last_words
from kaizen_eval.recording.exchange import Exchange

__all__ = [
    "CassetteWarning",
    "Drift",
    "Found",
    "drifted",
    "empty",
    "left_over",
    "lost",
    "masked",
    "missing",
    "recover_command",
    "rejected",
    "replaced",
    "reworded",
    "secrets",
    "slots_of",
    "stale",
    "still_partial",
    "unfinished",
    "unmet",
    "unused",
]

_TOLD = 10
"""Exchanges of which a message tells more than the number."""


class CassetteWarning(UserWarning):
    """Something about a cassette that whoever runs the tests should know, and that fails none of them."""


class Drift(NamedTuple):
    """An exchange whose answer is another one now."""

    exchange: Exchange
    differences: tuple[Difference, ...]


class Found(NamedTuple):
    """A secret that redaction has left."""

    exchange: Exchange
    where: str
    kind: str


def missing(path: Path, command: str) -> str:
    return f"There is no cassette {path}, so nothing can be replayed. Record it: {command}"


def unused(path: Path, left: Sequence[Exchange], *, among: Sequence[Exchange]) -> str:
    """Which exchanges nobody asked for, and how to be rid of them."""
    what = (
        "Either the code no longer asks what it asked when this was recorded, or these are not needed: take them out "
        f"with {_prune(path, left, among)}; or set unused='warn' or 'ignore'."
    )
    return "\n".join(
        [
            f"{len(left)} of the {len(among)} exchanges in {path} were not asked for:",
            *_some([_named(exchange) for exchange in left]),
            what,
        ]
    )


def unmet(path: Path, slots: Sequence[str]) -> str:
    """Of which exchanges more was to go wrong than did."""
    return (
        f"More was to go wrong with exchange {', '.join(slots)} of {path} than did: nobody asked for it as often as "
        "`faults` has faults for it. Let the code try again, or leave faults out."
    )


def empty(path: Path) -> str:
    """That a cassette was recorded, and nothing came."""
    return (
        f"{path} was recorded, and is empty: no request came. If there were any, their client is none that "
        "use_cassette knows, or was connected already; or they were made in a task that the block has not begun."
    )


def replaced(path: Path, count: int) -> str:
    """That one use of a cassette records over what it recorded before."""
    what = "1 request that is" if count == 1 else f"{count} requests that are"
    return (
        f"{path} was recorded before by the same use_cassette, with {what} no longer in it: each block, and each call "
        "of a decorated function, replaces the whole file. Give each a cassette of its own, as the fixture "
        "kaizen_cassette does for tests with parameters; or record with mode='record-missing' and unused='ignore'."
    )


def unfinished(path: Path, left: Sequence[Exchange]) -> str:
    """Which exchanges were under way when the cassette was closed."""
    lines = _some([_named(exchange) for exchange in left])
    what = "Kept as far as they came, as if the client had left. Close the cassette when all requests are answered."
    how_many = "1 exchange" if len(left) == 1 else f"{len(left)} exchanges"
    was = "was" if len(left) == 1 else "were"
    return "\n".join([f"{how_many} in {path} {was} not over when it was closed:", *lines, what])


def stale(path: Path, recorded_at: datetime, now: datetime, max_age: timedelta, command: str) -> str | None:
    """None where it is young enough."""
    age = now - recorded_at
    if age <= max_age:
        return None
    return (
        f"The cassette {path} is {_days(age)} old, recorded at {recorded_at:%Y-%m-%d}; it may be {_days(max_age)} old. "
        f"Record it anew: {command}"
    )


def drifted(path: Path, drifts: Sequence[Drift], *, of: int, command: str) -> str:
    """What the real service answers otherwise, by field."""
    return "\n".join(
        [
            f"{len(drifts)} of the {of} exchanges of {path} that were verified are answered otherwise now:",
            *_some([_drift(one) for one in drifts]),
            f"If the code can do with that, record it anew: {command}",
        ]
    )


def reworded(path: Path, drifts: Sequence[Drift]) -> str:
    """What differs in words alone, as models' answers do."""
    return "\n".join(
        [
            f"{path}: {len(drifts)} answers have other words now, and the same shape:",
            *_some([_drift(one) for one in drifts]),
        ]
    )


def _drift(one: Drift) -> str:
    fields = "; ".join(f"{found.path}: {found.recorded} -> {found.asked}" for found in one.differences[:_TOLD])
    more = f"; and {len(one.differences) - _TOLD} more" if len(one.differences) > _TOLD else ""
    return f"{_named(one.exchange)}: {fields}{more}"


def secrets(path: Path, found: Sequence[Found], kept: Path | None) -> str:
    """Where secrets are; never which."""
    lines = [f"{_place(one.exchange)}, {one.where}: {one.kind}" for one in found]
    return "\n".join(
        [
            f"{path} was not written: what was recorded still holds secrets.",
            *_some(lines),
            *([rejected(kept)] if kept else []),
            "Name what is secret in `redact` (names, or regular expressions in slashes), and record again.",
        ]
    )


def lost(path: Path, slot: int, error: Exception, kept: Path | None) -> str:
    """That an answer came and was not understood well enough to be kept; `kept` is where the others are."""
    others = f" {rejected(kept)}" if kept else ""
    return f"What came in slot {slot} of {path} cannot be kept: {error!r}.{others}"


def masked(path: Path, found: Sequence[Found]) -> str:
    """Which parts of a file were not recovered."""
    lines = [f"{_place(one.exchange)}, {one.where}: {one.kind}" for one in found]
    return "\n".join([f"What {path} held of secrets is masked in the cassette:", *_some(lines)])


def rejected(kept: Path) -> str:
    return f"What was recorded is kept, masked, in {kept}. To make it the cassette: {recover_command(kept)}"


def still_partial(partial: Path, error: Exception | None) -> str:
    """Where the exchanges are when nothing else could be written."""
    but = f"; not all of them, for it could not be written to: {error}" if error else ""
    return f"The exchanges are in {partial}{but}. To make them a cassette: {recover_command(partial)}"


def left_over(moved: Path) -> str:
    return (
        f"A recording of this cassette did not come to its end; what it left is now {moved}. "
        f"To make it the cassette: {recover_command(moved)}; else remove it."
    )


def recover_command(path: Path) -> str:
    return f"kaizen-eval cassettes recover {quote(str(path))}"


def slots_of(exchanges: Iterable[Exchange]) -> str:
    """`1,3-5`, for command lines."""
    slots = sorted(exchange.slot for exchange in exchanges)
    runs = [
        [slot for _, slot in run]
        for _, run in groupby(enumerate(slots), key=lambda numbered: numbered[1] - numbered[0])
    ]
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _some(lines: Sequence[str]) -> Iterator[str]:
    yield from (f"  - {line}" for line in lines[:_TOLD])
    if len(lines) > _TOLD:
        yield f"  and {len(lines) - _TOLD} more."


def _named(exchange: Exchange) -> str:
    words = last_words(exchange)
    said = f": {words!r}" if words else ""
    return f"{_place(exchange)}, {exchange.request.method} {exchange.request.path}{said}"


def _place(exchange: Exchange) -> str:
    return f"slot {exchange.slot} of lane {exchange.lane!r}" if exchange.lane else f"slot {exchange.slot}"


def _prune(path: Path, left: Sequence[Exchange], among: Sequence[Exchange]) -> str:
    """One command for each lane."""
    has_lanes = any(exchange.lane for exchange in among)
    command = f"kaizen-eval cassettes prune {quote(str(path))}"
    return " && ".join(
        f"{command}{f' --lane {quote(lane)}' if has_lanes else ''} --slots {slots_of(of_lane)}"
        for lane, of_lane in groupby(left, key=lambda exchange: exchange.lane)
    )


def _days(age: timedelta) -> str:
    days, hours = age.days, age.seconds // 3600
    return f"{days} days" if days >= 2 else f"{24 * days + hours} hours"
