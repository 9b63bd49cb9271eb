"""Makes the lists in ARCHITECTURE.md from pyproject.toml and the modules: `python tests/house/architecture.py`."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

__all__ = ["DOCUMENT", "PACKAGE", "ROOT", "first_line", "layers", "modules", "refreshed", "tree"]

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "kaizen_eval"
DOCUMENT = ROOT / "ARCHITECTURE.md"


def modules() -> dict[str, Path]:
    """Dotted name → file, of every module of the package."""
    return {_dotted(path): path for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def tree(path: Path) -> ast.Module:
    """Of a module's text, read once."""
    return ast.parse(path.read_text("utf-8"))


def first_line(path: Path) -> str:
    """The first line of a module's docstring; empty without one."""
    docstring = ast.get_docstring(tree(path))
    return (docstring or "").partition("\n")[0]


@cache
def layers() -> list[str]:
    """The layers of the import contract, from the top down."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    return next(contract["layers"] for contract in contracts if contract["type"] == "layers")


def refreshed(text: str) -> str:
    """ARCHITECTURE.md with its two lists made anew."""
    text = _replaced(text, "layers", ["```text", *layers(), "```"])
    rows = [_row(name, path) for name, path in sorted(modules().items(), key=_by_layer)]
    return _replaced(text, "modules", ["| module | its one job |", "|---|---|", *rows])


def _row(name: str, path: Path) -> str:
    job = first_line(path).replace("|", r"\|")
    return f"| `{name}` | {job} |"


def _dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _by_layer(entry: tuple[str, Path]) -> tuple[int, str]:
    """The package itself, then from the top layer down."""
    package = (*entry[0].split("."), "")[1]
    order = ["", *(part.strip() for layer in layers() for part in layer.split("|"))]
    return order.index(package) if package in order else len(order), entry[0]


def _replaced(text: str, name: str, lines: list[str]) -> str:
    return "\n".join(_with_list(text.split("\n"), name, lines))


def _with_list(text: list[str], name: str, lines: list[str]) -> Iterator[str]:
    begin, end = text.index(f"<!-- {name} -->"), text.index(f"<!-- end of {name} -->")
    yield from [*text[: begin + 1], "", *lines, "", *text[end:]]


if __name__ == "__main__":
    DOCUMENT.write_text(refreshed(DOCUMENT.read_text("utf-8")), "utf-8")
