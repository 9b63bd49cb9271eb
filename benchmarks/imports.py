"""What importing costs, and the first run."""

from __future__ import annotations

from collections.abc import Iterator

from measure import Row, python_seconds

__all__ = ["rows"]

_AGENT = "from kaizen_eval import BaseAgent"
_FAKE = f"{_AGENT}, FakeLLM; BaseAgent(provider=FakeLLM()).run(question='Where?')"


def rows() -> Iterator[Row]:
    bare = python_seconds("-c", "pass")
    for statement, bound in [("import kaizen_eval", 0.10), ("from kaizen_eval import BaseAgent", 0.30)]:
        seconds = python_seconds("-c", statement)
        yield Row(
            name=statement,
            value=seconds - bare,
            unit="s CPU",
            bound=bound,
            beside=f"a bare interpreter: {bare:.3f} s, subtracted",
        )
    agent, fake = (python_seconds("-c", code) for code in (_AGENT, _FAKE))
    yield Row(
        name="a first run on a FakeLLM, beyond that",
        value=fake - agent,
        unit="s CPU",
        beside=f"all of it: {fake:.3f} s",
    )
    sdk = python_seconds("-c", "import openai", rounds=3)
    yield Row(name="import openai", value=sdk - bare, unit="s CPU", beside="for comparison: what is not imported")
