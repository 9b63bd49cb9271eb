"""The file that baselines are kept in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from kaizen_eval.errors import EvaluationError, LogTooNew, UsageError
from kaizen_eval.evals.comparison.baseline.layout import case_of, line_of
from kaizen_eval.evals.comparison.side import Side
from kaizen_eval.evals.log.codec import MANIFEST
from kaizen_eval.evals.manifest import Manifest

__all__ = ["Baseline", "Gate", "Key", "read_baselines", "text_of"]

_SCHEMA = 1


class Key(NamedTuple):
    """What a baseline is for: of each there is one in a file."""

    dataset: str
    strategy: str | None
    model: str | None
    cassette_hash: str | None

    @classmethod
    def of(cls, manifest: Manifest) -> Key:
        return cls(manifest.dataset, manifest.strategy, manifest.model, manifest.cassette_hash)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What is asked of evaluations that are held against it; arguments of `compare`."""

    metric: tuple[str, ...] = ("score",)
    margin: Mapping[str, float] = field(default_factory=dict)
    confidence: float = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """An evaluation that was blessed: its figures, without what was answered."""

    side: Side
    gate: Gate

    @property
    def key(self) -> Key:
        return Key.of(self.side.manifest)


def read_baselines(path: Path) -> tuple[Baseline, ...]:
    """All that a file holds.

    Raises:
        UsageError: there is no such file.
        EvaluationError: it holds something else, or was written by a later version.
    """
    try:
        raw = json.loads(path.read_bytes())
        if raw["schema"] > _SCHEMA:
            raise LogTooNew(f"{str(path)!r} was written by a later version of kaizen-eval.", path=str(path))
        return tuple(_read(each, path.as_posix()) for each in raw["baselines"])
    except FileNotFoundError:
        raise UsageError(
            f"There is no baseline {str(path)!r}. Bless an evaluation: kaizen-eval compare RUN --bless {path}"
        ) from None
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise EvaluationError(
            f"{str(path)!r} is no file of baselines ({type(error).__name__}: {error}): take it back from version "
            "control, or bless it anew.",
            path=str(path),
        ) from error


def text_of(baselines: Sequence[Baseline]) -> str:
    """In lines that a review can be read by: one for each case, in the order of their ids."""
    return "\n".join(_lines(baselines)) + "\n"


def _read(raw: Mapping[str, Any], path: str) -> Baseline:
    gate = raw["gate"]
    return Baseline(
        side=Side(
            manifest=MANIFEST.read(raw["evaluation"]),
            cases={name: case_of(each) for name, each in raw["cases"].items()},
            origin=path,
        ),
        gate=Gate(metric=tuple(gate["metric"]), margin=gate["margin"], confidence=gate["confidence"]),
    )


def _lines(baselines: Sequence[Baseline]) -> Iterator[str]:
    yield "{"
    yield f' "schema": {_SCHEMA},'
    yield ' "baselines": ['
    for at, baseline in enumerate(sorted(baselines, key=lambda each: tuple(map(str, each.key)))):
        yield from _baseline(baseline)
        yield "  }," if at + 1 < len(baselines) else "  }"
    yield " ]"
    yield "}"


def _baseline(baseline: Baseline) -> Iterator[str]:
    gate = baseline.gate
    asked = {"metric": list(gate.metric), "margin": dict(gate.margin), "confidence": gate.confidence}
    yield "  {"
    yield f'   "gate": {_written(asked)},'
    yield f'   "evaluation": {_indented(MANIFEST.write(baseline.side.manifest))},'
    yield f'   "means": {_written(_means(baseline.side))},'
    yield '   "cases": {'
    cases, measures = sorted(baseline.side.cases.items()), baseline.side.measures
    for at, (name, figures) in enumerate(cases, 1):
        line = _written(line_of(figures, measures))
        yield f"    {_written(name)}: {line}{',' if at < len(cases) else ''}"
    yield "   }"


def _means(side: Side) -> Mapping[str, float]:
    """For whoever reviews the file; nothing reads them."""
    values = {name: [figures.values(name) for figures in side.cases.values()] for name in sorted(side.measures)}
    known = {name: [sum(each) / len(each) for each in by_case if each] for name, by_case in values.items()}
    return {name: round(sum(means) / len(means), 6) for name, means in known.items() if means}


def _indented(value: Mapping[str, Any]) -> str:
    lines = [f"    {_written(name)}: {_written(each)}" for name, each in value.items()]
    return "{\n" + ",\n".join(lines) + "\n   }"


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
