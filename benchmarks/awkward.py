"""For how many of the tests' awkward schemas the fake makes valid values alone.

The official suite's schemas are counted by `python benchmarks/schema_suite.py FOLDER`, which needs its files.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
from measure import Row

from kaizen_eval.fake.generate import from_schema

sys.path.append(str(Path(__file__).parent.parent / "tests"))

from awkward_schemas import AWKWARD

__all__ = ["rows"]

_VALUES = 20
"""For each schema."""


def rows() -> Iterator[Row]:
    yield Row(
        name=f"{len(AWKWARD)} awkward schemas: those with valid values alone",
        value=sum(_is_valid(schema) for schema in AWKWARD.values()),
        unit="schemas",
        at_least=len(AWKWARD),
        beside=f"{_VALUES} values for each, looked at by two validators",
    )


def _is_valid(schema: Any) -> bool:
    validators = [jsonschema.Draft202012Validator(schema), jsonschema_rs.validator_for(schema)]
    values = [from_schema(schema, str(number)) for number in range(_VALUES)]
    return all(validator.is_valid(value) for value in values for validator in validators)
