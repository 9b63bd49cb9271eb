"""Datasets: cases from YAML, JSONL, CSV or Python, held against a signature with the place of every mistake."""

from __future__ import annotations

from kaizen_eval.lazy import lazily

TYPE_CHECKING = False  # type-checkers take it as True
if TYPE_CHECKING:
    from kaizen_eval.evals.dataset.dataset import Dataset
    from kaizen_eval.evals.dataset.schema import dataset_schema
    from kaizen_eval.evals.dataset.schema_file import check_schema, schema_path, write_schema

__all__ = ["Dataset", "check_schema", "dataset_schema", "schema_path", "write_schema"]

_HOMES = {
    "Dataset": "dataset",
    "check_schema": "schema_file",
    "dataset_schema": "schema",
    "schema_path": "schema_file",
    "write_schema": "schema_file",
}

if not TYPE_CHECKING:  # else type-checkers would believe every name
    __getattr__, __dir__ = lazily(__name__, _HOMES)
