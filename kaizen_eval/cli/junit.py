"""Reports of laws as JUnit XML, whatever signs they hold."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from kaizen_eval.cli.output import legible

__all__ = ["Case", "Told", "document"]

_FORBIDDEN = re.compile("[\ufffe\uffff]")


class Told(NamedTuple):
    """What is told of a case that did not simply pass."""

    tag: Literal["failure", "error", "skipped"]
    message: str
    text: str = ""
    kind: str | None = None


class Case(NamedTuple):
    """One test case."""

    classname: str
    name: str
    told: Iterable[Told] = ()
    seconds: float = 0.0


def document(command: str, suite: str, cases: Iterable[Case], seconds: float) -> str:
    """One suite of this name, in a file for CI; failures and the like are counted."""
    root = Element("testsuites", name=command)
    parent = SubElement(root, "testsuite", name=_clean(suite))
    for case in cases:
        _add(parent, case)
    tags = {"tests": "testcase", "failures": "*/failure", "errors": "*/error", "skipped": "*/skipped"}
    for name, path in tags.items():
        parent.set(name, str(len(parent.findall(path))))
    parent.set("time", f"{seconds:.3f}")
    indent(root)
    return f"<?xml version='1.0' encoding='utf-8'?>\n{tostring(root, encoding='unicode')}\n"


def _add(suite: Element, case: Case) -> None:
    element = SubElement(suite, "testcase", classname=case.classname, name=case.name, time=f"{case.seconds:.3f}")
    for told in case.told:
        child = SubElement(element, told.tag, message=_clean(told.message))
        if told.kind is not None:
            child.set("type", told.kind)
        if told.text:
            child.text = _clean(told.text)


def _clean(words: str) -> str:
    """Without signs that XML cannot hold."""
    return _FORBIDDEN.sub(lambda sign: sign[0].encode("unicode_escape").decode(), legible(words))
