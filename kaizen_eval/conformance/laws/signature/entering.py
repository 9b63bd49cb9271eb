"""Laws of inputs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from kaizen_eval.conformance import asking
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import Law, law
from kaizen_eval.conformance.laws.reading import brief, shown
from kaizen_eval.conformance.observation import Observation
from kaizen_eval.conformance.situation import Ask, Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.violation import NotApplicable, Violation, require
from kaizen_eval.errors import InputError, NothingFits
from kaizen_eval.generators.invalid import invalid_inputs
from kaizen_eval.messages import Message
from kaizen_eval.signatures import InputField, OutputField, Signature

__all__ = ["LAWS", "Search"]

_SOURCE = "guide: What agent.run() Does, 2. Signature Validation"
_LONGEST = 10_000
"""Characters of an input that must all count."""
_LENGTHS = (240, 3_000, 9_000)


class Search(Signature):
    """Search the records."""

    query: str = InputField()
    tags: list[str] = InputField(default=["news"])
    mode: str = InputField(default="standard")
    limit: int = InputField(default=7, ge=0)
    hits: list[str] = OutputField()


@st.composite
def _wrong(draw: DrawFn, subject: Subject) -> Situation:
    signature = draw(asking.signatures(subject))
    try:
        values = draw(invalid_inputs(signature)).values
    except NothingFits:
        values = draw(asking.inputs(signature))
    return Situation(signature=signature, asks=(Ask(inputs=values),))


@law(
    "signature.invalid-inputs-ask-nothing",
    "Inputs that do not fit raise a ValueError before any request.",
    source=_SOURCE,
    situations=_wrong,
)
def _invalid_inputs_ask_nothing(lab: Lab, situation: Situation) -> None:
    why = _misfit(situation)
    if why is None:
        _not_applicable(lab, "Its signature takes whatever is given.")
        return
    seen = lab.play(situation)
    outcome = seen.outcomes[0]
    asked = len(seen.exchanges)
    require(
        not asked, f"Requests were made ({asked}) with inputs that do not fit: {why} The run {shown(outcome)}", seen
    )
    text = f"A ValueError expected for inputs that do not fit: {why} The run {shown(outcome)}"
    require(isinstance(outcome.error, ValueError), text, seen)


def _misfit(situation: Situation) -> str | None:
    try:
        situation.signature.bind(situation.asks[0].inputs)
    except InputError as error:
        return brief(str(error))
    return None


@st.composite
def _left_out(draw: DrawFn, subject: Subject) -> Situation:
    """Two asks: inputs without those that have defaults, and the same with the defaults given."""
    signature = (
        draw(st.one_of(st.just(Search), asking.signatures(subject))) if subject.signature is None else subject.signature
    )
    fields = signature.input_fields
    given = {name: value for name, value in draw(asking.inputs(signature)).items() if fields[name].required}
    return Situation(signature=signature, asks=(Ask(inputs=given), Ask(inputs=signature.bind(given))))


@law(
    "signature.defaults",
    "An input that is left out is its default: the model is shown the same as when the default is given.",
    source="guide: Execution Signatures, Optional Inputs",
    situations=_left_out,
)
def _defaults(lab: Lab, situation: Situation) -> None:
    short, whole = (set(ask.inputs) for ask in situation.asks)
    if short == whole:
        _not_applicable(lab, "None of its inputs has a default.")
        return
    seen = lab.play(situation)
    without, given = (_said(seen, place) for place in range(2))
    if not lab.traits.is_stateless:  # it may have kept the first answer, which is one to the second ask as well
        given = _said(lab.play_with(situation, asks=situation.asks[1:]), 0)
    if without != given and without == _said(lab.play(situation), 0):  # else its requests differ anyway
        names = ", ".join(name for name in situation.asks[1].inputs if name not in short)
        text = f"With {names} left out, the model is not shown what it is shown with the default given"
        raise Violation(f"{text}: {_difference(without, given)}.", seen)
    if situation.signature is Search:
        _require_default_counts(lab, situation, without)


class _OtherTags(Search):
    """Search the records."""

    tags: list[str] = InputField(default=["sports"])


class _OtherMode(Search):
    """Search the records."""

    mode: str = InputField(default="thorough")


class _OtherLimit(Search):
    """Search the records."""

    limit: int = InputField(default=8, ge=0)


_OTHERS: Mapping[str, type[Signature]] = {"tags": _OtherTags, "mode": _OtherMode, "limit": _OtherLimit}


def _require_default_counts(lab: Lab, situation: Situation, said: list[tuple[Message, ...]]) -> None:
    """What is left out is not left out of the prompt: with another default the model is asked something else."""
    for name, signature in _OTHERS.items():
        seen = lab.play_with(situation, signature=signature, asks=situation.asks[:1])
        defaults = " or ".join(repr(each.input_fields[name].make_default()) for each in (Search, signature))
        text = f"With {name} left out, the model is asked the same whether its default is {defaults}: that default"
        require(not said or said != _said(seen, 0), f"{text} does not reach the prompt.", seen)


@st.composite
def _two_that_differ(draw: DrawFn, subject: Subject) -> Situation:
    """Pairs of asks that differ in one input, and at times one of which a long text differs at its end."""
    signature = draw(asking.signatures(subject))
    one, other = draw(asking.inputs(signature)), draw(asking.inputs(signature))
    names = [name for name in one if name in other]
    changed = draw(st.lists(st.sampled_from(names), min_size=1, max_size=4, unique=True)) if names else []
    pairs = [Ask(inputs=each) for name in changed for each in (one, {**one, name: other[name]})]
    long = _ending(signature, one, draw(st.sampled_from(_LENGTHS))) if draw(st.booleans()) else ()
    return Situation(signature=signature, asks=(*pairs, *long) or (Ask(inputs=one),) * 2)


@law(
    "signature.inputs-reach-the-prompt",
    "Every input reaches the prompt: where one differs, the model is asked something else.",
    source="guide: Execution Signatures, Multiple Inputs",
    situations=_two_that_differ,
)
def _inputs_reach_the_prompt(lab: Lab, situation: Situation) -> None:
    if not situation.signature.input_fields:
        _not_applicable(lab, "Its signature has no inputs.")
        return
    seen = lab.play(situation)
    for place in range(0, len(situation.asks), 2):
        _require_both_reach(seen, place)


def _require_both_reach(seen: Observation, place: int) -> None:
    """What the ask at this place says, and where the next one differs."""
    signature, asks = seen.situation.signature, seen.situation.asks[place : place + 2]
    first, second = (_words(signature, ask.inputs) for ask in asks)
    changed = [name for name in first if first[name] != second.get(name)]
    if not changed or any(len(words[name]) > _LONGEST for words in (first, second) for name in changed):
        return
    one, other = _said(seen, place), _said(seen, place + 1)
    ways = _in_two_ways(changed[0], *(ask.inputs[changed[0]] for ask in asks))
    require(one != other or not one, f"The model is asked the same whether {ways} does not reach the prompt.", seen)


def _ending(signature: type[Signature], inputs: Mapping[str, Any], length: int) -> tuple[Ask, ...]:
    """Two asks with a text so long, and one letter longer; none where no input takes it."""
    for name in signature.input_fields:
        asks = tuple(Ask(inputs={**inputs, name: "o" * longer}) for longer in (length, length + 1))
        with suppress(InputError):
            if all(signature.bind(ask.inputs)[name] == ask.inputs[name] for ask in asks):
                return asks
    return ()


def _in_two_ways(name: str, one: object, other: object) -> str:
    if isinstance(one, str) and isinstance(other, str) and other.startswith(one) and one:
        return f"{name} has {len(one)} characters or, at its end, {len(other) - len(one)} more: that end"
    return f"{name} is {brief(repr(one))} or {brief(repr(other))}: that input"


@st.composite
def _any(draw: DrawFn, subject: Subject) -> Situation:
    signature = (
        draw(st.one_of(st.just(Search), asking.signatures(subject))) if subject.signature is None else subject.signature
    )
    return Situation(signature=signature, asks=(draw(asking.asks(signature)),))


@law(
    "signature.inputs-untouched",
    "The caller's inputs are afterwards as they were.",
    source=_SOURCE,
    situations=_any,
)
def _inputs_untouched(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    for outcome in seen.outcomes:
        for name, was in outcome.ask.inputs.items():
            now = outcome.inputs.get(name)
            text = f"The caller's {name} was {brief(repr(was))}, and is {brief(repr(now))} now."
            require(now == was and name in outcome.inputs, text, seen)


LAWS: tuple[Law, ...] = (_invalid_inputs_ask_nothing, _defaults, _inputs_reach_the_prompt, _inputs_untouched)


def _not_applicable(lab: Lab, why: str) -> None:
    """Where it is so with the subject's only signature; of random ones, the next may be another."""
    if lab.subject.signature is not None:
        raise NotApplicable(why)


def _said(seen: Observation, place: int) -> list[tuple[Message, ...]]:
    """What the model was asked for one of the asks."""
    return [each.request.messages for each in seen.exchanges_of(seen.outcomes[place])]


def _difference(without: list[tuple[Message, ...]], given: list[tuple[Message, ...]]) -> str:
    one, other = (brief(asked[0][-1].content) if asked else "no request" for asked in (without, given))
    return f"{one!r} instead of {other!r}"


def _words(signature: type[Signature], inputs: Mapping[str, Any]) -> dict[str, str]:
    """Each input as the letters and digits in it, as a strategy may tidy up what it is given."""
    values = signature.inputs_to_json(signature.bind(inputs))
    return {name: _letters(json.dumps(value, ensure_ascii=False)) for name, value in values.items()}


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
