"""Where cases come from: a file that is read line by line, one that is read whole, or Python."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from kaizen_eval.errors import DatasetError
from kaizen_eval.evals.case import Case
from kaizen_eval.evals.dataset.problems import Problems
from kaizen_eval.evals.dataset.written import Spot, Written
from kaizen_eval.signatures import Signature
from kaizen_eval.suggestion import suggestion

__all__ = ["InPython", "Lines", "Source", "source_of"]


class Source(Protocol):
    name: str
    path: str
    """Of the file; empty where there is none."""
    scorers: tuple[Any, ...]
    is_lazy: bool
    """Whether cases are not kept, but read again when they are asked for."""

    def signature(self) -> type[Signature] | None:
        """The one that the source itself names."""
        ...

    def written(self, problems: Problems) -> Iterator[Written]:
        """All cases."""
        ...

    def written_at(self, place: int, problems: Problems) -> Written | None:
        """One of them, from 0, after all have been read."""
        ...


class InPython:
    is_lazy = False
    path = ""

    def __init__(self, cases: tuple[Case | Mapping[str, Any], ...], *, name: str, scorers: tuple[Any, ...]) -> None:
        self._cases = cases
        self.name = name
        self.scorers = scorers

    def signature(self) -> None:
        return None

    def written(self, problems: Problems) -> Iterator[Written]:  # noqa: ARG002 - there is nothing to be misread
        for number, case in enumerate(self._cases, 1):
            yield Written(case, Spot(number))

    def written_at(self, place: int, problems: Problems) -> Written | None:  # noqa: ARG002 - the same
        return Written(self._cases[place], Spot(place + 1))


class Lines:
    """A JSONL file: where each line begins is known, and no more."""

    is_lazy = True
    scorers = ()

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        self.path = str(path)
        self._file = path
        self._begins = array("Q")
        self._state: tuple[int, int, int] | None = None

    def signature(self) -> None:
        return None

    def written(self, problems: Problems) -> Iterator[Written]:
        from kaizen_eval.evals.dataset.jsonl_file import lines_of  # noqa: PLC0415 - only where there is such a file

        begins = array("Q")
        state = _state(self._file)
        if self._state is not None:
            self._refuse_changed(state)
        for begin, written in lines_of(self._file, problems):
            begins.append(begin)
            yield written
        self._begins, self._state = begins, state

    def written_at(self, place: int, problems: Problems) -> Written | None:
        from kaizen_eval.evals.dataset.jsonl_file import line_at  # noqa: PLC0415 - the same

        self._refuse_changed(_state(self._file))
        return line_at(self._file, self._begins[place], problems)

    def _refuse_changed(self, state: tuple[int, int, int]) -> None:
        if state != self._state:
            raise DatasetError(f"{self.path} has changed since it was loaded: load it again.", path=self.path)


def source_of(path: Path) -> Source:
    """By the ending of its name."""
    kinds = {".jsonl": Lines}
    if path.suffix.lower() not in kinds:
        raise DatasetError(
            f"{path}: a dataset's name ends in {', '.join(kinds)}, not in {path.suffix!r}.", path=str(path)
        )
    try:
        _state(path)
        return kinds[path.suffix.lower()](path)
    except FileNotFoundError:
        near = _near(path)
        raise DatasetError(f"There is no dataset {path}{near}", path=str(path)) from None
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror or error}.", path=str(path)) from error


def _near(path: Path) -> str:
    try:
        return suggestion(path.name, (other.name for other in path.parent.iterdir()))
    except OSError:
        return "."


def _state(path: Path) -> tuple[int, int, int]:
    """What changes with a file's content."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns
