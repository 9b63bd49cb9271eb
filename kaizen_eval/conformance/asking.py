"""What every law may ask a subject: signatures that it can work with, and inputs that fit them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from kaizen_eval.conformance.situation import Ask
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.signatures import InputField, OutputField, Signature

__all__ = ["Question", "asks", "inputs", "signatures"]


class Question(Signature):
    """Answer the question."""

    question: str = InputField()
    answer: str = OutputField()


def signatures(subject: Subject) -> SearchStrategy[type[Signature]]:
    """The subject's own, where it has one; else any."""
    return st.just(subject.signature or Question)


def inputs(signature: type[Signature]) -> SearchStrategy[dict[str, Any]]:
    """Inputs that fit."""
    return st.fixed_dictionaries({name: st.text() for name in signature.input_fields})


def asks(signature: type[Signature], **fields: Any) -> SearchStrategy[Ask]:
    """One ask; other fields of it as they are given."""
    return inputs(signature).map(lambda made: Ask(inputs=made, **fields))
