"""The pass over all cases: what does not fit, which ids come twice, what the whole hashes to."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from kaizen_eval.errors import DatasetError
from kaizen_eval.evals.case import Case, Limits
from kaizen_eval.evals.dataset.case_maker import CaseMaker
from kaizen_eval.evals.dataset.fitting import Fitting
from kaizen_eval.evals.dataset.opened import Opened
from kaizen_eval.evals.dataset.problems import Problems
from kaizen_eval.evals.dataset.telling import given_id
from kaizen_eval.evals.dataset.written import Spot, Written

__all__ = ["Checked", "checked"]

_NO_LIMITS = Limits()
_MODULUS = 1 << 128
"""A sum does not depend on the order."""


class Checked(NamedTuple):
    digest: str
    bare: DatasetError | None
    """Why the cases cannot be used without a signature; None where they can."""
    total: int
    cases: list[Case]
    """All of them; none where they are not kept."""


def checked(opened: Opened, fitting: Fitting, problems: Problems, *, keep: bool) -> Checked:
    """What the pass found; with `keep`, the cases too.

    Raises:
        DatasetError: with all that is wrong.
    """
    maker = CaseMaker(fitting, problems)
    ids = _Ids()
    cases: list[Case] = []
    total = digest = 0
    for written in opened.written(problems):
        total += 1
        case = maker.case(written)
        identity = given_id(written.value) if case is None else case.id
        if identity:
            ids.add(identity)
        if case is not None:
            digest = (digest + _digest(case, written, problems)) % _MODULUS
            if keep:
                cases.append(case)
    if ids.repeated:
        _tell_repeated(opened, fitting, ids.repeated, problems)
    if not total and not len(problems):
        problems.add(Spot(), "there is no case in it.")
    problems.raise_any()
    return Checked(f"{digest:032x}", maker.bare, total, cases)


class _Ids:
    """Which ids there were, by their hashes: 100,000 texts would take more room than all else."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self.repeated: set[str] = set()

    def add(self, identity: str) -> None:
        number = hash(identity)
        if number in self._seen:
            self.repeated.add(identity)
        self._seen.add(number)


def _tell_repeated(opened: Opened, fitting: Fitting, repeated: set[str], problems: Problems) -> None:
    """Two ids may have one hash: whether they are the same is seen only now."""
    known = Problems(problems.name)
    maker = CaseMaker(fitting, known, checks=False)
    first: dict[str, Spot] = {}
    for written in opened.written(known):
        case = maker.case(written)
        own = given_id(written.value)
        identity = own if case is None else case.id
        if identity in first:
            problems.add(written.spot, _repeated(identity, problems.named(first[identity]), is_own=bool(own)))
        elif identity in repeated:
            first[identity] = written.spot


def _repeated(identity: str, where: str, *, is_own: bool) -> str:
    if is_own:
        return f"the id {identity!r} is taken: {where} has it. Each case has an id of its own."
    return f"this case asks and expects the same as {where}. Leave one out, or give each an id of its own."


def _digest(case: Case, written: Written, problems: Problems) -> int:
    limits = "" if case.limits == _NO_LIMITS else repr(case.limits)
    try:
        text = f"{case.id}\0{case.content}\0{limits}"
    except DatasetError as error:  # a value of Python's that has no JSON form
        problems.add(written.spot, str(error))
        return 0
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest())
