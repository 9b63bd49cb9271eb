"""Asks for laws to which it does not matter what is asked."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from kaizen_eval.conformance import asking
from kaizen_eval.conformance.asking import Question
from kaizen_eval.conformance.situation import Ask
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.signatures import Signature

__all__ = ["plain_asks", "plain_signature"]


def plain_signature(subject: Subject) -> type[Signature]:
    """The subject's own, where it has one."""
    return subject.signature or Question


def plain_asks(signature: type[Signature]) -> SearchStrategy[Ask]:
    """All the same, where the signature is nobody's own."""
    return st.just(Ask(inputs={"question": "Why?"})) if signature is Question else asking.asks(signature)
