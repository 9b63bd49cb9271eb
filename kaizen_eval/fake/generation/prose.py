"""Plain sentences for a request that asks for no JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaizen_eval.fake.generation.words import sentence

if TYPE_CHECKING:
    from kaizen_eval.fake.generation.source import Source

__all__ = ["reply_to"]

_LONGEST_QUOTE = 60


def reply_to(question: str, source: Source) -> str:
    """A sentence that quotes what was asked, so that a reader sees which reply belongs to which question."""
    quoted = _shortened(question)
    return f'On "{quoted}": {sentence(source)}' if quoted else sentence(source)


def _shortened(question: str) -> str:
    """The last line that says something, cut between words."""
    line = next((line for line in reversed(question.splitlines()) if line.strip()), "")
    text = " ".join(line.split())
    if len(text) <= _LONGEST_QUOTE:
        return text
    return text[:_LONGEST_QUOTE].rpartition(" ")[0] + " …"
