"""How far a check is: a bar on a terminal, else a line for each law; on stderr, where it is in nobody's way."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from kaizen_eval.conformance.checking import Begun, Judged, Tried

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["Shown", "progress"]


class Shown(Protocol):
    """Takes events as they happen."""

    def on(self, event: Begun | Tried | Judged) -> None: ...


@contextmanager
def progress(options: argparse.Namespace) -> Iterator[Shown]:
    if options.quiet:
        yield _Nothing()
    elif not sys.stderr.isatty():
        yield _Lines()
    else:
        from rich.console import Console  # noqa: PLC0415 - only a terminal is drawn on
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415 - as above

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[law]}"),
        )
        console = Console(stderr=True, no_color=options.no_color, markup=False, highlight=False)
        with Progress(*columns, console=console, transient=True) as drawn:
            yield _Bar(drawn)


class _Nothing:
    def on(self, event: Begun | Tried | Judged) -> None:
        pass


class _Lines:
    def __init__(self) -> None:
        self._all = self._done = 0

    def on(self, event: Begun | Tried | Judged) -> None:
        if isinstance(event, Begun):
            self._all = len(event.laws)
        elif isinstance(event, Judged) and event.law.verdict != "not judged":
            self._done += 1
            place = f"[{self._done}/{max(self._all, self._done)}]"
            print(f"{place} {event.law.id}: {event.law.verdict}", file=sys.stderr, flush=True)


class _Bar:
    def __init__(self, drawn: Progress) -> None:
        self._drawn = drawn
        self._task = drawn.add_task("importing", total=None, law="")
        self._broken = 0

    def on(self, event: Begun | Tried | Judged) -> None:
        if isinstance(event, Begun):
            self._drawn.update(self._task, description="laws", total=len(event.laws))
        elif isinstance(event, Tried):
            self._drawn.update(self._task, law=f"{event.law}: situation {event.examples}")
        else:
            self._broken += event.law.verdict == "violated"
            told = f"laws, {self._broken} violated" if self._broken else "laws"
            self._drawn.update(self._task, advance=1, description=told)
