"""Makes a case of what is written, or says why it is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kaizen_eval.errors import DatasetError
from kaizen_eval.evals.case import Case, CaseTurn
from kaizen_eval.evals.dataset.case_parts import CASE_KEYS, TURN_KEYS, limits, scorers, tags, tell_unknown, word
from kaizen_eval.evals.dataset.fitting import Fitting
from kaizen_eval.evals.dataset.problems import Problems
from kaizen_eval.evals.dataset.telling import Telling, shown
from kaizen_eval.evals.dataset.written import Path, Written

__all__ = ["CaseMaker"]


class CaseMaker:
    """Makes cases of what is written, one after the other; what is wrong becomes a problem.

    Args:
        checks: whether values are held against the signature too, which need not be done twice.
    """

    def __init__(self, fitting: Fitting, problems: Problems, *, checks: bool = True) -> None:
        self._fitting = fitting
        self._problems = problems
        self._checks = checks
        self.bare: DatasetError | None = None
        """The first expected value that stands alone where no signature says what it means."""

    def case(self, written: Written) -> Case | None:
        """The case; None where something is wrong with it, or its expected value is bare."""
        before = len(self._problems)
        value = written.value
        tell = Telling(written, self._problems)
        if isinstance(value, Case):
            case = self._typed(tell, written, value)
        elif isinstance(value, Mapping):
            case = self._made(tell, written, value)
        else:
            tell((), f"a case is an object with {', '.join(CASE_KEYS)}, not {shown(value)}.")
            return None
        return case if len(self._problems) == before else None

    def _made(self, tell: Telling, written: Written, value: Mapping[str, Any]) -> Case | None:
        meant = tell_unknown(tell, (), value, "a case has", CASE_KEYS)
        parts = _parts_of(tell, value, self._fitting)
        if "turns" in value:
            turns = self._turns(tell, written, value)
            parts["turns"] = turns
        elif "inputs" in value:
            turns = [self._turn(tell, written, (), value)]
            if turns[0] is not None:
                parts["inputs"], parts["expected"] = turns[0].inputs, turns[0].expected
        else:
            if not {"inputs", "turns"} & meant:
                tell((), "a case needs 'inputs', or 'turns'.")
            return None
        return None if None in turns or not turns else _case(tell, parts)

    def _turns(self, tell: Telling, written: Written, value: Mapping[str, Any]) -> list[CaseTurn | None]:
        turns = value["turns"]
        for name in TURN_KEYS:
            if name in value:
                tell((name,), f"a case has {name!r} or 'turns', not both; each turn has its own.")
        if not isinstance(turns, list) or not turns:
            tell(("turns",), f"turns are a list of {{inputs: …, expected: …}}, not {shown(turns)}.")
            return []
        return [self._one_of(tell, written, ("turns", number), turn) for number, turn in enumerate(turns)]

    def _one_of(self, tell: Telling, written: Written, path: Path, turn: Any) -> CaseTurn | None:
        if not isinstance(turn, Mapping):
            tell(path, f"a turn is an object with {', '.join(TURN_KEYS)}, not {shown(turn)}.")
            return None
        meant = tell_unknown(tell, path, turn, "a turn has", TURN_KEYS)
        if "inputs" not in turn:
            if "inputs" not in meant:
                tell(path, "a turn needs 'inputs'.")
            return None
        return self._turn(tell, written, path, turn)

    def _turn(self, tell: Telling, written: Written, path: Path, value: Mapping[str, Any]) -> CaseTurn | None:
        inputs, expected = value["inputs"], value.get("expected")
        if not isinstance(inputs, Mapping) or not all(isinstance(name, str) for name in inputs):
            tell((*path, "inputs"), f"inputs are values by name, {self._example()}, not {shown(inputs)}.")
            return None
        if expected is not None:
            named = self._fitting.by_field(expected)
            if named is None:
                self._tell_bare(tell, written, (*path, "expected"), expected)
                return None
            expected = named
        if self._checks:
            for misfit in self._fitting.misfits(inputs, expected):
                tell((*path, *misfit.path), misfit.said)
        return CaseTurn(inputs=inputs, expected=expected)

    def _tell_bare(self, tell: Telling, written: Written, path: Path, expected: Any) -> None:
        """With a signature that is a mistake; without, one may still come."""
        if self._fitting.signature is not None:
            tell(path, self._fitting.unnamed(expected))
        elif self.bare is None:
            self.bare = self._problems.alone(written.at(*path), self._fitting.unnamed(expected))

    def _example(self) -> str:
        signature = self._fitting.signature
        name = "question" if signature is None else next(iter(signature.input_fields), "question")
        return f"such as {{{name}: …}}"

    def _typed(self, tell: Telling, written: Written, case: Case) -> Case | None:
        """A case that was made in Python."""
        turns = [
            self._turn(tell, written, ("turns", number) if case.turns else (), _content(turn))
            for number, turn in enumerate(case.asked)
        ]
        told = tuple(turn for turn in turns if turn is not None)
        own = scorers(tell, case.scorers, self._fitting) if case.scorers else ()
        if len(told) < len(turns):
            return None
        return case if told == case.asked and not own else _with(case, told, own)


def _with(case: Case, turns: tuple[CaseTurn, ...], own: tuple[Any, ...]) -> Case:
    """The case with what is expected by field, its scorers made; an id that was made of the content is made again."""
    identity = "" if replace(case, id="").id == case.id else case.id
    if case.turns:
        return replace(case, turns=turns, scorers=own, id=identity)
    return replace(case, expected=turns[0].expected, scorers=own, id=identity)


def _parts_of(tell: Telling, value: Mapping[str, Any], fitting: Fitting) -> dict[str, Any]:
    """What is said beside what is asked; what is empty is not said."""
    parts: dict[str, Any] = {}
    if value.get("id") is not None:
        parts["id"] = word(tell, "id", value["id"])
    if value.get("tags") is not None:
        parts["tags"] = tags(tell, value["tags"])
    if value.get("cluster") is not None:
        parts["cluster"] = word(tell, "cluster", value["cluster"])
    if value.get("limits") is not None:
        parts["limits"] = limits(tell, value["limits"])
    if value.get("scorers") is not None:
        parts["scorers"] = scorers(tell, value["scorers"], fitting)
    return parts


def _content(turn: CaseTurn) -> Mapping[str, Any]:
    return {"inputs": turn.inputs, "expected": turn.expected}


def _case(tell: Telling, parts: Mapping[str, Any]) -> Case | None:
    try:
        return Case(**parts)
    except DatasetError as error:  # a value of Python's that has no JSON form
        tell((), str(error))
        return None
