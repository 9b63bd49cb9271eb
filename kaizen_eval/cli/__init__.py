"""The command line: finds the command, runs it, and says in one line what went wrong."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from kaizen_eval.errors import KaizenError, UsageError

__all__ = ["main"]

_COMMANDS = (
    "cassettes",
    "check",
    "compare",
    "eval",
    "faults",
    "init",
    "judge",
    "merge",
    "report",
    "runs",
    "selftest",
    "serve",
)
"""Each is a module, which is loaded where it may be meant: a server is to start at once."""
_MODULES = {"eval": "evaluate"}
"""Of commands whose names are taken in Python."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; without arguments those of the process.

    Returns:
        The exit code: 0 done, 1 failed or found something, 2 wrong usage, 130 interrupted. Wrong options leave by
        SystemExit(2). Commands whose `on_failure` is 3 keep 1 for what they found.
    """
    given = sys.argv[1:] if arguments is None else arguments
    options = _parser(given).parse_args(given)
    try:
        return options.run(options) or 0
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read it has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else it is said again at exit
        return 1
    except UsageError as error:
        return _failed(error, options, code=2)
    except Exception as error:  # noqa: BLE001 - whatever happens, a user reads one line; --debug shows the rest
        return _failed(error, options, code=getattr(options, "on_failure", 1))


def _failed(error: Exception, options: argparse.Namespace, *, code: int) -> int:
    if options.debug:
        traceback.print_exception(error)
    print(f"kaizen-eval: {_line(error)}", file=sys.stderr)
    return code


def _line(error: Exception) -> str:
    """Our own errors and the system's speak for themselves; any other is named, with the way to see more."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.strerror}: {error.filename!r}"
    if isinstance(error, KaizenError | OSError):
        return str(error)
    return f"{type(error).__name__}: {error} (--debug shows where)"


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kaizen-eval", description="Test and evaluate LLM agents.", parents=[_debug(default=False)]
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version, and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    first = next((argument for argument in given if not argument.startswith("-")), None)
    for name in [first] if first in _COMMANDS else _COMMANDS:
        module = import_module(f"{__name__}.{_MODULES.get(name, name)}")
        module.add_to(commands, parents=[_debug(default=argparse.SUPPRESS)])
    return parser


class _Version(argparse.Action):
    """Looks the version up when it is asked for, which takes as long as half of a server's start."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from kaizen_eval import __version__  # noqa: PLC0415 - see above

        print(f"kaizen-eval {__version__}")
        parser.exit()


def _debug(*, default: object) -> argparse.ArgumentParser:
    """`--debug`, before or after the command: after it, only what was said counts."""
    parent = argparse.ArgumentParser(add_help=False)
    parent.add_argument("--debug", action="store_true", default=default, help="show the traceback of an error")
    return parent
