"""Puts the parts of an evaluation together that several machines have done."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from os import PathLike
from typing import Any

from kaizen_eval.errors import CasesMissing, Incomparable, LogCorrupt, UsageError
from kaizen_eval.evals.case import Case
from kaizen_eval.evals.happening import Ended
from kaizen_eval.evals.log import Log, LogWriter
from kaizen_eval.evals.log.likeness import differences
from kaizen_eval.evals.manifest import Manifest
from kaizen_eval.evals.shard import Shard

__all__ = ["merged"]


def merged(folders: Sequence[str | PathLike[str]], *, out: str | PathLike[str]) -> Log:
    """One evaluation of the whole dataset, in a folder of its own, from those of all its parts.

    Raises:
        UsageError: one is no part of a dataset, or a part is there twice.
        Incomparable: they are parts of unlike evaluations; the message says what differs.
        CasesMissing: a part is not there, or is not complete.
        EvaluationError: a folder cannot be read, or `out` cannot be written.
        EvaluationExists: `out` holds an evaluation already.
    """
    logs = [Log.open(folder) for folder in folders]
    if not logs:
        raise UsageError("There is nothing to put together: name the folders of all parts.")
    _check_alike(logs)
    parts = _in_order(logs)
    for log in parts:
        log.check()
    manifest = _whole(parts)
    writer = LogWriter.create(out, manifest, _cases(parts))
    try:
        for log in parts:
            for record in log.records():
                writer.write(record)
        writer.end(_ended(parts))
    finally:
        writer.close()
    return Log.open(out)


def _check_alike(logs: Sequence[Log]) -> None:
    first, *others = logs
    for log in others:
        if found := differences(first.manifest, log.manifest, but=("shard",)):
            told = "".join(f"\n  {name}: {here!r} → {there!r}" for name, here, there in found)
            raise Incomparable(
                f"{str(first.folder)!r} and {str(log.folder)!r} are parts of unlike evaluations:{told}\n"
                "Evaluate the same with the same on each machine."
            )


def _in_order(logs: Sequence[Log]) -> list[Log]:
    """By the number of the part; each is there once."""
    parts: dict[Shard, Log] = {}
    for log in logs:
        shard = _shard(log)
        if shard in parts:
            raise UsageError(
                f"Part {shard} is there twice, in {str(parts[shard].folder)!r} and in {str(log.folder)!r}: name one."
            )
        parts[shard] = log
    _check_whole(parts)
    return [parts[shard] for shard in sorted(parts, key=lambda shard: shard.number)]


def _check_whole(parts: Mapping[Shard, Log]) -> None:
    total, *others = {shard.of for shard in parts}
    if others:
        told = ", ".join(f"{shard} in {str(log.folder)!r}" for shard, log in parts.items())
        raise Incomparable(f"Parts of different divisions: {told}. Divide by the same number on each machine.")
    absent = [shard for number in range(1, total + 1) if (shard := Shard(number, total)) not in parts]
    if absent:
        raise CasesMissing(
            f"The evaluation has {total} parts, and of {', '.join(map(str, absent))} there is nothing: the cases in it "
            "would be missing. Evaluate it (--shard), and name the folders of all parts.",
            missing=tuple(map(str, absent)),
        )


def _shard(log: Log) -> Shard:
    if log.manifest.shard is None:
        raise UsageError(
            f"{str(log.folder)!r} holds a whole evaluation, and no part of one: parts are made with --shard 1/4."
        )
    return Shard.parse(log.manifest.shard)


def _cases(parts: Sequence[Log]) -> Iterator[Case]:
    for log in parts:
        shard = _shard(log)
        for case in log.cases():
            if not shard.holds(case.id):
                raise LogCorrupt(
                    f"{str(log.folder)!r} is said to be part {shard}, and the case {case.id!r} is not in that part.",
                    path=str(log.folder),
                )
            yield case


def _whole(parts: Sequence[Log]) -> Manifest:
    """Its id follows from those of its parts: merged again, it is the same."""
    manifests = [log.manifest for log in parts]
    created = min(manifest.created for manifest in manifests)
    identity = hashlib.sha256(" ".join(manifest.id for manifest in manifests).encode()).hexdigest()[:6]
    return replace(
        manifests[0],
        id=f"{datetime.fromisoformat(created):%Y%m%d-%H%M%S}-{identity}",
        created=created,
        shard=None,
        settings=_shared([manifest.settings for manifest in manifests]),
        labels=_shared([manifest.labels for manifest in manifests]),
    )


def _shared(mappings: Sequence[Any]) -> dict[str, Any]:
    """What all say alike."""
    first, *others = mappings
    return {name: value for name, value in first.items() if all(other.get(name) == value for other in others)}


def _ended(parts: Sequence[Log]) -> Ended:
    """Side by side they took as long as the longest."""
    endings = [log.ended for log in parts if log.ended is not None]
    costs = [ended.cost for ended in endings]
    known = [cost for cost in costs if cost is not None]
    return Ended(
        planned=sum(log.ledger.planned for log in parts),
        done=sum(log.ledger.done for log in parts),
        seconds=max((ended.seconds for ended in endings), default=0.0),
        cost=sum(known, Decimal(0)) if len(known) == len(parts) else None,
    )
