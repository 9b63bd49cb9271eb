"""The schema in a file beside a dataset: written, or held against the dataset."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaizen_eval.errors import DatasetError
from kaizen_eval.evals.dataset.problems import Problems
from kaizen_eval.evals.dataset.schema import dataset_schema
from kaizen_eval.evals.dataset.sources import source_of
from kaizen_eval.evals.dataset.written import Path as Steps

if TYPE_CHECKING:
    from kaizen_eval.signatures import Signature

__all__ = ["check_schema", "schema_path", "write_schema"]

_MARK = "yaml-language-server:"
_YAML = frozenset({".yaml", ".yml"})


def schema_path(dataset: str | Path) -> Path:
    """`fixtures/qa.schema.json` for `fixtures/qa.yaml`."""
    return Path(dataset).with_suffix(".schema.json")


def write_schema(dataset: str | Path, *, signature: type[Signature] | None = None, link: bool = False) -> Path:
    """Write the schema beside a dataset, over one that is there; the dataset itself may still be wrong.

    Args:
        dataset: the path of its file.
        signature: goes before the one that the file names.
        link: whether to begin a YAML file with the comment by which editors find the schema, if it has none.

    Returns:
        The schema's path.

    Raises:
        DatasetError: no signature is known, or a file cannot be read or written.
    """
    path, beside = Path(dataset), schema_path(dataset)
    schema = dataset_schema(signature or _signature(path))
    try:
        beside.write_text(_text(schema), "utf-8")
        if link:
            _link(path, beside)
    except OSError as error:
        raise DatasetError(f"{beside} cannot be written: {error.strerror or error}.", path=str(beside)) from error
    return beside


def check_schema(dataset: str | Path, *, signature: type[Signature] | None = None) -> None:
    """Hold a dataset against the schema beside it, as an editor does.

    Raises:
        DatasetError: the schema is missing or old, or with all that does not fit it.
    """
    path, beside = Path(dataset), schema_path(dataset)
    schema = dataset_schema(signature or _signature(path))
    try:
        stands = beside.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        stands = ""
    if stands != _text(schema):
        what = "is not that of its signature any more" if stands else "is missing"
        raise DatasetError(f"The schema {beside} {what}: write_schema({str(path)!r}) writes it.", path=str(beside))
    problems = Problems(str(path), path=str(path))
    misfits = _misfits_of(schema)
    for written in source_of(path).open(problems, signature).written(problems):
        for place, said in misfits(written.value):
            problems.add(written.at(*place), f"the schema says: {said}.")
    problems.raise_any()


def _signature(path: Path) -> type[Signature]:
    problems = Problems(str(path), path=str(path))
    signature = source_of(path).open(problems, None).signature
    if signature is None:
        problems.raise_any()
        raise DatasetError(f"{path} names no signature: give one, write_schema(…, signature=…).", path=str(path))
    return signature


def _misfits_of(schema: dict[str, Any]) -> Callable[[Any], Iterator[tuple[Steps, str]]]:
    """What of a case does not fit, each with its place in it."""
    import jsonschema_rs  # noqa: PLC0415 - a library that only this check needs

    of_case = {"$ref": "#/$defs/case", "$defs": schema["$defs"]}
    errors = jsonschema_rs.validator_for(of_case, offline=True).iter_errors
    return lambda value: ((tuple(error.instance_path), error.message) for error in errors(value))


def _text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _link(path: Path, beside: Path) -> None:
    """Only the head of a file is looked at by editors."""
    text = path.read_text("utf-8")
    if path.suffix.lower() in _YAML and _MARK not in text.split("cases:")[0]:
        path.write_text(f"# {_MARK} $schema={beside.name}\n{text}", "utf-8")
