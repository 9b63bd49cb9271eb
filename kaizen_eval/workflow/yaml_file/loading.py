"""Loads a workflow from a file, with every mistake in it at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kaizen_eval.errors import WorkflowError
from kaizen_eval.handwritten.decoded import LARGEST, check_texts, decoded
from kaizen_eval.handwritten.problems import Problems
from kaizen_eval.handwritten.shapes import check
from kaizen_eval.workflow.workflow import Workflow
from kaizen_eval.workflow.yaml_file.building import built
from kaizen_eval.workflow.yaml_file.grammar import WORKFLOW

__all__ = ["load", "read"]


def load(path: str | Path, types: Mapping[str, Any] | None = None) -> Workflow:
    """The workflow in a file, called like it where it has no name of its own.

    Raises:
        WorkflowError: it cannot be read, or naming file, line and column of everything that is wrong.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise WorkflowError(f"{str(path)!r} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    return read(raw, types, name=path.stem, source=path.name)


def read(
    text: str | bytes, types: Mapping[str, Any] | None = None, *, name: str = "workflow", source: str = "workflow"
) -> Workflow:
    """The workflow in a text.

    Args:
        text: YAML; bytes are UTF-8.
        types: what names of types mean, before those that are registered.
        name: of the workflow, where the text says none.
        source: the file, as messages name it.

    Raises:
        WorkflowError: naming line and column of everything that is wrong.
    """
    from kaizen_eval.handwritten.yaml_text import read_yaml  # noqa: PLC0415 - the library is slow to load

    problems = Problems(source, lambda message, sentences: WorkflowError(message, problems=sentences))
    root = read_yaml(decoded(text, problems), problems, begins="a workflow has 'nodes:'")
    check_texts(root, problems)
    check(WORKFLOW, root, problems)
    workflow = built(root, types or {}, problems, name)
    if workflow is None or len(problems):
        raise problems.error()
    return workflow
