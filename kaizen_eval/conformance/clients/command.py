"""A command that runs: in a process group of its own, which is ended with everything in it."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, Self

from kaizen_eval.errors import UsageError

__all__ = ["MOST_OUTPUT", "Command"]

MOST_OUTPUT = 16 * 2**20
"""Bytes that a command may print."""
_SHOWN = 20_000
"""Bytes of the end of its output that are kept."""


class Command:
    """A context manager: at its end nothing of what it started is left, as long as that did not leave its group."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        self._arguments = list(arguments)
        self._environment = environment

    def __enter__(self) -> Self:
        self._output: tuple[IO[bytes], IO[bytes]] = (tempfile.TemporaryFile(), tempfile.TemporaryFile())
        try:
            self._process = self._started()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._close()

    @property
    def exit_code(self) -> int | None:
        """None while it runs; below 0 where a signal ended it."""
        return self._process.poll()

    @property
    def has_printed_too_much(self) -> bool:
        return any(os.fstat(file.fileno()).st_size > MOST_OUTPUT for file in self._output)

    def send(self, number: signal.Signals) -> None:
        """To its whole group, as a terminal does."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def kill(self) -> None:
        """End its group; a second time does nothing."""
        self.send(signal.SIGKILL)
        self._process.wait()

    def printed(self) -> tuple[str, str]:
        """On stdout and on stderr; of much the end."""
        out, err = (_end(file) for file in self._output)
        return out, err

    def _started(self) -> subprocess.Popen[bytes]:
        out, err = self._output
        try:
            return subprocess.Popen(  # noqa: S603 - running the user's own command is what is asked
                self._arguments,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=dict(self._environment),
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise UsageError(_refused(self._arguments[0], error)) from error

    def _close(self) -> None:
        for file in self._output:
            file.close()


def _end(file: IO[bytes]) -> str:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _SHOWN))
    return file.read().decode("utf-8", "replace")


def _refused(program: str, error: OSError | ValueError) -> str:
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.ENOENT and shutil.which(program) is None and not os.path.lexists(program):
        return f"There is no command {program!r}: neither a program on PATH nor a file from here."
    if number == errno.ENOENT:
        return f"{program!r} cannot be run: the interpreter that its first line names is not there."
    if number == errno.EACCES:
        return f"{program!r} may not be run: make it executable (chmod +x), or name its interpreter before it."
    if number == errno.ENOEXEC:
        return f"{program!r} is no program: begin it with a line such as #!/bin/sh, or name its interpreter before it."
    return f"{program!r} cannot be run: {error}."
