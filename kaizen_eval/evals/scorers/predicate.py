"""Predicate: a function of the user's says whether an answer will do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from dataclasses import field as _field
from typing import TYPE_CHECKING, Any, ClassVar

from kaizen_eval.errors import ConfigError
from kaizen_eval.evals.score import Score
from kaizen_eval.evals.scorers.given_names import Names, arguments, names_taken
from kaizen_eval.evals.scorers.settings import Settings
from kaizen_eval.evals.scorers.wording import shown
from kaizen_eval.named import named

if TYPE_CHECKING:
    from kaizen_eval.evals.answer import Answer
    from kaizen_eval.evals.case import Case

__all__ = ["Predicate"]

_FORMS = "return True or False, a number from 0 to 1, (value, reason), a Score, or None where nothing is to be judged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicate(Settings):
    """A function, plain or async, that takes by name what it needs of `case`, `inputs`, `expected`, `answer` and
    `outputs`; one parameter of another name takes the outputs. Of several turns, those of the last.

    It returns True or False, a number from 0 to 1, (value, reason), a Score, or None where nothing is to be judged.
    """

    kind: ClassVar[str] = "predicate"
    about: ClassVar[str] = "function"

    function: Callable[..., Any] | str
    """The function, or `module:name`."""
    _called: Callable[..., Any] = _field(init=False, repr=False, compare=False)
    _takes: Names = _field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        called = named(self.function) if isinstance(self.function, str) else self.function
        if not callable(called):
            raise ConfigError(f"function of predicate must be a function, or its module:name, not {called!r}.")
        object.__setattr__(self, "_called", called)
        object.__setattr__(self, "_takes", names_taken(called, f"The function of predicate, {self._said()},"))
        Settings.__post_init__(self)

    def usual_name(self) -> str:
        name = self.function.rpartition(":")[2] if isinstance(self.function, str) else self._said()
        return self.kind if name == "<lambda>" else name

    def _said(self) -> str:
        return getattr(self._called, "__name__", type(self._called).__name__)

    async def score(self, case: Case, answer: Answer, /) -> Score | None:
        said = self._called(*arguments(self._takes, case, answer))
        return self._score(await said if isinstance(said, Awaitable) else said, answer)

    def _score(self, said: Any, answer: Answer) -> Score | None:
        if said is None or isinstance(said, Score):
            return said
        if isinstance(said, tuple) and len(said) == 2 and isinstance(said[1], str):
            return Score(*said)
        if isinstance(said, int | float):
            return Score(
                said, "" if said == 1 else f"{self.usual_name()} says {said!r} of {shown(dict(answer.outputs))}"
            )
        raise TypeError(f"{self._said()} gave {said!r}: {_FORMS}")
