"""The agents that share insights under test: researchers who write down what they find, and an author who reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kaizen_eval import BaseAgent, InputField, OutputField, SharedMemoryPool, Signature

__all__ = ["Author", "EssaySignature", "FindingSignature", "Researcher", "team"]


class FindingSignature(Signature):
    """Find one fact, and say how sure you are."""

    topic: str = InputField(description="What it shall be about")
    finding: str = OutputField()
    certainty: float = OutputField(ge=0, le=1)


class Researcher(BaseAgent):
    signature = FindingSignature

    def research(self, topic: str) -> Mapping[str, Any]:
        result = self.run(topic=topic)
        self.write_insight(result["finding"], tags=[topic], importance=result["certainty"], segment="research")
        return result


class EssaySignature(Signature):
    """Write an essay of one sentence."""

    subject: str = InputField()
    essay: str = OutputField()


class Author(BaseAgent):
    signature = EssaySignature

    def write(self, subject: str, session_id: str | None = None) -> Mapping[str, Any]:
        return self.run(subject=subject, session_id=session_id)


def team(pool: SharedMemoryPool, *names: str) -> list[Researcher]:
    return [Researcher(shared_memory=pool, agent_id=name) for name in names]
