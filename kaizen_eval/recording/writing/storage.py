"""Files of cassettes on the disk: found and read; they are replaced whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from kaizen_eval.errors import CassetteCorrupt, RecordingError
from kaizen_eval.recording.file import MOST_BYTES
from kaizen_eval.whole_files import remove, write

__all__ = ["beside", "find", "read", "real", "remove", "write"]


def real(path: Path) -> Path:
    """Where the file is, behind symbolic links: a link is written through, never replaced by a file.

    Raises:
        RecordingError: no file can have that name, or the folder that it starts from is gone.
    """
    if "\0" in str(path):
        raise RecordingError(f"No cassette can be called {str(path)!r}: it holds a NUL character.", path=str(path))
    try:
        return Path(os.path.realpath(path))
    except OSError as error:
        raise RecordingError(
            f"The cassette {path} cannot be found: the folder that this process works in is gone. Give a whole path.",
            path=str(path),
        ) from error


def find(path: Path) -> Path | None:
    """The file itself, else the one beside it in the other form; None where there is neither.

    Raises:
        RecordingError: that cannot be told: a folder may not be looked into, links go round in a circle.
    """
    place = real(path)
    other = place.with_suffix(".yaml" if place.suffix == ".jsonl" else ".jsonl")
    return next((one for one in (place, other) if _is_there(one)), None)


def beside(path: Path, ending: str) -> Path:
    """What is kept beside a cassette for a while: `test_answers.yaml.partial`."""
    return path.with_name(f"{path.name}.{ending}")


def read(path: Path) -> bytes:
    """Raises:
    CassetteCorrupt: it is too large for a cassette.
    RecordingError: it cannot be read.
    """
    try:
        status = path.stat()
        size = status.st_size
        if size > MOST_BYTES:
            raise CassetteCorrupt(
                f"{path}: the file has {size:,} bytes; a cassette may have {MOST_BYTES:,}.", path=str(path)
            )
        _refuse_endless(status.st_mode)
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error


def _is_there(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise _unreadable(path, error) from error
    return True


def _refuse_endless(mode: int) -> None:
    """Reading what is neither file nor folder may never end."""
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise OSError(errno.EINVAL, "It is no file but a device, a pipe or a socket")


def _unreadable(path: Path, error: OSError) -> RecordingError:
    return RecordingError(f"The cassette {path} cannot be read: {error.strerror}.", path=str(path))
