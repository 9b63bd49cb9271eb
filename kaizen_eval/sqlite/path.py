"""Checks of the path of a SQLite file."""

from __future__ import annotations

import os

from kaizen_eval.errors import ConfigError

__all__ = ["checked_path"]


def checked_path(path: object, *, of: str, without: str) -> str:
    """From the root.

    Args:
        path: as it was given.
        of: what it was given to, such as "SqliteMemory".
        without: what to do where there is to be no file: a clause.
    """
    if not isinstance(path, str | os.PathLike) or not isinstance(os.fspath(path), str) or not os.fspath(path):
        raise ConfigError(f"{of} takes the path of a file, not {path!r}.")
    if os.fspath(path) == ":memory:":
        raise ConfigError(f"{of} keeps all in a file; {without}.")
    return os.path.abspath(path)  # noqa: PTH100 - as text, whatever it holds
