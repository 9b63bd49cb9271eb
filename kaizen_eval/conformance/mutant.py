"""Mutant: a strategy or a component that is broken on purpose, and what must be said of it."""

from __future__ import annotations

from dataclasses import dataclass

from kaizen_eval.conformance.subject import Subject

__all__ = ["Mutant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """The subject's name is the mutant's id, such as "never-retries"."""

    subject: Subject
    what: str
    """What is wrong with it, in one sentence."""
    breaks: str
    """The id of the law that must catch it; others may as well."""
    words: tuple[str, ...]
    """What that law's complaint must say, so that it is caught for the right reason."""

    @property
    def id(self) -> str:
        return self.subject.name
