"""How many of a session's turns fit into so many tokens."""

from __future__ import annotations

from collections.abc import Sequence

from kaizen_eval.memory.base import Turn

__all__ = ["newest_within", "tokens_of"]


def newest_within(turns: Sequence[Turn], max_tokens: int, *, model: str | None) -> tuple[Turn, ...]:
    """The longest run of whole turns that ends with the newest one and fits; none when that one alone does not."""
    left = max_tokens
    for place in range(len(turns) - 1, -1, -1):
        left -= tokens_of(turns[place], model=model)
        if left < 0:
            return tuple(turns[place + 1 :])
    return tuple(turns)


def tokens_of(turn: Turn, *, model: str | None) -> int:
    """What a turn adds to a prompt, by the model's own encoding; an estimate for an unknown model."""
    from kaizen_eval.metrics.tokens import encoding_of, message_tokens  # noqa: PLC0415 - only those who count load it

    return message_tokens(turn.messages, encoding_of(model))
