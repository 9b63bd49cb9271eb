"""Laws of replies that are not as they should be: what was meant, or an error, and never another value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kaizen_eval import generators
from kaizen_eval.conformance import asking
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import Law, law
from kaizen_eval.conformance.laws.reading import brief, shown
from kaizen_eval.conformance.situation import Saying, Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.violation import NotApplicable, Violation, require
from kaizen_eval.fake import Reply
from kaizen_eval.fake.reply import canonical_json
from kaizen_eval.signatures import Signature

__all__ = ["LAWS"]

_SOURCE = "guide: What agent.run() Does, 8. Result Parsing"
_CALLS = 8
"""Replies of the same kind: more than any strategy of one or several calls asks for."""


def _structured(subject: Subject) -> SearchStrategy[type[Signature]]:
    """With prose as a legal reply nothing is malformed."""
    if subject.signature is not None:
        return st.just(subject.signature)
    return asking.signatures(subject).filter(lambda signature: not signature.free_text)


def _meaning(draw: DrawFn, signature: type[Signature], reply: Reply, meant: Mapping[str, Any] | None) -> Situation:
    """Its script ends with what was meant, if anything was."""
    script: list[Saying] = [reply] * _CALLS
    if meant is not None:
        script.append(Reply(canonical_json(dict(meant))))
    return Situation(
        signature=signature, asks=(draw(asking.asks(signature)),), script=tuple(script), config={"output_retries": 0}
    )


@st.composite
def _malformed(draw: DrawFn, subject: Subject) -> Situation:
    signature = draw(_structured(subject))
    made = draw(generators.replies(signature))
    return _meaning(draw, signature, made.reply, None if made.owed == "an error" else made.meant)


@law(
    "signature.meant-or-error",
    "A malformed reply gives exactly the value that was meant, or an error: never another value.",
    source=_SOURCE,
    situations=_malformed,
)
def _meant_or_error(lab: Lab, situation: Situation) -> None:
    _hold_to_what_was_meant(lab, situation)


_BETWEEN = (
    "{draft}\n{final}",
    "<think>maybe {draft}</think>\n{final}",
    "First try: {draft}\n\nOn reflection:\n{final}",
)


@st.composite
def _drafted(draw: DrawFn, subject: Subject) -> Situation:
    """Another object of the same shape comes before the answer."""
    signature = draw(_structured(subject))
    values = generators.outputs(signature).map(signature.outputs_to_json)
    draft, final = draw(values), draw(values.filter(bool))  # nobody can tell whether an empty object is an answer
    parts = {"draft": canonical_json(draft), "final": canonical_json(final)}
    text = draw(st.sampled_from(_BETWEEN))
    return _meaning(draw, signature, Reply(text.format(**parts)), final)


@law(
    "signature.last-object",
    "Of several objects in a reply the last is the answer: those before it are drafts.",
    source=_SOURCE,
    situations=_drafted,
)
def _last_object(lab: Lab, situation: Situation) -> None:
    _hold_to_what_was_meant(lab, situation)


LAWS: tuple[Law, ...] = (_meant_or_error, _last_object)


def _hold_to_what_was_meant(lab: Lab, situation: Situation) -> None:
    if situation.signature.free_text:
        raise NotApplicable("Prose is a legal reply where no output is declared.")
    seen = lab.play(situation)
    outcome, reply = seen.outcomes[0], situation.script[0]
    if outcome.result is None or not 0 < len(seen.exchanges) <= _CALLS:
        return
    said = brief(repr(getattr(reply, "text", reply)))
    if len(situation.script) == _CALLS:
        raise Violation(f"The reply {said} is to be an error; the run {shown(outcome)}", seen)
    clean = lab.play_with(situation, script=(situation.script[-1],) * _CALLS).outcomes[0]
    if clean.result is not None:
        text = f"The reply {said} means {brief(repr(clean.outputs))}; the run {shown(outcome)}"
        require(outcome.outputs == clean.outputs, text, seen)
