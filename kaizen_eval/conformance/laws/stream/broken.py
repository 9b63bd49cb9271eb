"""Laws of streams that are left, or break off."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from kaizen_eval.conformance.asking import asks, signatures
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import Law, law
from kaizen_eval.conformance.laws.stream.words import SOURCE, told_texts
from kaizen_eval.conformance.observation import Observation, Outcome
from kaizen_eval.conformance.situation import Saying, Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.violation import require
from kaizen_eval.fake import Exchange, Generated, StreamCut, StreamCutInEvent, StreamStall
from kaizen_eval.fake.timing.latency import Latency
from kaizen_eval.messages import Message
from kaizen_eval.strategies.traits import Traits

__all__ = ["LAWS"]

_PACE = Latency(first=0.5, per_token=0.05)


_AFTER = (3, 2, 5, 8, 11, 14, 1, 0)
_CUTS: tuple[Saying, ...] = (
    *(StreamCut(after=events) for events in _AFTER),
    *(StreamCutInEvent(after=events) for events in _AFTER),
    *(StreamStall(after=events) for events in _AFTER),
)


@st.composite
def _cut(draw: DrawFn, subject: Subject) -> Situation:
    signature = draw(signatures(subject))
    return Situation(
        signature=signature, asks=(draw(asks(signature, stream=True)),), script=(draw(st.sampled_from(_CUTS)),)
    )


def _recovers(traits: Traits) -> str | None:
    return "It may succeed although a call has failed (traits.recovers)." if traits.recovers else None


@law(
    "stream.cut-raises",
    "A stream that breaks off after its first words raises; what had come is no answer.",
    source=f"{SOURCE}: What goes wrong",
    situations=_cut,
    objection=_recovers,
)
def _cut_raises(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    (outcome,) = seen.outcomes
    first = _told(seen, outcome)
    if first is not None:
        text = f"A reply broke off ({first.outcome}) after its first words, and the run returned {outcome.outputs}."
        is_answered = any(each.error is None for each in seen.exchanges)  # what else was asked, it may return
        require(outcome.error is not None or is_answered, text, seen)


@law(
    "stream.told-words-stand",
    "A call whose words a reader has seen is not asked again, unless the reader wants that.",
    source=f"{SOURCE}: What goes wrong",
    situations=_cut,
    objection=_recovers,
)
def _told_words_stand(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    (outcome,) = seen.outcomes
    first = _told(seen, outcome)
    if first is None or first.ended_ns is None:
        return
    again = [each for each in seen.exchanges if each.question == first.question and each.started_ns >= first.ended_ns]
    others = [each.number for each in again if each.number != first.number]
    text = f"Request {first.number} broke off after words that the reader saw, and was asked again: request {others}."
    require(not others, text, seen)


def _told(seen: Observation, outcome: Outcome) -> Exchange | None:
    """The first exchange, where it broke off after words that the reader was told."""
    if not seen.exchanges or seen.exchanges[0].error is None:
        return None
    first = seen.exchanges[0]
    has_begun = first.usage is not None and first.usage.completion > 0
    texts = told_texts(outcome.items).values()
    return first if has_begun and any(text and first.text.startswith(text[:4]) for text in texts) else None


@st.composite
def _left(draw: DrawFn, subject: Subject) -> Situation:
    signature = draw(signatures(subject))
    ask = draw(asks(signature, stream=True, leave_after=draw(st.integers(1, 6))))
    return Situation(signature=signature, asks=(ask,), script=(Generated(latency=_PACE), Generated(latency=_PACE)))


@law(
    "stream.break-closes",
    "When its reader leaves, the request is closed at once, and nothing of the run goes on.",
    source=f"{SOURCE}: Leaving",
    situations=_left,
)
def _break_closes(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    (outcome,) = seen.outcomes
    for exchange in seen.exchanges:
        late = exchange.ended_ns is None or exchange.ended_ns > outcome.ended_ns
        require(not late, f"The reader had left, and request {exchange.number} went on.", seen)
    require(not seen.leftovers, f"The reader had left, and these went on: {', '.join(seen.leftovers)}.", seen)


def _remembers_nothing_else(traits: Traits) -> str | None:
    return None if traits.is_stateless else "Its runs may leave something behind (traits.is_stateless)."


@st.composite
def _interrupted(draw: DrawFn, subject: Subject) -> Situation:
    """A stream of a session that is left or breaks off, and another run of that session."""
    signature = draw(signatures(subject))
    leave_after = draw(st.sampled_from([2, 4, 6, None]))
    first = draw(asks(signature, session="a", stream=True, leave_after=leave_after))
    script = () if leave_after is not None else (draw(st.sampled_from(_CUTS)),)
    return Situation(
        signature=signature, asks=(first, draw(asks(signature, session="a"))), script=script, config={"max_turns": 3}
    )


@law(
    "stream.partials-are-not-remembered",
    "Nothing of a stream that was left or broke off reaches the memory.",
    source=f"{SOURCE}: Strategies, tools, memory",
    situations=_interrupted,
    objection=_remembers_nothing_else,
)
def _partials_are_not_remembered(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    first, second = seen.outcomes
    if first.result is not None:
        return
    alone = lab.play_with(situation, asks=(second.ask,), script=())
    shown, wanted = _shown(seen, second), _shown(alone, alone.outcomes[0])
    extra = [f"{message.role}: {message.content!r}" for message in shown if message not in wanted]
    text = f"A stream was interrupted, and the next run of its session was shown {'; '.join(extra)}."
    require(len(shown) <= len(wanted), text, seen)


def _shown(seen: Observation, outcome: Outcome) -> tuple[Message, ...]:
    """The messages of the run's first request."""
    exchanges = seen.exchanges_of(outcome)
    return exchanges[0].request.messages if exchanges else ()


LAWS: tuple[Law, ...] = (_cut_raises, _told_words_stand, _break_closes, _partials_are_not_remembered)
