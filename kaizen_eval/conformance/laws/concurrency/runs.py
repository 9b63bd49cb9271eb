"""Runs that have nothing to do with each other: each in a session of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from kaizen_eval.conformance import asking
from kaizen_eval.conformance.situation import Ask, Saying, Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.fake import GENERATED, BadRequest, Generated, Latency, RateLimit, ServerError
from kaizen_eval.signatures import Signature

__all__ = ["late", "runs", "troubled"]

_LATE: tuple[Saying, ...] = (
    GENERATED,
    *(Generated(latency=Latency(first=seconds)) for seconds in (0.25, 0.5, 1.0)),
)
_TROUBLE: tuple[Saying, ...] = (ServerError(), RateLimit(retry_after=1.5), BadRequest())


def runs(  # noqa: PLR0913 - each of them is what one law varies
    subject: Subject,
    *,
    least: int = 2,
    most: int = 4,
    together: bool = False,
    script: SearchStrategy[tuple[Saying, ...]] | None = None,
    signatures: SearchStrategy[type[Signature]] | None = None,
    asks: Callable[[type[Signature]], SearchStrategy[Ask]] = asking.asks,
) -> SearchStrategy[Situation]:
    """From `least` to `most` asks, each in a session of its own: what the fake says is a function of it and of what is
    asked in it.
    """
    chosen = asking.signatures(subject) if signatures is None else signatures
    return chosen.flatmap(
        lambda signature: st.builds(
            Situation,
            signature=st.just(signature),
            asks=st.lists(asks(signature), min_size=least, max_size=most).map(_apart),
            script=st.just(()) if script is None else script,
            together=st.just(together),
        )
    )


def late() -> SearchStrategy[tuple[Saying, ...]]:
    """Replies that take different times: their words depend on no order."""
    return st.lists(st.sampled_from(_LATE), max_size=8).map(tuple)


def troubled() -> SearchStrategy[tuple[Saying, ...]]:
    """The same, with faults, of which one does not pass."""
    return st.lists(st.sampled_from(_LATE + _TROUBLE), max_size=8).map(tuple)


def _apart(asks: Sequence[Ask]) -> tuple[Ask, ...]:
    return tuple(replace(ask, session=f"session-{place}") for place, ask in enumerate(asks, 1))
