"""The figures of one test, as a JSON-able mapping for its report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kaizen_eval.resilience.clock import current_clock

if TYPE_CHECKING:
    from kaizen_eval.fake import FakeLLM
    from kaizen_eval.fake.journal import Exchange

__all__ = ["figures"]

_NO_FAULT = {"reply", "miss", "…"}


def figures(llm: FakeLLM | None, door: str) -> dict[str, Any]:
    """What a test has asked so far; `door` is None and the counts are 0 when it has no fake.

    `waits` are the seconds between attempts, `elapsed` all of the test's virtual time, `tokens` those billed.
    """
    exchanges = () if llm is None else llm.journal.exchanges
    clock = current_clock()
    return {
        "door": None if llm is None else door,
        "runs": len({exchange.run_id for exchange in exchanges if exchange.run_id is not None}),
        "calls": _calls(exchanges),
        "attempts": len(exchanges),
        "waits": 0.0 if llm is None else round(sum(llm.journal.waits), 6),
        "elapsed": 0.0 if clock is None else clock.elapsed,
        "tokens": sum(exchange.usage.total for exchange in exchanges if exchange.usage is not None),
        "faults": dict(sorted(Counter(e.outcome for e in exchanges if e.outcome not in _NO_FAULT).items())),
    }


def _calls(exchanges: Sequence[Exchange]) -> int:
    """Attempts that do not follow a failed attempt at the same question."""
    failed: set[object] = set()
    calls = 0
    for exchange in exchanges:
        key = (exchange.run_id or exchange.session_id, exchange.question)
        calls += key not in failed
        (failed.discard if exchange.error is None else failed.add)(key)
    return calls
