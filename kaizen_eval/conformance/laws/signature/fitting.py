"""Laws of what may be a result at all."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kaizen_eval import generators
from kaizen_eval.conformance import asking
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import Law, law
from kaizen_eval.conformance.laws.reading import attempts_of, brief, shown
from kaizen_eval.conformance.laws.trouble import unusable
from kaizen_eval.conformance.situation import Ask, Saying, Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.violation import require
from kaizen_eval.errors import NothingFits, OutputError
from kaizen_eval.fake import GENERATED, ContentFilter, Length, Reply
from kaizen_eval.fake.reply import canonical_json
from kaizen_eval.generators.invalid import invalid_outputs
from kaizen_eval.signatures import Signature

__all__ = ["LAWS"]

_SOURCE = "guide: What agent.run() Does, 2. Signature Validation, 8. Result Parsing"
_CALLS = 12
"""Replies of the same kind: more than any strategy of one or several calls asks for."""


def _valid(signature: type[Signature]) -> SearchStrategy[Reply]:
    return generators.outputs(signature).map(lambda made: Reply(_written(signature, made)))


def _written(signature: type[Signature], outputs: dict[str, object]) -> str:
    """As a model writes it."""
    values = signature.outputs_to_json(outputs)
    return str(values["response"]) if signature.free_text else canonical_json(values)


@st.composite
def _fitting_or_not(draw: DrawFn, subject: Subject) -> Situation:
    signature = draw(asking.signatures(subject))
    try:
        wrong = invalid_outputs(signature).map(lambda made: Reply(data=made.values))
        reply = draw(st.one_of(wrong, wrong, _valid(signature)))
    except NothingFits:
        reply = draw(_valid(signature))
    return _told(draw(asking.asks(signature)), signature, [reply] * _CALLS)


@law(
    "signature.outputs-fit",
    "What a run returns fits the OutputFields, in type and value, or the run raises.",
    source=_SOURCE,
    situations=_fitting_or_not,
)
def _outputs_fit(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    outcome = seen.outcomes[0]
    if outcome.result is None:
        return
    declared = {name: value for name, value in outcome.outputs.items() if name in situation.signature.output_fields}
    try:
        checked = situation.signature.check(deepcopy(declared))
    except OutputError as error:
        require(holds=False, text=f"The run {shown(outcome)} That does not fit: {brief(str(error))}", seen=seen)
        return
    text = f"The run {shown(outcome)} The OutputFields would make {brief(repr(checked))} of it."
    require(
        checked == declared and list(map(type, checked.values())) == [type(declared[each]) for each in checked],
        text,
        seen,
    )


@st.composite
def _talkative(draw: DrawFn, subject: Subject) -> Situation:
    """Replies that fit, and say more than was asked for."""
    signature = draw(asking.signatures(subject))
    values = signature.outputs_to_json(draw(generators.outputs(signature)))
    extra = draw(
        st.dictionaries(st.sampled_from(["explanation", "confidence_", "ok", "notes"]), st.just("because"), max_size=2)
    )
    reply = Reply(_written(signature, values) if signature.free_text else canonical_json({**extra, **values}))
    return _told(draw(asking.asks(signature)), signature, [reply] * _CALLS)


@law(
    "signature.undeclared-outputs",
    "A result holds the declared outputs and no others.",
    source="guide: CRITICAL RULES",
    situations=_talkative,
)
def _undeclared_outputs(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    outcome = seen.outcomes[0]
    declared = situation.signature.output_fields
    others = [name for name in outcome.outputs if name not in declared]
    text = f"The result holds {', '.join(others)}; {situation.signature.__name__} declares {', '.join(declared)}."
    require(not others, text, seen)


@st.composite
def _without_answer(draw: DrawFn, subject: Subject) -> Situation:
    """Some runs, none of which is told an answer, but the first, at times: what it was told is no answer to others."""
    signature = draw(asking.signatures(subject))
    first = draw(st.sampled_from([subject.traits.calls_per_run or 1, 0])) if subject.traits.is_stateless else 0
    whole = _written(signature, draw(generators.outputs(signature)))
    cut = whole[: draw(st.integers(len(whole) // 2, len(whole)))]
    endings: SearchStrategy[Saying] = st.sampled_from([Length(text=cut), Length(text=whole), ContentFilter(text=whole)])
    others = unusable(prose=not signature.free_text)
    sayings = draw(st.lists(st.one_of(others, others, endings), min_size=1, max_size=4))
    return Situation(
        signature=signature,
        asks=tuple(draw(st.lists(asking.asks(signature), min_size=3 if first else 1, max_size=4))),
        script=(*[GENERATED] * first, *sayings * _CALLS),
        config={"output_retries": draw(st.integers(0, 1))},
    )


@law(
    "signature.unusable-replies",
    "A reply that was cut, refused, filtered, or is empty never becomes a result.",
    source=_SOURCE,
    situations=_without_answer,
)
def _unusable_replies(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    for outcome in seen.outcomes:
        asked = seen.exchanges_of(outcome)
        if not asked or any(attempt.is_answer for attempt in attempts_of(seen, asked)):
            continue
        met = ", ".join(dict.fromkeys(each.outcome for each in asked))
        text = f"The model's replies were all no answer ({met}); the run {shown(outcome)}"
        require(outcome.result is None, text, seen)


LAWS: tuple[Law, ...] = (_outputs_fit, _undeclared_outputs, _unusable_replies)


def _told(ask: Ask, signature: type[Signature], script: Sequence[Saying]) -> Situation:
    return Situation(signature=signature, asks=(ask,), script=tuple(script), config={"output_retries": 0})
