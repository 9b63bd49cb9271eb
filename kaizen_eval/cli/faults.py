"""`kaizen-eval faults`: what the fake can do wrong, and what comes of it."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from kaizen_eval.errors import UsageError
from kaizen_eval.suggestion import suggestion

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse has no public name for it

__all__ = ["add_to"]

_SUMMARY = "list the faults of the fake LLM, or tell all about one"
_DETAILS = "What happens on the wire, what the OpenAI SDK makes of it, and how to ask for it in Python and in a script."
_AGAIN = {"yes": ", tried again", "asked again": ", asked again", "no": "", "": ""}
_Row = Mapping[str, Any]
"""As tests/house/faults_table.py measured it."""


def add_to(commands: Commands, *, parents: Sequence[argparse.ArgumentParser]) -> None:
    """Add `faults` to the command line."""
    description = f"{_SUMMARY[0].upper()}{_SUMMARY[1:]}. {_DETAILS}"
    parser = commands.add_parser("faults", help=_SUMMARY, description=description, parents=[*parents])
    parser.add_argument("fault", metavar="NAME", nargs="?", help="all about this one")
    parser.add_argument("--json", action="store_true", help="everything that is known, as JSON")
    parser.add_argument("--no-color", action="store_true", help="plain text; so does the variable NO_COLOR")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    rows: list[_Row] = json.loads(files(__package__).joinpath("faults.json").read_text("utf-8"))
    chosen = rows if options.fault is None else [_named(options.fault, rows)]
    if options.json:
        print(json.dumps(chosen if options.fault is None else chosen[0], indent=2, ensure_ascii=False))
        return
    from rich.console import Console  # noqa: PLC0415 - only who looks at it needs to draw

    is_plain = options.no_color or bool(os.environ.get("NO_COLOR"))
    console = Console(color_system=None if is_plain else "auto", highlight=False, markup=False, emoji=False)
    for part in _list(rows) if options.fault is None else _all_of(chosen[0]):
        _print(console, part)


def _named(name: str, rows: Sequence[_Row]) -> _Row:
    for row in rows:
        if name in {row["name"], row["class"]}:
            return row
    known = [row["name"] for row in rows]
    raise UsageError(f"There is no fault {name!r}{suggestion(name, known)} `kaizen-eval faults` lists them all.")


def _print(console: Console, part: RenderableType) -> None:
    """Without the blanks that fill lines up."""
    with console.capture() as drawn:
        console.print(part)
    console.out("\n".join(line.rstrip() for line in drawn.get().splitlines()), highlight=False)


def _list(rows: Sequence[_Row]) -> list[RenderableType]:
    from rich import box  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415 - as above

    parts: list[RenderableType] = []
    for group in dict.fromkeys(row["group"] for row in rows):
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=group, title_justify="left", title_style="bold")
        table.add_column("name", no_wrap=True, style="cyan")
        table.add_column("what happens", ratio=3)
        table.add_column("the OpenAI SDK", ratio=2)
        for row in rows:
            if row["group"] == group:
                table.add_row(row["name"], _plain(row["wire"]), _plain(_comes(row["sdk"])))
        parts.append(table)
    return [*parts, "All about one: kaizen-eval faults NAME. With every detail and door: --json."]


def _all_of(row: _Row) -> list[RenderableType]:
    from rich.text import Text  # noqa: PLC0415 - as above

    parts: list[RenderableType] = [
        Text.assemble((row["name"], "bold cyan"), f" ({row['group']}), {row['class']} in kaizen_eval.fake"),
        _plain(row["wire"]),
        "",
        _grid([*_outcomes(row), *_doors(row)], style="bold"),
        "",
        Text("Details", "bold"),
        _grid([(detail["name"], detail["default"] or "needed", _plain(detail["means"])) for detail in row["details"]]),
    ]
    if row["name"] == "malformed":
        parts += ["", Text("Kinds", "bold"), _kinds()]
    return [*parts, "", Text("Python", "bold"), *_python(row), "", Text("In a script file", "bold"), *_script(row)]


def _outcomes(row: _Row) -> list[tuple[str, str]]:
    return [("the OpenAI SDK", _plain(_comes(row["sdk"]))), ("our agents", _plain(_comes(row["ours"])))]


def _doors(row: _Row) -> list[tuple[str, str]]:
    return [(f"door {door}", how or "the same") for door, how in row["doors"].items()]


def _comes(came: Mapping[str, str]) -> str:
    return f"{came['error']}{_AGAIN[came['again']]}" if came["error"] else f"gives {came['gives']}"


def _plain(text: str) -> str:
    return text.replace("`", "")


def _grid(rows: Sequence[Sequence[str]], *, style: str = "cyan") -> RenderableType:
    from rich.table import Table  # noqa: PLC0415 - as above

    grid = Table.grid(padding=(0, 2), pad_edge=False)
    grid.add_column(style=style, no_wrap=True)
    for row in rows:
        grid.add_row(*row)
    return grid


def _kinds() -> str:
    from kaizen_eval.fake.faults.malformed import KINDS  # noqa: PLC0415 - one fault of sixty has kinds

    return ", ".join(KINDS)


def _python(row: _Row) -> list[str]:
    details = "".join(f", {name}={json.dumps(value)}" for name, value in row["example"].items())
    return [f'llm.fail("{row["name"]}"{details}).times(1)']


def _script(row: _Row) -> list[str]:
    example = ", ".join(f"{name}: {json.dumps(value)}" for name, value in row["example"].items())
    said = f"{{{row['name']}: {{{example}}}}}" if example else row["name"]
    return [f"- fail: {said}", "  times: 1"]
