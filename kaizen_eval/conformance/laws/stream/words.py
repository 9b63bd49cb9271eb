"""Laws of what the reader of a stream is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from kaizen_eval.conformance.asking import asks, signatures
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import Law, law
from kaizen_eval.conformance.observation import Observation, Outcome
from kaizen_eval.conformance.situation import Saying, Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.violation import require
from kaizen_eval.errors import OutputError
from kaizen_eval.events import Event
from kaizen_eval.fake import Generated, RateLimit
from kaizen_eval.fake.timing.latency import Latency
from kaizen_eval.llm import parse
from kaizen_eval.signatures import Signature
from kaizen_eval.streamed import PartialOutputs, Restarted, TextDelta

__all__ = ["LAWS", "SOURCE", "told_texts"]

SOURCE = "docs/streaming.md"
_SAYINGS: tuple[Saying, ...] = (
    Generated(),
    Generated(latency=Latency(first=0.5, per_token=0.01)),
    Generated(latency=Latency(first=0.1, per_token=0.03)),
    RateLimit(),
)


@st.composite
def _read(draw: DrawFn, subject: Subject, *, least: int = 1) -> Situation:
    """So many streams or more; where there are several, mostly at the same time."""
    signature = draw(signatures(subject))
    return Situation(
        signature=signature,
        asks=tuple(draw(st.lists(asks(signature, stream=True), min_size=least, max_size=3))),
        script=tuple(draw(st.lists(st.sampled_from(_SAYINGS), max_size=3))),
        together=draw(st.sampled_from([least > 1, False, True])),
    )


@law(
    "stream.same-outputs",
    "The result of a stream is what the same run returns that nobody reads.",
    source=f"{SOURCE}: Reading",
    situations=_read,
)
def _same_outputs(lab: Lab, situation: Situation) -> None:
    read = lab.play(situation)
    if [_end(each) for each in read.outcomes] == (whole := _unread(lab, situation)) or whole != _unread(lab, situation):
        return
    for outcome, wanted in zip(read.outcomes, whole, strict=True):
        text = f"A stream ended with {_end(outcome)}; the same run, not read, with {wanted}."
        require(_end(outcome) == wanted, text, read)


def _unread(lab: Lab, situation: Situation) -> list[str]:
    """How the same runs end that nobody reads."""
    asked = tuple(replace(ask, stream=False) for ask in situation.asks)
    return [_end(each) for each in lab.play_with(situation, asks=asked).outcomes]


def _end(outcome: Outcome) -> str:
    return repr(outcome.outputs) if outcome.error is None else type(outcome.error).__name__


@law(
    "stream.own-words",
    "What a reader is told is of the run that is read, in the words of its own replies, also where several are read.",
    source=f"{SOURCE}: Items",
    situations=lambda subject: _read(subject, least=2),
)
def _own_words(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    for place, outcome in enumerate(seen.outcomes, start=1):
        for item in outcome.items:
            is_own = isinstance(item, Event) and item.run_id == outcome.run_id
            text = f"The reader of stream {place} was given a {type(item).__name__} that is not of its run."
            require(is_own, text, seen)
        replies = [exchange.text for exchange in seen.exchanges_of(outcome)]
        for text in told_texts(outcome.items).values():
            is_said = any(reply.startswith(text) for reply in replies)
            require(is_said, f"The reader was told {text!r}; the run's replies are {replies}.", seen)


def told_texts(items: Sequence[object]) -> dict[int, str]:
    """What stands of each call's text."""
    texts: dict[int, str] = defaultdict(str)
    for item in items:
        if isinstance(item, TextDelta):
            texts[item.call] += item.text
        elif isinstance(item, Restarted):
            texts[item.call] = ""
    return dict(texts)


@law(
    "stream.partials-are-a-beginning",
    "Partial outputs are a beginning of what the reply states, and each goes on from the one before.",
    source=f"{SOURCE}: Partial outputs",
    situations=_read,
)
def _partials_are_a_beginning(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    for outcome in seen.outcomes:
        for call, partials in _partials(outcome).items():
            whole = _stated(situation.signature, seen, outcome, told_texts(outcome.items).get(call, ""))
            for earlier, later in zip(partials, [*partials[1:], whole], strict=True):
                for name in earlier.keys() & later.keys():
                    text = f"The reader was told {name}={earlier[name]!r}, and then {name}={later[name]!r}."
                    require(_begins(earlier[name], later[name]), text, seen)


def _partials(outcome: Outcome) -> Mapping[int, Sequence[Mapping[str, Any]]]:
    found: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for item in outcome.items:
        if isinstance(item, PartialOutputs):
            found[item.call].append(item.outputs)
        elif isinstance(item, Restarted):
            found[item.call].clear()
    return found


def _stated(signature: type[Signature], seen: Observation, outcome: Outcome, text: str) -> Mapping[str, Any]:
    """By the reply with these words; empty where none of the signature's outputs can be read from it."""
    for reply in _replies(seen, outcome):
        if text and reply.startswith(text):
            try:
                return parse.outputs(signature, reply).values
            except OutputError:
                return {}
    return {}


def _replies(seen: Observation, outcome: Outcome) -> Iterator[str]:
    return (exchange.text for exchange in seen.exchanges_of(outcome))


def _begins(part: object, whole: object) -> bool:
    if isinstance(part, str) and isinstance(whole, str):
        return whole.startswith(part)
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) <= len(whole) and all(map(_is_same, part, whole))
    return _is_same(part, whole)


def _is_same(one: object, other: object) -> bool:
    """Also of what is not even equal to itself."""
    return one == other or repr(one) == repr(other)


LAWS: tuple[Law, ...] = (_same_outputs, _own_words, _partials_are_a_beginning)
