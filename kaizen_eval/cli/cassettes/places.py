"""Which files are meant by what stands on the command line."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from kaizen_eval.errors import UsageError
from kaizen_eval.recording.naming import UNRECORDED
from kaizen_eval.suggestion import suggestion

_Counts = Callable[[Path, Path], bool]
"""Whether a file below a folder counts."""
__all__ = ["DEFAULT", "STDIN", "cassettes", "single", "texts"]

DEFAULT = "cassettes"
STDIN = Path("-")
_SUFFIXES = {".json", ".jsonl", ".yaml", ".yml"}
_SIGNS = (b"interactions:", b'"interactions"', b"schema: ", b'"schema":', b"A cassette of kaizen-eval")
_HEAD = 1_000
"""Bytes in which a cassette says that it is one."""
_SKIPPED = {"__pycache__", "node_modules", "site-packages"}


def cassettes(given: Sequence[str]) -> list[Path]:
    """The cassettes that are meant, in order, each once.

    A file that is named counts whatever it holds. Below a folder those count that begin as a cassette does, and below
    one named "cassettes" all that could be one: what is torn at its head must not go unseen. Lists of tests that could
    not be recorded are no cassettes.

    Raises:
        UsageError: there is nothing of that name.
    """
    return [path for path in _meant(given, _could_be_cassette) if path.name != UNRECORDED or str(path) in given]


def texts(given: Sequence[str]) -> list[Path]:
    """Any files that are meant; hidden folders are left out."""
    return _meant(given, lambda path, top: True)  # noqa: ARG005 - every file counts


def single(given: str) -> Path:
    """The one file that is meant.

    Raises:
        UsageError: there is none, or it is a folder.
    """
    path = Path(given)
    if path.is_dir():
        raise UsageError(f"{given!r} is a folder; expected a cassette.")
    if path != STDIN and not path.exists():
        raise _nothing(given)
    return path


def _meant(given: Sequence[str], counts: _Counts) -> list[Path]:
    found = [path for text in given or [DEFAULT] for path in _files(text, counts)]
    return list(dict.fromkeys(found))


def _files(text: str, counts: _Counts) -> Iterator[Path]:
    path = Path(text)
    if path == STDIN:
        yield path
    elif path.is_dir():
        yield from (found for found in _below(path) if counts(found, path))
    elif path.exists():
        yield path
    else:
        yield from _matching(text, counts)


def _matching(pattern: str, counts: _Counts) -> Iterator[Path]:
    matches = sorted(glob.glob(pattern, recursive=True)) if glob.has_magic(pattern) else []  # noqa: PTH207 - absolute too
    if not matches:
        raise _nothing(pattern)
    for match in matches:
        if Path(match).is_file():
            yield Path(match)
        elif "**" not in pattern:
            yield from _files(match, counts)


def _nothing(text: str) -> UsageError:
    if glob.has_magic(text):
        return UsageError(f"Nothing matches {text!r}.")
    parent = Path(text).parent
    beside = sorted(entry.name for entry in parent.iterdir()) if parent.is_dir() else []
    return UsageError(f"There is no file or folder {text!r}{suggestion(Path(text).name, beside)}")


def _below(folder: Path) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.is_dir():
            if not entry.name.startswith(".") and entry.name not in _SKIPPED and not entry.is_symlink():
                yield from _below(entry)
        elif entry.is_file():
            yield entry


def _could_be_cassette(path: Path, top: Path) -> bool:
    if path.suffix not in _SUFFIXES:
        return False
    if DEFAULT in {*path.relative_to(top).parts[:-1], top.resolve().name}:
        return path.suffix != ".json" or _begins_as_one(path)
    return _begins_as_one(path)


def _begins_as_one(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return True
    return any(sign in head for sign in _SIGNS)
