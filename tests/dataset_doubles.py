"""Signatures that datasets in tests are for, and how such datasets are written."""

from __future__ import annotations

import datetime as dt
import json
from typing import Literal

import pytest

from kaizen_eval import InputField, OutputField, Signature
from kaizen_eval.errors import DatasetError
from kaizen_eval.evals import Dataset

__all__ = ["QA", "Ticket", "jsonl", "loaded", "mistakes"]


class QA(Signature):
    """Answer."""

    question: str = InputField()
    answer: str = OutputField()


class Ticket(Signature):
    """Route a message."""

    message: str = InputField(min_length=1)
    attempts: int = InputField(ge=0, default=0)
    urgent: bool = InputField(default=False)
    queue: Literal["billing", "other"] = OutputField()
    tags: list[str] = OutputField()
    due: dt.date = OutputField(default=None)


def loaded(folder, name, text, **options):
    """The dataset in a new file."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Dataset.load(path, **options)


def jsonl(*cases):
    return "".join(json.dumps(case, ensure_ascii=False) + "\n" for case in cases)


def mistakes(folder, name, text, **options):
    """Each with its place, without the path of the file."""
    with pytest.raises(DatasetError) as error:
        loaded(folder, name, text, **options)
    path = str(folder / name)
    assert error.value.path == path
    lines = str(error.value).split("\n")
    return [line.strip().removeprefix(f"{path}:") for line in lines if not line.endswith("mistakes:")]
