"""A module of source that comes to be: what it imports, which classes it makes, and an expression that uses them."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from kaizen_eval.conformance.written.classes import class_statement
from kaizen_eval.conformance.written.layout import Node, laid
from kaizen_eval.conformance.written.names import NotWritable
from kaizen_eval.conformance.written.values import node_of

__all__ = ["Module", "NotWritable", "written"]

_OURS = ("kaizen_eval", "kaizen_eval.fake", "kaizen_eval.conformance")
"""Where our own names are looked for first."""
_MADE_UP = ("kaizen_eval.conformance", "kaizen_eval.generators", "__main__", "__mp_main__")
"""Modules whose signatures and models are written out: whoever reads a test wants to see them."""


def written(value: Any) -> str:
    """One value as Python source: its imports, the classes that it needs, and then the expression.

    Raises:
        NotWritable: something in it has no form as source.
    """
    module = Module()
    expression = laid(module.node(value))
    return f"{module.head()}{expression}\n"


class Module:
    """Names are given once; a second class of one name gets another."""

    def __init__(self) -> None:
        self._taken: dict[str, object] = {"datetime": "datetime"}
        self._known: dict[int, str] = {}
        self._imports: dict[str, dict[str, str]] = {}
        self._plain: set[str] = set()
        self._classes: list[str] = []
        self._kept: list[object] = []
        """So that no id is given twice."""

    def node(self, value: Any) -> Node:
        return node_of(value, self)

    def head(self) -> str:
        """Imports and classes, each with the blank lines that follow it."""
        imports = self._import_lines()
        parts = [*(["\n".join(imports) + "\n"] if imports else []), *self._classes]
        return "".join(f"{part}\n\n" for part in parts)

    def standard(self, name: str) -> str:
        """A module, imported whole."""
        self._plain.add(name)
        return name

    def name(self, thing: Any) -> str:
        """How a class or a function is called here: imported where that can be, else written out.

        Raises:
            NotWritable: it is neither importable nor a class that can be written.
        """
        if id(thing) in self._known:
            return self._known[id(thing)]
        if thing.__module__ == "builtins":
            return str(thing.__qualname__)
        if thing.__module__ == "datetime":  # values are written with the module, too, whose name is also a class's
            return f"{self.standard('datetime')}.{thing.__qualname__}"
        self._kept.append(thing)
        home = _home(thing)
        if home is None:
            return self._made(thing)
        return self.imported(home, thing.__qualname__, thing)

    def imported(self, home: str, path: str, thing: Any) -> str:
        """By a dotted path within a module."""
        first, dot, rest = path.partition(".")
        local = self._free(first, (home, first))
        self._imports.setdefault(home, {})[first] = local
        self._known[id(thing)] = f"{local}{dot}{rest}"
        return self._known[id(thing)]

    def _made(self, cls: Any) -> str:
        local = self._free(cls.__name__.replace("[", "_").replace("]", "_"), cls)
        self._known[id(cls)] = local
        self._classes.append(class_statement(cls, local, self))
        return local

    def _free(self, name: str, owner: object) -> str:
        number, free = 1, name
        while self._taken.setdefault(free, owner) != owner:
            number += 1
            free = f"{name}{number}"
        return free

    def _import_lines(self) -> list[str]:
        plain = [f"import {name}" for name in sorted(self._plain)]
        froms = {home: f"from {home} import {_names(names)}" for home, names in sorted(self._imports.items())}
        standard = [line for home, line in froms.items() if home.partition(".")[0] in sys.stdlib_module_names]
        others = [line for line in froms.values() if line not in standard]
        blank = [""] if (plain or standard) and others else []
        return [*plain, *standard, *blank, *others]


def _names(names: dict[str, str]) -> str:
    return ", ".join(name if name == local else f"{name} as {local}" for name, local in sorted(names.items()))


def _home(thing: Any) -> str | None:
    """The module from which it can be imported, the shortest of ours; None where it cannot, or is made up."""
    module, path = thing.__module__, thing.__qualname__
    if module.startswith("kaizen_eval."):
        parts = module.split(".")
        above = [".".join(parts[: count + 1]) for count in range(len(parts))]
        found = next((home for home in (*_OURS, *above) if _at(home, path) is thing), None)
        return None if found == module and module.startswith(_MADE_UP) else found
    return module if not module.startswith(_MADE_UP) and _at(module, path) is thing else None


def _at(module: str, path: str) -> Any:
    try:
        found: Any = sys.modules.get(module) or import_module(module)
        for name in path.split("."):
            found = getattr(found, name)
    except (ImportError, AttributeError):
        return None
    return found
