"""Files of cassettes on the disk: found, read, and replaced whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from kaizen_eval.errors import CassetteCorrupt, RecordingError
from kaizen_eval.recording.file import MOST_BYTES

__all__ = ["beside", "find", "read", "real", "remove", "write"]


def real(path: Path) -> Path:
    """Where the file is, behind symbolic links: a link is written through, never replaced by a file."""
    return Path(os.path.realpath(path))


def find(path: Path) -> Path | None:
    """The file itself, else the one beside it in the other form; None where there is neither."""
    place = real(path)
    other = place.with_suffix(".yaml" if place.suffix == ".jsonl" else ".jsonl")
    return next((one for one in (place, other) if one.exists()), None)


def beside(path: Path, ending: str) -> Path:
    """What is kept beside a cassette for a while: `test_answers.yaml.partial`."""
    return path.with_name(f"{path.name}.{ending}")


def read(path: Path) -> bytes:
    """Raises:
    CassetteCorrupt: it is too large for a cassette.
    RecordingError: it cannot be read.
    """
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise CassetteCorrupt(
                f"{path}: the file has {size:,} bytes; a cassette may have {MOST_BYTES:,}.", path=str(path)
            )
        return path.read_bytes()
    except OSError as error:
        raise RecordingError(f"The cassette {path} cannot be read: {error.strerror}.", path=str(path)) from error


def write(path: Path, data: bytes) -> None:
    """Replace the file, or make it with its folders; whatever fails leaves the old one as it was.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.", suffix=".writing")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), _permissions(path))
            os.fsync(file.fileno())
        os.replace(name, path)  # noqa: PTH105 - a name, not a path
    except BaseException:
        remove(Path(name))
        raise
    _sync_folder(path.parent)


def remove(path: Path) -> None:
    """Where it is still there, and can be removed."""
    with suppress(OSError):
        path.unlink()


def _permissions(path: Path) -> int:
    """Those of the file that is replaced; for a new one those that any new file gets."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        umask = os.umask(0o077)
        os.umask(umask)
        return 0o666 & ~umask


def _sync_folder(folder: Path) -> None:
    """So that the new name outlives a crash of the machine; some file systems cannot, and need not."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
