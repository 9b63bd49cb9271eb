"""The figures of one test, as a JSON-able mapping for its report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from kaizen_eval.resilience.clock import current_clock

if TYPE_CHECKING:
    from kaizen_eval.fake import Journal

__all__ = ["figures"]

_NO_FAULT = {"reply", "miss", "cancelled", "…"}


def figures(
    journal: Journal | None, door: str | None, *, network: bool, cassettes: Mapping[str, Any] = MappingProxyType({})
) -> dict[str, Any]:
    """What a test has asked so far.

    `waits` are the seconds between attempts, `elapsed` all of the test's virtual time, None on real time, `tokens`
    those billed; `network` says whether a real host was asked for, `cassettes` which were used, and how. Without a fake
    the counts are 0, and `door` is the mode of the test's cassette; without one it is None.
    """
    clock = current_clock()
    asked = _NOTHING if journal is None else _asked(journal)
    elapsed = None if clock is None else clock.elapsed
    return {"door": door, **asked, "elapsed": elapsed, "network": network, "cassettes": {**cassettes}}


def _asked(journal: Journal) -> dict[str, Any]:
    exchanges = journal.attempts
    faults = Counter(exchange.outcome for exchange in exchanges if exchange.outcome not in _NO_FAULT)
    return {
        "runs": len({exchange.asker.run_id for exchange in exchanges} - {None}),
        "calls": len(journal.calls),
        "attempts": len(exchanges),
        "waits": round(sum(journal.waits, 0.0), 6),
        "tokens": journal.usage.total,
        "faults": dict(sorted(faults.items())),
    }


_NOTHING: dict[str, Any] = {
    "runs": 0,
    "calls": 0,
    "attempts": 0,
    "waits": 0.0,
    "tokens": 0,
    "faults": {},
}
