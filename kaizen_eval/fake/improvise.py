"""Improvises: what the fake says where no rule replies, one reply for each choice that is asked for."""

from __future__ import annotations

from kaizen_eval.fake import generate
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.reply import Reply

__all__ = ["replies"]


def replies(inquiry: Inquiry, *, seed: int, attempt: int) -> tuple[Reply, ...]:
    """A function of the seed, the attempt and the request; raises ScriptError when nothing fits its schema."""
    return (Reply(generate.text(inquiry.request, seed=seed, attempt=attempt)),)
