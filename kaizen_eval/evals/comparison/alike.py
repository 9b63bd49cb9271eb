"""Whether two evaluations may be compared, or are of unlike things."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from kaizen_eval.errors import CasesMissing, Incomparable
from kaizen_eval.evals.comparison.found import Differs
from kaizen_eval.evals.comparison.side import Side
from kaizen_eval.evals.manifest import Manifest

__all__ = ["differing", "name_of", "refuse_incomplete", "refuse_unlike"]

_MAY_DIFFER = ("task", "signature", "strategy", "model", "cassette_hash", "repeats", "seed", "is_deterministic")
"""What a comparison may be about; it is told, not refused."""
_SHOWN = 3


def differing(a: Manifest, b: Manifest) -> tuple[Differs, ...]:
    """What differs, and may."""
    return tuple(_differences(a, b, _MAY_DIFFER))


def refuse_unlike(a: Side, b: Side, *, judged: bool, shared: bool) -> None:
    """Lets pass what answers the same questions and, where it is about what scorers say (`judged`), has the same
    scorers; with `shared`, only those cases are meant that both have.

    Raises:
        Incomparable: other cases, another shard, or other scorers; the message says what differs.
    """
    unlike = list(_differences(a.manifest, b.manifest, ("scorers",) if judged else ()))
    advice = ["score one of them again with the scorers of the other (kaizen-eval eval --rescore)"] if unlike else []
    if not shared:
        cases = list(_cases(a, b))
        parts = ["put the parts together (kaizen-eval merge)"] if a.manifest.shard != b.manifest.shard else []
        advice += [" or ".join([*parts, "compare the cases that both have (--shared, shared=True)"])] if cases else []
        unlike += cases
    if unlike:
        lines = "".join(f"\n  {differs.what}: {differs.a} → {differs.b}" for differs in unlike)
        raise Incomparable(f"These are evaluations of unlike things:{lines}\nTo compare them, {', and '.join(advice)}.")


def refuse_incomplete(sides: Sequence[Side]) -> None:
    """A smaller evaluation is not taken for the whole.

    Raises:
        CasesMissing: trials that were planned have no record.
    """
    for side in sides:
        if side.missing:
            count = len(side.missing)
            named = ", ".join(side.missing[:_SHOWN]) + (", …" if count > _SHOWN else "")
            raise CasesMissing(
                f"{name_of(side)} is incomplete: {count:,} of its planned trials have no record ({named}). Finish it "
                "with --resume, or compare the cases that are complete on both sides (--shared, shared=True).",
                path=side.origin,
                missing=side.missing,
            )


def name_of(side: Side) -> str:
    return side.origin or f"The evaluation {side.manifest.id}"


def _cases(a: Side, b: Side) -> Iterator[Differs]:
    yield from _differences(a.manifest, b.manifest, ("shard",))
    if a.manifest.dataset_hash == b.manifest.dataset_hash and a.cases.keys() == b.cases.keys():
        return
    only_a, only_b = a.cases.keys() - b.cases.keys(), b.cases.keys() - a.cases.keys()
    changed = [case for case in a.cases.keys() & b.cases.keys() if a.cases[case].content != b.cases[case].content]
    if a.manifest.dataset_hash != b.manifest.dataset_hash:
        yield Differs("dataset", _dataset(a.manifest), _dataset(b.manifest))
    for count, what in ((len(only_a), "left out"), (len(only_b), "new"), (len(changed), "changed")):
        if count:
            yield Differs(f"cases {what}", *_counted(count, what))


def _counted(count: int, what: str) -> tuple[str, str]:
    return (f"{count:,}", "0") if what == "left out" else ("0", f"{count:,}")


def _dataset(manifest: Manifest) -> str:
    return f"{manifest.dataset} ({manifest.dataset_hash[:12]})"


def _differences(a: Manifest, b: Manifest, names: Sequence[str]) -> Iterator[Differs]:
    for name in names:
        of_a, of_b = getattr(a, name), getattr(b, name)
        if of_a != of_b:
            yield Differs(name, _written(of_a), _written(of_b))


def _written(value: object) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
