"""Counts the schemas of a JSON Schema test suite for which the fake and the generators make valid values only.

    python benchmarks/schema_suite.py FOLDER [--verbose]

FOLDER holds the files of one draft, such as `draft2020-12` of the official suite; its `remotes` are looked for beside
it. A schema counts when one of its group's instances is marked valid: then there is a value to be found. Each is
asked for 20 values of the fake, and for 50 of `kaizen_eval.generators`, and each value is looked at by two validators.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import jsonschema_rs
import referencing.exceptions
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable

from kaizen_eval.errors import NothingFits, ScriptError
from kaizen_eval.fake.generate import from_schema
from kaizen_eval.generators import from_json_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOST = "http://localhost:1234"
"""Where the suite's remote documents pretend to be."""

KEYS = [str(number) for number in range(20)]
GENERATED = settings(
    max_examples=50,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


def groups(folder: Path) -> Iterator[tuple[str, Any]]:
    """The name and the schema of every group that has a valid instance."""
    for path in sorted(folder.glob("*.json")):
        for group in json.loads(path.read_text("utf-8")):
            if any(test["valid"] for test in group["tests"]):
                yield f"{path.stem}: {group['description']}", group["schema"]


def remote_documents(folder: Path) -> dict[str, Any]:
    """The suite's remote documents, each under the address that it is fetched from."""
    found = {}
    for path in sorted(folder.rglob("*.json")):
        address = f"{HOST}/{path.relative_to(folder.parent).as_posix()}"
        found[address] = {"$id": address, **json.loads(path.read_text("utf-8"))}
    return found


def self_contained(schema: Any, remotes: dict[str, Any]) -> Any:
    """The schema with the remote documents embedded, if it refers to any: the fake never fetches one."""
    try:
        jsonschema_rs.validator_for(schema, offline=True)
    except ValueError:
        return {**schema, "$defs": {**schema.get("$defs", {}), **remotes}}
    return schema


def fake_values(schema: Any) -> list[Any]:
    return [from_schema(schema, key) for key in KEYS]


def generated_values(schema: Any) -> list[Any]:
    values: list[Any] = []

    @settings(GENERATED)
    @given(from_json_schema(schema))
    def collect(value: Any) -> None:
        values.append(value)

    collect()
    return values


MAKERS = {"the fake": fake_values, "the generators": generated_values}


def outcome(schema: Any, make: Callable[[Any], list[Any]]) -> str:
    """`valid`, or what went wrong."""
    try:
        values = make(schema)
    except (NothingFits, ScriptError, Unsatisfiable) as error:
        return f"no value: {str(error).splitlines()[0]}"
    wrong = [value for value in values if not jsonschema_rs.is_valid(schema, value, offline=True)]
    wrong += [value for value in values if not valid_for_jsonschema(schema, value)]
    return f"invalid: {wrong[0]!r}" if wrong else "valid"


def valid_for_jsonschema(schema: Any, value: Any) -> bool:
    try:
        return jsonschema.validators.validator_for(schema, jsonschema.Draft202012Validator)(schema).is_valid(value)
    except (
        referencing.exceptions.Unresolvable,
        re.error,
    ):  # only the other validator has that document or regex dialect
        return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--verbose", action="store_true", help="name each schema that fails")
    arguments = parser.parse_args()
    remotes = remote_documents(arguments.folder.parent / "remotes" / arguments.folder.name)
    schemas = {name: self_contained(schema, remotes) for name, schema in groups(arguments.folder)}
    if not schemas:
        parser.error(f"{arguments.folder} holds no test files; name the folder of one draft, such as draft2020-12")
    for who, make in MAKERS.items():
        report(who, {name: outcome(schema, make) for name, schema in schemas.items()}, verbose=arguments.verbose)


def report(who: str, outcomes: dict[str, str], *, verbose: bool) -> None:
    counts = Counter(text.partition(":")[0] for text in outcomes.values())
    if verbose:
        print(*(f"{name}\n    {text}" for name, text in outcomes.items() if text != "valid"), sep="\n")
    print(
        f"{who}: {counts['valid']} of {len(outcomes)} schemas: {counts['valid'] / len(outcomes):.1%} ({dict(counts)})"
    )


if __name__ == "__main__":
    main()
