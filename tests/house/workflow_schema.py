"""Writes the published JSON Schema of workflow files from their grammar: `python tests/house/workflow_schema.py`."""

from __future__ import annotations

import json
from pathlib import Path

from kaizen_eval.workflow.yaml_file import grammar

__all__ = ["SCHEMA", "written"]

SCHEMA = Path(grammar.__file__).with_name("schema.json")


def written() -> str:
    """The text of the file."""
    return json.dumps(grammar.schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(written(), "utf-8")
