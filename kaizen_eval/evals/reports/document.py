"""One file of HTML from the package's page files, with a policy that lets nothing else run."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from kaizen_eval.evals.reports.embedding import Pack, json_text

__all__ = ["document"]

_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./([\w-]+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:function\*?|class|const) (\w+))", re.MULTILINE)


def document(name: str, *, title: str, data: object, details: Iterable[Pack] = ()) -> str:
    """The page of `{name}.html`, which `{name}.js` draws from the data; it may ask for details later.

    Args:
        name: of a page among the package's files.
        title: of the window.
        data: what is read at once.
        details: they stand behind the code, so that the page is usable before they are read.
    """
    style, code = _file("page.css"), _bundle(name)
    parts = {
        "TITLE": html.escape("".join(sign for sign in title if sign.isprintable())),
        "POLICY": _policy(style, code),
        "STYLE": style,
        "BODY": _file(f"{name}.html"),
        "DATA": json_text(data),
        "CODE": code,
        "DETAILS": "\n".join(
            f'<script type="text/plain" class="pack" data-lines="{pack.lines}">{pack.text}</script>' for pack in details
        ),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _file("document.html"))


def _policy(style: str, code: str) -> str:
    return (
        f"default-src 'none'; script-src {_hash(code)}; style-src {_hash(style)}; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _bundle(entry: str) -> str:
    """A module behind those that it imports: modules that stand inside of a page cannot import each other."""
    found: dict[str, str] = {}
    _follow(entry, found)
    return '"use strict";\n' + "\n".join(found.values())


def _follow(name: str, found: dict[str, str]) -> None:
    text = _file(f"{name}.js")
    for needed in _IMPORT.finditer(text):
        if needed[2] not in found:
            _follow(needed[2], found)
    found[name] = _scoped(name, text)


def _scoped(name: str, text: str) -> str:
    """The module as a function's scope, which gives what it exports."""
    exported = ", ".join(match[2] for match in _EXPORT.finditer(text))
    inside = _EXPORT.sub(r"\1", _IMPORT.sub(r"const \1 = of_\2;", text))
    return f"const of_{name} = (() => {{\n{inside}return {{ {exported} }};\n}})();\n"


@cache
def _file(name: str) -> str:
    return (files("kaizen_eval.evals.reports") / "page" / name).read_text("utf-8")
