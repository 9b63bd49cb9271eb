"""Finds the object that `module:Name` names, or says why there is none."""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from kaizen_eval.errors import ConfigError
from kaizen_eval.named.whose import users_frame
from kaizen_eval.suggestion import suggestion

__all__ = ["at", "named", "raised_where"]

_FORM = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")


def named(reference: str) -> Any:
    """The object.

    Raises:
        ConfigError: the text is no `module:Name`, the module cannot be imported, or has no such name.
    """
    if not _FORM.fullmatch(reference) or reference.partition(":")[0].endswith(".py"):
        raise ConfigError(f"{reference!r} is no `module:Name`{_meant(reference)}")
    module_name, _, path = reference.partition(":")
    found: Any = _imported(module_name)
    for place, name in enumerate(path.split(".")):
        found = _attribute(found, name, ".".join([module_name, *path.split(".")[:place]]))
    return found


def _meant(reference: str) -> str:
    """What was probably meant."""
    file, colon, name = reference.partition(":")
    if file.endswith(".py") or "/" in file:
        module = ".".join(Path(file).with_suffix("").parts).removeprefix("src.")
        return f": the module is written with dots, and without .py: {module}:{name or 'MyStrategy'}"
    if not colon and "." in reference:
        module, _, name = reference.rpartition(".")
        return f"; did you mean {f'{module}:{name}'!r}?"
    return ", such as my_package.strategies:MyStrategy."


def _imported(name: str) -> ModuleType:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            raise ConfigError(_not_found(name, error.name)) from None
        raise ConfigError(_cannot(name, error)) from error
    except SystemExit as error:
        raise ConfigError(
            f"{name} cannot be imported: it calls sys.exit({error.code!r}) when it is{at(error)}. Put what is to "
            'happen only when it is run below `if __name__ == "__main__":`.'
        ) from error
    except Exception as error:  # a user's module may raise anything
        raise ConfigError(_cannot(name, error)) from error


def _not_found(name: str, missing: str) -> str:
    """Of `a.b.c`, `missing` is the part that is not there."""
    parent, _, last = missing.rpartition(".")
    folders = getattr(sys.modules.get(parent), "__path__", ()) if parent else sys.path
    near = suggestion(last, _modules(folders))
    searched = "in this folder, in src and pytest's pythonpath, and among what is installed"
    return f"{name} cannot be imported: there is no module {missing!r}{near} It was looked for " + (
        f"in the package {parent!r}." if parent else f"{searched}."
    )


def _modules(folders: Iterable[str]) -> list[str]:
    """Not those of Python itself, which nobody means."""
    return [module.name for module in iter_modules(folders) if module.name not in sys.stdlib_module_names]


def _cannot(name: str, error: Exception) -> str:
    return f"{name} cannot be imported: {raised_where(error)}."


def raised_where(error: BaseException) -> str:
    """What was raised, in its own words, and in which of the user's lines."""
    said = traceback.format_exception_only(error)[-1].strip().rstrip(".")
    return f"{said}{at(error)}"


def at(error: BaseException) -> str:
    """In which of the user's lines: ` (strategies.py, line 3: import foo)`."""
    if isinstance(error, SyntaxError) and error.filename:
        return f" ({_short(error.filename)}, line {error.lineno}: {(error.text or '').strip()})"
    frame = users_frame(traceback.extract_tb(error.__traceback__))
    return "" if frame is None else f" ({_short(frame.filename)}, line {frame.lineno}: {frame.line})"


def _short(file: str) -> str:
    path = Path(file)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _attribute(holder: Any, name: str, where: str) -> Any:
    try:
        return getattr(holder, name)
    except AttributeError:
        known = [each for each in vars(holder) if not each.startswith("_")] if hasattr(holder, "__dict__") else []
        own = [each for each in known if getattr(vars(holder)[each], "__module__", None) == where]
        also = f" It defines: {', '.join(own[:8])}." if own else ""
        raise ConfigError(f"{where} has no {name!r}{suggestion(name, known)}{also}") from None
