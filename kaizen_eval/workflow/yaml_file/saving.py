"""Workflows to text and into files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from kaizen_eval.errors import WorkflowError
from kaizen_eval.handwritten.decoded import decoded
from kaizen_eval.handwritten.problems import Problems
from kaizen_eval.whole_files import write
from kaizen_eval.workflow.workflow import Workflow
from kaizen_eval.workflow.yaml_file.document import document
from kaizen_eval.workflow.yaml_file.grammar import VERSION

__all__ = ["save", "text_of"]

_INSTEAD = "Keep large values in files of their own, and workflows inside in modules: 'module:Name'."


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
    _refuse_unreadable(workflow.name, text)
    return text


def _refuse_unreadable(name: str, text: str) -> None:
    """What is read has bounds: of size, and of how many values there are, and how deep."""
    from kaizen_eval.handwritten.yaml_text import read_yaml  # noqa: PLC0415 - as above

    problems = Problems("its file", lambda message, _: WorkflowError(f"{_cannot(name)} {message} {_INSTEAD}"))
    read_yaml(decoded(text, problems), problems, begins="")


def save(workflow: Workflow, path: str | Path) -> None:
    """Write it whole or not at all, over what is there; where a link leads, not over the link.

    Raises:
        WorkflowError: it cannot be written, or not into this file.
    """
    text = text_of(workflow)
    try:
        write(Path(os.path.realpath(path)), text.encode())
    except (OSError, ValueError) as error:
        raise WorkflowError(f"{str(path)!r} cannot be written: {getattr(error, 'strerror', None) or error}.") from error


def _told(name: str, problems: list[str]) -> str:
    if len(problems) == 1:
        return f"{_cannot(name)} {problems[0]}"
    return "\n  ".join([f"{_cannot(name)} for {len(problems)} reasons:", *problems])


def _cannot(name: str) -> str:
    return f"The workflow {name!r} cannot be saved:"
