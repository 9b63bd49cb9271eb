"""One pass over all cases: whether each fits, whether their ids differ, and what they hash to."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from kaizen_eval.errors import DatasetError
from kaizen_eval.evals.case import Case
from kaizen_eval.evals.dataset.fitting import Fitting
from kaizen_eval.evals.dataset.grammar import CaseMaker
from kaizen_eval.evals.dataset.problems import Problems
from kaizen_eval.evals.dataset.sources import Source
from kaizen_eval.evals.dataset.written import Spot, Written

__all__ = ["Checked", "checked"]

_MODULUS = 1 << 128


class Checked(NamedTuple):
    count: int
    hash: str
    bare: DatasetError | None
    """Why the cases cannot be used without a signature; None where they can."""
    cases: list[Case]
    """All of them; none where the source reads them again."""


def checked(source: Source, fitting: Fitting) -> Checked:
    """What the pass found.

    Raises:
        DatasetError: with all that is wrong.
    """
    problems = Problems(source.path or source.name, path=source.path)
    maker = CaseMaker(fitting, problems)
    ids = _Ids()
    kept: list[Case] = []
    count = total = 0
    for written in source.written(problems):
        count += 1
        case = maker.case(written)
        if case is not None:
            ids.add(case.id, written.spot)
            total = (total + _digest(case)) % _MODULUS
            if not source.is_lazy:
                kept.append(case)
    if ids.repeated:
        _tell_repeated(source, maker, ids, problems)
    if not count and not len(problems):
        problems.add(Spot(), "there is no case in it.")
    problems.raise_any()
    return Checked(count, f"{total:032x}", maker.bare, kept)


class _Ids:
    """Which ids there were: their hashes, as 100,000 texts would take more room than all else."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self.repeated: dict[str, list[Spot]] = {}
        """Ids that come again, with where they do."""

    def add(self, identity: str, spot: Spot) -> None:
        number = hash(identity)
        if number in self._seen:
            self.repeated.setdefault(identity, []).append(spot)
        self._seen.add(number)


def _tell_repeated(source: Source, maker: CaseMaker, ids: _Ids, problems: Problems) -> None:
    silent = Problems("")
    first: dict[str, Spot] = {}
    again = CaseMaker(maker.fitting, silent, checks=False)
    for written in source.written(silent):
        case = again.case(written)
        if case is not None and case.id in ids.repeated:
            if case.id in first:
                problems.add(written.spot, _repeated(source, written, case.id, first[case.id]))
            else:
                first[case.id] = written.spot


def _repeated(source: Source, written: Written, identity: str, first: Spot) -> str:
    where = f"line {first.line}" if source.path else f"case {first.line}"
    if _has_id(written):
        return f"the id {identity!r} is taken: {where} has it. Each case has an id of its own."
    return f"this case is the same as that in {where}. Leave one of them out, or give each an id of its own."


def _has_id(written: Written) -> bool:
    value = written.value
    return isinstance(value, Case) or bool(value.get("id"))


def _digest(case: Case) -> int:
    said = "\0".join((case.id, case.content, repr(case.limits)))
    return int.from_bytes(hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).digest())
