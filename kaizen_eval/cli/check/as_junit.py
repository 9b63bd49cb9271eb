"""A check's report as JUnit XML: a test case for each law, and one for the baseline."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from kaizen_eval.cli.cassettes.output import legible
from kaizen_eval.cli.check.words import diagram, figures, regression
from kaizen_eval.conformance.checking import CheckReport, LawReport

__all__ = ["text"]

_WIDTH = 120
_FORBIDDEN = re.compile("[\ufffe\uffff]")


def text(report: CheckReport, seconds: float) -> str:
    root = Element("testsuites", name="kaizen-eval check")
    suite = SubElement(root, "testsuite", name=report.target)
    for law in report.laws:
        _case(suite, law)
    if report.comparison is not None:
        _baseline(suite, report)
    tags = {"tests": "testcase", "failures": "*/failure", "errors": "*/error", "skipped": "*/skipped"}
    for name, path in tags.items():
        suite.set(name, str(len(suite.findall(path))))
    suite.set("time", f"{seconds:.3f}")
    indent(root)
    return f"<?xml version='1.0' encoding='utf-8'?>\n{tostring(root, encoding='unicode')}\n"


def _case(suite: Element, law: LawReport) -> None:
    case = SubElement(suite, "testcase", classname=f"laws.{law.group}", name=law.id, time=f"{law.seconds:.3f}")
    if law.verdict == "kept":
        return
    tag = {"violated": "failure", "stopped": "error"}.get(law.verdict, "skipped")
    told = SubElement(case, tag, message=_clean(law.reason))
    if tag != "skipped":
        parts = [law.reason, law.sentence, f"Source: {law.source}", diagram(law, _WIDTH), law.test]
        told.text = _clean("\n\n".join(part for part in parts if part))


def _baseline(suite: Element, report: CheckReport) -> None:
    case = SubElement(suite, "testcase", classname="baseline", name="figures", time="0.000")
    if report.is_regressed:
        told = SubElement(case, "failure", message=regression(report))
        told.text = _clean("\n".join(" ".join(filter(None, row)) for row in figures(report)))


def _clean(words: str) -> str:
    """Without signs that XML cannot hold."""
    return _FORBIDDEN.sub(lambda sign: sign[0].encode("unicode_escape").decode(), legible(words))
