"""Several tries of a case: how often any, or all, of k would pass."""

from __future__ import annotations

import math

__all__ = ["pass_at_k", "pass_hat_k"]


def pass_at_k(n: int, c: int, k: int) -> float:
    """pass@k: that at least one of k tries passes, of n of which c passed; unbiased (Chen et al., Evaluating Large
    Language Models Trained on Code, 2021). Of several cases: the mean of theirs.

    Raises:
        ValueError: not 1 ≤ k ≤ n, or not 0 ≤ c ≤ n.
    """
    _check(n, c, k)
    return 1 - math.comb(n - c, k) / math.comb(n, k)


def pass_hat_k(n: int, c: int, k: int) -> float:
    """pass^k: that all of k tries pass; unbiased (Yao et al., τ-bench, 2024). Of several cases: the mean of theirs.

    Raises:
        ValueError: not 1 ≤ k ≤ n, or not 0 ≤ c ≤ n.
    """
    _check(n, c, k)
    return math.comb(c, k) / math.comb(n, k)


def _check(n: int, c: int, k: int) -> None:
    if not 0 <= c <= n:
        raise ValueError(f"{c!r} of {n!r} tries passed: expected from 0 to all of them.")
    if not 1 <= k <= n:
        raise ValueError(f"k={k!r} of {n!r} tries: expected from 1 to {n}; for a larger k repeat the cases more often.")
