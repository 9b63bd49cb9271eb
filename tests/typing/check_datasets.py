"""Datasets: what they take, and what they are to a type-checker."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from collections.abc import Sequence
from pathlib import Path
from typing import Any, assert_type

from kaizen_eval import InputField, OutputField, Signature
from kaizen_eval.evals import Case, CaseTurn, Dataset, Limits
from kaizen_eval.evals.dataset import check_schema, dataset_schema, write_schema


class Ask(Signature):
    question: str = InputField()
    answer: str = OutputField()


talk = Case(turns=(CaseTurn(inputs={"question": "a"}),), tags=("t",), limits=Limits(attempts=1, seconds=0.5))
dataset = Dataset([talk, {"inputs": {"question": "a"}}], name="d", signature=Ask(), scorers=["exact"])
loaded = Dataset.load(Path("d.yaml"), signature=Ask)

assert_type(dataset[0], Case)
assert_type(dataset[:2], Sequence[Case])
assert_type([case.id for case in loaded], list[str])
assert_type(loaded.typed_by(Ask), Dataset)
assert_type(loaded.signature, type[Signature] | None)
assert_type(loaded.hash, str)
assert_type(write_schema("d.yaml", signature=Ask, link=True), Path)
assert_type(dataset_schema(Ask), dict[str, Any])
check_schema(Path("d.yaml"))

Dataset.load("d.yaml", Ask)  # type: ignore[call-arg]  # by name
Dataset(talk)  # type: ignore[arg-type]  # a list of them
Dataset([talk], signature="d:Ask")  # type: ignore[arg-type]  # only a file names it so
