"""What may stand in a case, and the Case that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kaizen_eval.errors import DatasetError
from kaizen_eval.evals.case import Case, CaseTurn, Limits
from kaizen_eval.evals.dataset.fitting import Fitting
from kaizen_eval.evals.dataset.problems import Problems
from kaizen_eval.evals.dataset.written import Path, Written
from kaizen_eval.suggestion import suggestion

__all__ = ["CASE_KEYS", "LIMIT_KEYS", "CaseMaker", "given_id"]

CASE_KEYS = dict.fromkeys(("id", "inputs", "expected", "turns", "tags", "cluster", "limits"))
"""Names in their order, of which a set is made at no cost."""
_TURN_KEYS = dict.fromkeys(("inputs", "expected"))
LIMIT_KEYS = dict.fromkeys(("attempts", "tokens", "cost", "seconds"))
_NO_LIMITS = Limits()
_LONGEST = 60


class CaseMaker:
    """Makes cases of what is written, one after the other; what is wrong becomes a problem.

    Args:
        checks: whether values are held against the signature too, which need not be done twice.
    """

    def __init__(self, fitting: Fitting, problems: Problems, *, checks: bool = True) -> None:
        self.fitting = fitting
        self._problems = problems
        self._checks = checks
        self.bare: DatasetError | None = None
        """The first expected value that stands alone where no signature says what it means."""

    def case(self, written: Written) -> Case | None:
        """The case; None where something is wrong with it."""
        before = len(self._problems)
        value = written.value
        if isinstance(value, Case):
            return self._checked(written, value)
        if not self._is_object(written, (), value, "a case", CASE_KEYS):
            return None
        parts: dict[str, Any] = {}
        if value.get("id") is not None:
            parts["id"] = self._word(written, "id", value["id"])
        if value.get("tags"):
            parts["tags"] = self._tags(written, value["tags"])
        if value.get("cluster") is not None:
            parts["cluster"] = self._word(written, "cluster", value["cluster"])
        if value.get("limits"):
            parts["limits"] = self._limits(written, value["limits"])
        if "turns" in value:
            parts["turns"] = self._turns(written, value)
        else:
            turn = self._turn(written, (), value)
            if turn is None:
                return None
            parts["inputs"], parts["expected"] = turn.inputs, turn.expected
        return self._made(written, parts) if len(self._problems) == before else None

    def _made(self, written: Written, parts: Mapping[str, Any]) -> Case | None:
        if None in parts.get("turns", ()):
            return None
        try:
            return Case(**parts)
        except DatasetError as error:  # a value of Python's that has no JSON form
            self._add(written, (), str(error))
            return None

    def _checked(self, written: Written, case: Case) -> Case | None:
        """A case that was made in Python."""
        before = len(self._problems)
        turns = []
        for number, turn in enumerate(case.asked):
            path = ("turns", number) if case.turns else ()
            turns.append(self._turn(written, path, {"inputs": turn.inputs, "expected": turn.expected}))
        if len(self._problems) > before or None in turns:
            return None
        return case if case.turns or turns[0] is None else replace(case, expected=turns[0].expected)

    def _turns(self, written: Written, value: Mapping[str, Any]) -> tuple[CaseTurn | None, ...]:
        turns = value["turns"]
        for name in _TURN_KEYS:
            if name in value:
                self._add(written, (name,), f"a case has {name!r} or 'turns', not both; each turn has its own.")
        if not isinstance(turns, list) or not turns:
            self._add(written, ("turns",), f"turns are a list of {{inputs: …, expected: …}}, not {_shown(turns)}.")
            return ()
        made = []
        for number, turn in enumerate(turns):
            if self._is_object(written, ("turns", number), turn, "a turn", _TURN_KEYS):
                made.append(self._turn(written, ("turns", number), turn))
        return tuple(made)

    def _turn(self, written: Written, path: Path, value: Mapping[str, Any]) -> CaseTurn | None:
        what = "a turn" if path else "a case"
        if "inputs" not in value:
            self._add(written, path, f"{what} needs 'inputs'{'' if path else ' (or turns)'}.")
            return None
        inputs, expected = value["inputs"], value.get("expected")
        if not _is_named(inputs):
            self._add(
                written, (*path, "inputs"), f"inputs are values by name, {self._example()}, not {_shown(inputs)}."
            )
            return None
        if expected is not None:
            named = self.fitting.by_field(expected)
            if named is None:
                self._tell_bare(written, (*path, "expected"), expected)
                return None
            expected = named
        if self._checks:
            for misfit in self.fitting.misfits(inputs, expected):
                self._add(written, (*path, *misfit.path), misfit.said)
        return CaseTurn(inputs=inputs, expected=expected)

    def _tell_bare(self, written: Written, path: Path, expected: Any) -> None:
        """With a signature that is a mistake; without, one may still come."""
        if self.fitting.signature is not None:
            self._add(written, path, self.fitting.unnamed(expected))
        elif self.bare is None:
            self.bare = self._problems.alone(written.at(*path), self.fitting.unnamed(expected))

    def _example(self) -> str:
        signature = self.fitting.signature
        name = "question" if signature is None else next(iter(signature.input_fields), "question")
        return f"such as {{{name}: …}}"

    def _word(self, written: Written, name: str, value: Any) -> str:
        """A text in one line; a whole number is taken for one."""
        text = str(value) if type(value) is int else value
        if not isinstance(text, str) or not text.strip() or not text.isprintable():
            self._add(written, (name,), f"{name} is a text in one line, not {_shown(value)}.")
            return ""
        return text

    def _tags(self, written: Written, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(tag, str) and tag.strip() for tag in value):
            self._add(written, ("tags",), f"tags are a list of texts, such as [easy, geography], not {_shown(value)}.")
            return ()
        return tuple(dict.fromkeys(value))

    def _limits(self, written: Written, value: Any) -> Limits:
        if not self._is_object(written, ("limits",), value, "limits", LIMIT_KEYS):
            return _NO_LIMITS
        before = len(self._problems)
        for name, limit in value.items():
            try:
                Limits(**{name: limit})
            except DatasetError as error:
                self._add(written, ("limits", name), str(error))
        return Limits(**value) if len(self._problems) == before else _NO_LIMITS

    def _is_object(self, written: Written, path: Path, value: Any, what: str, known: dict[str, None]) -> bool:
        if not isinstance(value, Mapping):
            self._add(written, path, f"{what} is an object with {', '.join(known)}, not {_shown(value)}.")
            return False
        if value.keys() <= known.keys():
            return True
        for name in (name for name in value if name not in known):
            near = suggestion(str(name), known)
            self._add(written, (*path, name), f"{what} has no {name!r}{near} It takes: {', '.join(known)}.")
        return False

    def _add(self, written: Written, path: Path, what: str) -> None:
        identity = given_id(written.value)
        case = f"case {identity[:_LONGEST]!r}: " if identity else ""
        turn = f"turn {path[1] + 1}: " if path[:1] == ("turns",) and len(path) > 1 else ""  # type: ignore[operator]  # the step after "turns" is a number
        self._problems.add(written.at(*path), f"{case}{turn}{what}")


def given_id(value: Any) -> str:
    """The id that is written in a case; empty where none is."""
    if isinstance(value, Case):
        return value.id
    given = value.get("id") if isinstance(value, Mapping) else None
    return str(given) if isinstance(given, str | int) else ""


def _is_named(inputs: Any) -> bool:
    return isinstance(inputs, Mapping) and bool(inputs) and all(isinstance(name, str) for name in inputs)


def _shown(value: Any) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
