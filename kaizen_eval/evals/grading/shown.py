"""What a grader is shown of a case and its answer: as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kaizen_eval.evals.scorers.texts import text_of

if TYPE_CHECKING:
    from kaizen_eval.evals.answer import Answer
    from kaizen_eval.evals.case import Case

__all__ = ["asked_of", "expected_of", "fields_as_text", "outputs_of"]


def asked_of(case: Case, answer: Answer, fields: Sequence[str]) -> str:
    """The inputs; of several turns, the conversation up to the last answer."""
    if len(case.asked) == 1:
        return fields_as_text(case.asked[0].inputs)
    lines = []
    for place, (turn, came) in enumerate(zip(case.asked, answer.turns, strict=False)):
        lines.append(f"Turn {place + 1}, asked: {fields_as_text(turn.inputs)}")
        if place + 1 < len(answer.turns):
            lines.append(f"Turn {place + 1}, answered: {outputs_of(came.outputs, fields)}")
    return "\n".join(lines)


def outputs_of(outputs: Mapping[str, Any], fields: Sequence[str]) -> str:
    """Those fields; all of them where none is named."""
    return fields_as_text({name: outputs[name] for name in fields if name in outputs} if fields else outputs)


def expected_of(case: Case, fields: Sequence[str]) -> str:
    """What the last turn expects; empty where it expects nothing."""
    return outputs_of(case.asked[-1].expected or {}, fields)


def fields_as_text(values: Mapping[str, Any]) -> str:
    """The value alone where there is one; else each after its name."""
    if len(values) == 1:
        return text_of(next(iter(values.values())))
    return "\n".join(f"{name}: {text_of(value)}" for name, value in values.items())
