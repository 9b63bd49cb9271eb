"""Conversations: situations in which each ask holds a mark of its own, so that turns are known again in requests."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Literal

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from kaizen_eval.conformance import asking
from kaizen_eval.conformance.asking import Question
from kaizen_eval.conformance.given_tool import GivenTool
from kaizen_eval.conformance.situation import Ask, Saying, Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.violation import NotApplicable
from kaizen_eval.errors import InputError
from kaizen_eval.fake import GENERATED, Generated, Latency
from kaizen_eval.signatures import InputField, OutputField, Signature

__all__ = ["MARK", "Letter", "Note", "conversations", "mark_of", "sayings"]


class Note(Signature):
    """Take note of the statement."""

    statement: str = InputField()
    verdict: Literal["noted"] = OutputField()
    """Leaves no choice: equal statements make equal turns."""


class Letter(Signature):
    """Answer the letter."""

    about: str = InputField()
    text: str = InputField()
    answer: str = OutputField()


_TEXTS = ("Well met.", "o" * 4_000)
"""One short, one longer than a careful strategy has a reason to fear."""


MARK = re.compile(r"(?<![\w-])(?:ann|bob|cleo|nobody)-\d{1,2}(?![\w-])", re.IGNORECASE)
"""What an ask says, by its session: no text of another ask holds it, unless both say the same."""

_REPLIES: tuple[Saying, ...] = (GENERATED, *(Generated(latency=Latency(first=seconds)) for seconds in (0.25, 0.5, 1.0)))


def mark_of(ask: Ask) -> str:
    """Raises NotApplicable where it holds none."""
    for value in ask.inputs.values():
        if isinstance(value, str) and MARK.fullmatch(value):
            return value
    raise NotApplicable(f"The inputs {dict(ask.inputs)!r} hold no mark such as 'ann-1'.")


def conversations(  # noqa: PLR0913 - each of them is what one law varies
    subject: Subject,
    sessions: Sequence[str | None],
    *,
    least: int = 2,
    most: int = 8,
    together: bool = False,
    script: SearchStrategy[tuple[Saying, ...]] | None = None,
    config: Mapping[str, Any] | None = None,
    tools: tuple[GivenTool, ...] = (),
    cancel_after: Sequence[float | None] = (None,),
    alike: bool = False,
    letters: bool = False,
) -> SearchStrategy[Situation]:
    """From `least` to `most` asks in these sessions, with room for one turn or a few; `alike`: some say the same;
    `letters`: some have long inputs.
    """
    signature = subject.signature or (Note if alike else Letter if letters else Question)
    ask = st.builds(
        Ask,
        inputs=_others(signature),
        session=st.sampled_from(sessions),
        cancel_after=st.sampled_from(cancel_after),
    )
    topics = st.integers(1, 2) if alike else st.just(0)
    return st.builds(
        Situation,
        signature=st.just(signature),
        asks=st.lists(st.tuples(ask, topics), min_size=least, max_size=most).map(partial(_marked, signature)),
        script=st.just(()) if script is None else script,
        config=st.integers(1, 3).map(lambda turns: {"max_turns": turns, **(config or {})}),
        together=st.just(together),
        tools=st.just(tools),
    )


def sayings(*more: Saying, least: int = 0) -> SearchStrategy[tuple[Saying, ...]]:
    """What is said first: replies, some of them late, and these, which are half of it."""
    replies = st.sampled_from(_REPLIES)
    saying = replies if not more else st.one_of(replies, st.sampled_from(more))
    return st.lists(saying, min_size=least, max_size=16).map(tuple)


def _others(signature: type[Signature]) -> SearchStrategy[dict[str, Any]]:
    """What stands beside the mark."""
    if signature is Letter:
        return st.fixed_dictionaries({"text": st.sampled_from(_TEXTS)})
    return st.just({}) if signature in {Question, Note} else asking.inputs(signature)


def _marked(signature: type[Signature], asks: Sequence[tuple[Ask, int]]) -> tuple[Ask, ...]:
    """Each with its session and a number: its topic, or, where it has none, its place."""
    return tuple(
        replace(ask, inputs=_with_mark(signature, ask.inputs, f"{ask.session or 'nobody'}-{topic or place}"))
        for place, (ask, topic) in enumerate(asks, 1)
    )


def _with_mark(signature: type[Signature], inputs: Mapping[str, Any], mark: str) -> dict[str, Any]:
    for name in signature.input_fields:
        marked = {**inputs, name: mark}
        if _takes(signature, marked, name):
            return marked
    raise NotApplicable(f"{signature.name} has no input that takes any text: its turns cannot be told apart.")


def _takes(signature: type[Signature], inputs: dict[str, Any], name: str) -> bool:
    try:
        return bool(signature.bind(inputs)[name] == inputs[name])
    except InputError:
        return False
