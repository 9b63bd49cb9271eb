"""Where cases come from: a file that is read line by line, one that is read whole, or Python."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from kaizen_eval.errors import DatasetError
from kaizen_eval.evals.case import Case
from kaizen_eval.evals.dataset.opened import Opened
from kaizen_eval.evals.dataset.problems import Problems
from kaizen_eval.evals.dataset.written import Spot, Written
from kaizen_eval.suggestion import suggestion

if TYPE_CHECKING:
    from kaizen_eval.signatures import Signature

__all__ = ["InPython", "Lines", "Source", "Whole", "source_of"]


class Source(Protocol):
    path: str
    """Of the file; empty where there is none."""
    label: str
    """As messages name it."""

    def open(self, problems: Problems, signature: type[Signature] | None) -> Opened:
        """Begin to read; the signature is that of the caller, who goes before the file.

        Raises:
            DatasetError: nothing of it can be read.
        """
        ...


class InPython:
    path = ""

    def __init__(self, cases: tuple[Case | Mapping[str, Any], ...], *, name: str, scorers: tuple[Any, ...]) -> None:
        self._cases = cases
        self.label = name
        self._scorers = scorers

    def open(self, problems: Problems, signature: type[Signature] | None) -> Opened:  # noqa: ARG002 - all is said
        return Opened(self.label, None, self._scorers, self._written)

    def _written(self, problems: Problems) -> Iterator[Written]:  # noqa: ARG002 - there is nothing to be misread
        for number, case in enumerate(self._cases, 1):
            yield Written(case, Spot(number))


class Whole:
    """A file whose cases are kept once they are read."""

    def __init__(self, path: Path, reader: Callable[[Path, Problems, type[Signature] | None], Opened]) -> None:
        self.path = self.label = str(path)
        self._file = path
        self._reader = reader

    def open(self, problems: Problems, signature: type[Signature] | None) -> Opened:
        return self._reader(self._file, problems, signature)


class Lines:
    """A JSONL file: where each line begins is known, and no more; cases are read again when they are asked for."""

    def __init__(self, path: Path) -> None:
        self.path = self.label = str(path)
        self._file = path
        self._begins = array("Q")
        self._state = _state(path)

    def open(self, problems: Problems, signature: type[Signature] | None) -> Opened:  # noqa: ARG002 - it has no header
        return Opened(self._file.stem, None, (), self.written)

    def written(self, problems: Problems) -> Iterator[Written]:
        """Each case.

        Raises:
            DatasetError: the file has changed.
        """
        from kaizen_eval.evals.dataset.jsonl_file import lines_of  # noqa: PLC0415 - only where there is such a file

        self._refuse_changed()
        begins = array("Q")
        for begin, written in lines_of(self._file, problems):
            begins.append(begin)
            yield written
        self._begins = begins

    def written_at(self, place: int) -> Written:
        """One of them, after all have been read.

        Raises:
            DatasetError: the file has changed.
        """
        from kaizen_eval.evals.dataset.jsonl_file import line_at  # noqa: PLC0415 - the same

        self._refuse_changed()
        return line_at(self._file, self._begins[place])

    def _refuse_changed(self) -> None:
        try:
            state = _state(self._file)
        except OSError as error:
            raise DatasetError(f"{self.path} cannot be read any more: {error.strerror}.", path=self.path) from error
        if state != self._state:
            raise DatasetError(f"{self.path} has changed since it was loaded: load it again.", path=self.path)


def source_of(path: Path) -> Source:
    """By the ending of its name.

    Raises:
        DatasetError: it has another one, or there is no such file.
    """
    kind = _KINDS.get(path.suffix.lower())
    if kind is None:
        known = ", ".join(_KINDS)
        lines = " Write JSON as .jsonl: one case in each line." if path.suffix.lower() == ".json" else ""
        raise DatasetError(
            f"{path}: a dataset's name ends in one of {known}, not in {path.suffix!r}.{lines}", path=str(path)
        )
    try:
        with path.open("rb"):
            return kind(path)
    except FileNotFoundError:
        raise DatasetError(f"There is no dataset {path}{_near(path)}", path=str(path)) from None
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror or error}.", path=str(path)) from error


def _yaml(path: Path) -> Source:
    from kaizen_eval.evals.dataset.yaml_file import open_yaml  # noqa: PLC0415 - the library is slow to load

    return Whole(path, open_yaml)


def _csv(path: Path) -> Source:
    from kaizen_eval.evals.dataset.csv_file import open_csv  # noqa: PLC0415 - only where there is such a file

    return Whole(path, open_csv)


_KINDS: Mapping[str, Callable[[Path], Source]] = {".yaml": _yaml, ".yml": _yaml, ".jsonl": Lines, ".csv": _csv}


def _near(path: Path) -> str:
    try:
        return suggestion(path.name, (other.name for other in path.parent.iterdir()))
    except OSError:
        return "."


def _state(path: Path) -> tuple[int, int, int]:
    """What changes with a file's content."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns
