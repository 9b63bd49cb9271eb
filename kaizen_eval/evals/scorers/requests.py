"""Request contains: what the model was asked, which answers alone do not tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from kaizen_eval.checks import optional, text_or_none
from kaizen_eval.errors import CannotJudge, ConfigError
from kaizen_eval.evals.score import Score
from kaizen_eval.evals.scorers.compared import RIGHT, Mark, mean
from kaizen_eval.evals.scorers.normal import Ignored, checked_ignored, normal
from kaizen_eval.evals.scorers.settings import Settings
from kaizen_eval.evals.scorers.texts import text_of, wanted_texts
from kaizen_eval.evals.scorers.wording import shown, together

if TYPE_CHECKING:
    from kaizen_eval.evals.answer import Answer, AnsweredTurn
    from kaizen_eval.evals.case import Case, CaseTurn

__all__ = ["RequestContains"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestContains(Settings):
    """The share of the wanted texts that stand in a request of the turn, whatever its role; the mean over turns."""

    kind: ClassVar[str] = "request_contains"
    about: ClassVar[str] = "text"

    text: str | Sequence[str] | None = None
    """One or several, wanted of each turn."""
    input: str | None = None
    """The field whose value is wanted, of each turn that has it: that the question reaches the prompt."""
    role: str | None = None
    """Of which messages alone: system, user, assistant, tool."""
    ignore: Sequence[Ignored] = ()

    def __post_init__(self) -> None:
        optional(text_or_none, f"input of {self.kind}", self.input)
        optional(text_or_none, f"role of {self.kind}", self.role)
        if self.text is None and self.input is None:
            raise ConfigError("request_contains needs a text, or input, the field whose value is looked for.")
        if self.text is not None:
            object.__setattr__(self, "text", wanted_texts(self.kind, self.text))
        object.__setattr__(self, "ignore", checked_ignored(self.kind, self.ignore))
        Settings.__post_init__(self)

    async def score(self, case: Case, answer: Answer, /) -> Score | None:
        marks = []
        for place, (asked, answered) in enumerate(zip(case.asked, answer.turns, strict=False)):
            mark = self._mark(asked, answered)
            if mark is not None:
                of_turn = f" of turn {place + 1}" if case.turns and mark.reason else ""
                marks.append(Mark(mark.value, mark.reason + of_turn))
        return mean(marks)

    def _mark(self, asked: CaseTurn, answered: AnsweredTurn) -> Mark | None:
        """None where nothing is wanted of this turn."""
        texts = list(self._wanted(asked))
        if not texts:
            return None
        requests = [self._said(attempt.messages) for attempt in answered.attempts if attempt.messages]
        if not requests:
            raise CannotJudge("request_contains: no request was kept of this trial, so nothing is known of it")
        missing = [text for text in texts if not any(self._form(text) in request for request in requests)]
        if not missing:
            return RIGHT
        message = f"no {self.role} message" if self.role else "no message"
        asked_in = "the request" if len(requests) == 1 else f"the {len(requests)} requests"
        reason = f"{together(list(map(shown, missing)))} is in {message} of {asked_in}"
        return Mark(1 - len(missing) / len(texts), reason)

    def _wanted(self, asked: CaseTurn) -> Iterable[str]:
        yield from self.text or ()
        if self.input is not None and self.input in asked.inputs:
            yield text_of(asked.inputs[self.input])

    def _said(self, messages: Sequence[Mapping[str, Any]]) -> str:
        said = [message for message in messages if self.role is None or message.get("role") == self.role]
        return self._form("\n".join(_content(message.get("content")) for message in said))

    def _form(self, text: str) -> str:
        return normal(text, self.ignore) if self.ignore else text


def _content(content: Any) -> str:
    """A text, or the texts among the parts of a message."""
    if isinstance(content, list | tuple):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, Mapping))
    return content if isinstance(content, str) else ""
