"""Workflows to text and into files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kaizen_eval.errors import WorkflowError
from kaizen_eval.handwritten.decoded import LARGEST
from kaizen_eval.whole_files import write
from kaizen_eval.workflow.workflow import Workflow
from kaizen_eval.workflow.yaml_file.document import document
from kaizen_eval.workflow.yaml_file.grammar import VERSION

__all__ = ["save", "text_of"]


def text_of(workflow: Workflow) -> str:
    """The workflow as YAML.

    Raises:
        WorkflowError: with all that cannot be written, and what to do about it.
    """
    problems: list[str] = []
    found: dict[str, Any] = {"version": VERSION, **document(workflow, problems)}
    if problems:
        raise WorkflowError(_told(workflow.name, problems), problems=tuple(problems))
    from kaizen_eval.workflow.yaml_file.dumping import dumped  # noqa: PLC0415 - the library is slow to load

    text = dumped(found)
    if len(text.encode()) > LARGEST:
        raise WorkflowError(
            f"The workflow {workflow.name!r} has more than {LARGEST // 1024**2} MiB as YAML, and no such file is read: "
            "keep large values in files of their own, and give their paths."
        )
    return text


def save(workflow: Workflow, path: str | Path) -> None:
    """Write it whole or not at all, over what is there.

    Raises:
        WorkflowError: it cannot be written, or not into this file.
    """
    text = text_of(workflow)
    try:
        write(Path(path), text.encode())
    except (OSError, ValueError) as error:
        raise WorkflowError(f"{str(path)!r} cannot be written: {getattr(error, 'strerror', None) or error}.") from error


def _told(name: str, problems: list[str]) -> str:
    if len(problems) == 1:
        return f"The workflow {name!r} cannot be saved: {problems[0]}"
    return "\n  ".join([f"The workflow {name!r} cannot be saved, for {len(problems)} reasons:", *problems])
