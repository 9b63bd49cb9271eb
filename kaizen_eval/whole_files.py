"""Files that are replaced whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

__all__ = ["remove", "write"]


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
