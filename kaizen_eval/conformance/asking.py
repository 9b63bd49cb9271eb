"""What every law may ask a subject: signatures that it can work with, and inputs that fit them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from kaizen_eval import generators
from kaizen_eval.conformance.situation import Ask
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.generators.random_signatures import Question
from kaizen_eval.signatures import Signature

__all__ = ["Question", "asks", "inputs", "signatures"]


def signatures(subject: Subject) -> SearchStrategy[type[Signature]]:
    """The subject's own, where it has one; else any, the simplest first."""
    return generators.signatures() if subject.signature is None else st.just(subject.signature)


def inputs(signature: type[Signature]) -> SearchStrategy[dict[str, Any]]:
    """Inputs that fit; those with a default are left out at times."""
    return generators.inputs(signature)


def asks(signature: type[Signature], **fields: Any) -> SearchStrategy[Ask]:
    """One ask; other fields of it as they are given."""
    return inputs(signature).map(lambda made: Ask(inputs=made, **fields))
