"""What importing costs."""

from __future__ import annotations

from collections.abc import Iterator

from measure import Row, python_seconds

__all__ = ["rows"]


def rows() -> Iterator[Row]:
    bare = python_seconds("-c", "pass")
    for statement, bound in [("import kaizen_eval", 0.10), ("from kaizen_eval import BaseAgent", 0.30)]:
        seconds = python_seconds("-c", statement)
        yield Row(
            name=statement,
            value=seconds - bare,
            unit="s",
            bound=bound,
            beside=f"a bare interpreter: {bare:.3f} s, subtracted",
        )
    sdk = python_seconds("-c", "import openai", rounds=3)
    yield Row(name="import openai", value=sdk - bare, unit="s", beside="for comparison: what is not imported")
