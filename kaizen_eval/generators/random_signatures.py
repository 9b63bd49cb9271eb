"""Signatures at random, to try a harness with."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from kaizen_eval.signatures import InputField, OutputField, Signature

__all__ = ["signatures"]


class Question(Signature):
    """Answer the question."""

    question: str = InputField()
    answer: str = OutputField()


class Estimate(Signature):
    """Estimate how many there are."""

    things: list[str] = InputField(max_length=5)
    at_most: int = InputField(default=10, ge=0)
    count: int = OutputField(ge=0)
    confidence: float = OutputField(ge=0, le=1)


class Chat(Signature):
    message: str = InputField()


def signatures() -> SearchStrategy[type[Signature]]:
    """The simplest takes a `question` and gives an `answer`."""
    return st.sampled_from([Question, Chat, Estimate])
