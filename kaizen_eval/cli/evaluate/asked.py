"""What the command line asks to be evaluated: cases, task and scorers, looked at before anything runs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kaizen_eval.cli.evaluate.scorer_specs import specs_of
from kaizen_eval.errors import UsageError
from kaizen_eval.evals.dataset import Dataset
from kaizen_eval.named import importable_folders, named
from kaizen_eval.suggestion import suggestion

__all__ = ["Asked", "asked", "importing_from_here", "signature_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    dataset: Dataset
    task: Any
    scorers: list[Any] | None
    """None: those of the dataset."""


@contextmanager
def importing_from_here() -> Iterator[None]:
    """In this block modules are found in this folder, in src and in pytest's pythonpath."""
    before = [*sys.path]
    sys.path[:0] = [str(folder) for folder in importable_folders(Path.cwd()) if str(folder) not in sys.path]
    try:
        yield
    finally:
        sys.path[:] = before


def asked(options: argparse.Namespace) -> Asked:
    """Raises:
    UsageError: something that was named is not there, or does not fit.
    """
    if options.dataset is None:
        raise UsageError(
            "Nothing to evaluate on: name a dataset, as in `kaizen-eval eval fixtures/qa.yaml --agent …`."
            f"{_taken(options)}"
        )
    if options.agent is None:
        raise UsageError("Nothing to evaluate: add --agent my_package:MyAgent, an agent, its class or a function.")
    task = named(options.agent)
    is_chosen = bool(options.tag or options.case)
    signature = signature_of(options.agent) if is_chosen else getattr(task, "signature", None)
    dataset = Dataset.load(options.dataset, signature=signature)
    return Asked(dataset=_chosen(dataset, options), task=task, scorers=specs_of(options.scorer) or None)


def _taken(options: argparse.Namespace) -> str:
    return f" --fake has taken {options.fake!r} for its script: put the dataset first." if options.fake else ""


def signature_of(agent: str | None) -> Any:
    """Of what is evaluated; None where it has none, or nothing is named."""
    if agent is None:
        return None
    from kaizen_eval.evals.running.tasks import task_of  # noqa: PLC0415 - makes an agent

    return task_of(named(agent)).signature


def _chosen(dataset: Dataset, options: argparse.Namespace) -> Dataset:
    if not options.tag and not options.case:
        return dataset
    cases = [case for case in dataset if _is_chosen(case, options)]
    _refuse_unknown(dataset, options, {case.id for case in cases})
    return Dataset(cases, name=dataset.name, signature=dataset.signature, scorers=dataset.scorers)


def _is_chosen(case: Any, options: argparse.Namespace) -> bool:
    has_tag = not options.tag or any(tag in case.tags for tag in options.tag)
    return has_tag and (not options.case or case.id in options.case)


def _refuse_unknown(dataset: Dataset, options: argparse.Namespace, found: set[str]) -> None:
    missing = [name for name in options.case if name not in found]
    if missing:
        ids = [case.id for case in dataset]
        if missing[0] in ids:
            raise UsageError(f"The case {missing[0]!r} has none of the tags that were asked for.")
        raise UsageError(f"{dataset.name} has no case {missing[0]!r}{suggestion(missing[0], ids)}")
    tags = sorted({tag for case in dataset for tag in case.tags})
    for tag in options.tag:
        if tag not in tags:
            there = f"There are: {', '.join(tags)}." if tags else "Its cases have no tags."
            raise UsageError(f"No case of {dataset.name} has the tag {tag!r}{suggestion(tag, tags)} {there}")
