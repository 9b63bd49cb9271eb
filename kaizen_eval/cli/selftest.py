"""`kaizen-eval selftest`: show that the laws catch every strategy that is broken on purpose."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kaizen_eval.errors import UsageError

if TYPE_CHECKING:
    from kaizen_eval.conformance.selftest import SelfTest

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse has no public name for it

__all__ = ["add_to"]

_SUMMARY = "show that the laws catch every strategy that is broken on purpose"
_DETAILS = """\
Each mutant is held against the laws of the group that must catch it, and the reference against every law. It fails on \
a mutant that survives or is caught for another reason, and on a law that the reference breaks; laws that catch \
nothing are named."""


def add_to(commands: Commands, *, parents: Sequence[argparse.ArgumentParser]) -> None:
    """Add `selftest` to the command line."""
    description = f"{_SUMMARY[0].upper()}{_SUMMARY[1:]}. {_DETAILS}"
    parser = commands.add_parser("selftest", help=_SUMMARY, description=description, parents=[*parents])
    parser.add_argument("--seed", metavar="N", type=int, nargs="+", help="try with these seeds (default: 0)")
    parser.add_argument("--seeds", metavar="N", type=int, help="try with N seeds, from 0")
    parser.add_argument("--only", choices=["mutants", "reference"], help="leave the others out")
    parser.add_argument("--all", action="store_true", help="hold each mutant against every law, not its group's alone")
    parser.add_argument(
        "--jobs", metavar="N", type=int, help="processes side by side (default: one for each processor)"
    )
    parser.add_argument("--json", metavar="FILE", type=Path, help="write what was found as JSON")
    parser.add_argument("--quiet", action="store_true", help="print only what must be mended")
    parser.add_argument("--no-color", action="store_true", help="plain text; so does the variable NO_COLOR")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from kaizen_eval.conformance import selftest as proving  # noqa: PLC0415 - loads every law; --help needs none

    seeds, processes = _seeds(options), _processes(options)
    todo = proving.tasks(
        proving.SHIPPED,
        seeds,
        mutants=options.only != "reference",
        reference=options.only != "mutants",
        against_all=options.all,
    )
    found = proving.selftest(seeds, todo=todo, processes=processes, progress=_Progress(quiet=options.quiet))
    if options.json is not None:
        _write(options.json, found)
    lines = found.problems if options.quiet else _lines(found)
    is_plain = options.no_color or bool(os.environ.get("NO_COLOR")) or not sys.stdout.isatty()
    for line in lines:
        print(line if is_plain else _coloured(line))
    return 1 if found.problems else 0


def _seeds(options: argparse.Namespace) -> list[int]:
    if options.seed is not None and options.seeds is not None:
        raise UsageError("--seed names seeds, and --seeds says how many: give one of them.")
    if options.seeds is not None and options.seeds < 1:
        raise UsageError(f"--seeds takes a whole number from 1, not {options.seeds}.")
    if options.seeds is not None:
        return list(range(options.seeds))
    return list(dict.fromkeys(options.seed or [0]))


def _processes(options: argparse.Namespace) -> int:
    if options.jobs is not None and options.jobs < 1:
        raise UsageError(f"--jobs takes a whole number from 1, not {options.jobs}.")
    return options.jobs or os.cpu_count() or 1


class _Progress:
    """One line on a terminal, which vanishes when all is done."""

    def __init__(self, *, quiet: bool) -> None:
        self._shown = sys.stderr.isatty() and not quiet

    def __call__(self, done: int, of: int) -> None:
        if self._shown:
            text = f"{done} of {of} trials" if done < of else ""
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def _write(path: Path, found: SelfTest) -> None:
    try:
        path.write_text(json.dumps(found.as_data(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--json: {str(path)!r} cannot be written: {error.strerror}.") from error


def _lines(found: SelfTest) -> Iterator[str]:
    from kaizen_eval.conformance.selftest import KEY, matrix  # noqa: PLC0415 - as above

    if found.proofs:
        yield from (*matrix(found).splitlines(), "", KEY, "")
    if found.idle:
        yield f"Laws that catch no mutant: {', '.join(found.idle)}."
    yield from found.problems
    yield _verdict(found)


def _verdict(found: SelfTest) -> str:
    proofs = found.proofs
    caught = sum(not any(proof.problems()) for proof in proofs)
    parts = [f"{caught} of {len(proofs)} mutants caught for the stated reason"] if proofs else []
    if any(trial.subject == found.book.reference.name for trial in found.trials):
        alarms = len(found.false_alarms)
        broken = "breaks none of" if not alarms else f"breaks {len({a.law for a in found.false_alarms})} of"
        parts.append(f"the reference {broken} {len(found.book.laws)} laws")
    seeds = f"seed {found.seeds[0]}" if len(found.seeds) == 1 else f"{len(found.seeds)} seeds"
    return f"{'; '.join(parts)}; {seeds}, {found.seconds:.1f} s."


def _coloured(line: str) -> str:
    marks = {"●": "\x1b[32m●\x1b[0m", "!": "\x1b[31;1m!\x1b[0m", "○": "\x1b[36m○\x1b[0m"}
    if not line.startswith("  "):
        return line
    return "".join(marks.get(sign, sign) for sign in line)
