"""A report as files: JSON for programs, JUnit for CI, Markdown for people."""

from __future__ import annotations

import shlex
from typing import Any
from xml.etree import ElementTree as ET

from kaizen_eval.conformance.clients.moments import moments
from kaizen_eval.conformance.clients.report import Report, Ruling, Showing
from kaizen_eval.conformance.clients.seen import Played, Seen
from kaizen_eval.conformance.diagram import drawn
from kaizen_eval.conformance.tried import Tried

__all__ = ["as_json", "as_junit", "as_markdown"]


def as_json(report: Report) -> dict[str, Any]:
    """The shape that docs/judge.md tells."""
    terms = report.terms
    return {
        "command": list(report.command),
        "kept": report.is_kept,
        "seconds": round(report.seconds, 3),
        "terms": {
            "least_attempts": terms.least,
            "most_attempts": terms.most,
            "deadline": terms.deadline,
            "timeout": terms.timeout,
        },
        "laws": [_ruling(ruling) for ruling in report.rulings],
        "violations": [_showing(showing, report) for ruling in report.violated for showing in ruling.showings],
        "plans": [_played(played) for played in report.played],
        "left_out": [plan.name for plan in report.left_out],
    }


def as_junit(report: Report) -> str:
    """A test case for each law; what is not shown is skipped."""
    counts = {
        "tests": len(report.rulings),
        "failures": len(report.violated),
        "skipped": sum(ruling.verdict == "not shown" for ruling in report.rulings),
    }
    suite = ET.Element("testsuite", {"name": "kaizen-eval judge", **{name: str(n) for name, n in counts.items()}})
    suite.set("time", f"{report.seconds:.3f}")
    for ruling in report.rulings:
        case = ET.SubElement(suite, "testcase", classname="kaizen_eval.judge", name=ruling.law.id)
        if ruling.verdict == "not shown":
            ET.SubElement(case, "skipped", message=ruling.shown_by)
        for showing in ruling.showings:
            message = f"Under the plan {showing.seen.plan.name}: {showing.told}"
            failure = ET.SubElement(case, "failure", message=message, type=ruling.law.lapse)
            failure.text = _diagram(showing.seen)
    ET.indent(suite)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def as_markdown(report: Report) -> str:
    """For a comment on a pull request, or a step's summary."""
    lines = [f"### kaizen-eval judge: {_verdict(len(report.violated))}", "", f"`{shlex.join(report.command)}`", ""]
    lines += ["| law | what it says | verdict | shown by |", "|---|---|---|---|"]
    lines += [_row(ruling) for ruling in report.rulings]
    for ruling in report.violated:
        first = ruling.showings[0]
        lines += ["", f"**{ruling.law.id}**: {ruling.law.lapse}, under the plan {first.seen.plan.name}", ""]
        lines += [_cell(first.told), "", "```text", _diagram(first.seen), "```"]
    return "\n".join([*lines, "", f"{report.summary} {report.effort}"]) + "\n"


def _verdict(violated: int) -> str:
    return f"{violated} law{'s' * (violated != 1)} violated" if violated else "every law that was shown is kept"


def _ruling(ruling: Ruling) -> dict[str, Any]:
    return {
        "id": ruling.law.id,
        "sentence": ruling.law.sentence,
        "lapse": ruling.law.lapse,
        "verdict": ruling.verdict,
        "plans": [{"plan": held.plan.name, "verdict": held.verdict, "why": held.why} for held in ruling.held],
    }


def _showing(showing: Showing, report: Report) -> dict[str, Any]:
    played = next(played for played in report.played if showing.seen in played.seen)
    return {
        "law": showing.law.id,
        "plan": showing.seen.plan.name,
        "copy": played.seen.index(showing.seen),
        "lapses": [
            {"text": lapse.text, "exchanges": [exchange.number for exchange in lapse.exchanges]}
            for lapse in showing.lapses
        ],
    }


def _played(played: Played) -> dict[str, Any]:
    return {"plan": played.plan.name, "does": played.plan.does, "copies": [_seen(seen) for seen in played.seen]}


def _seen(seen: Seen) -> dict[str, Any]:
    start_ns = seen.exchanges[0].started_ns if seen.exchanges else seen.exited_ns
    return {
        "exit_code": seen.exit_code,
        "ended": seen.ended,
        "exited": _seconds(seen.exited_ns, start_ns),
        "interrupted": _seconds(seen.interrupted_ns, start_ns),
        "stdout": seen.stdout,
        "stderr": seen.stderr,
        "exchanges": [
            _attempt(attempt, question, start_ns)
            for question, call in enumerate(seen.calls, start=1)
            for attempt in call
        ],
    }


def _attempt(attempt: Tried, question: int, start_ns: int) -> dict[str, Any]:
    exchange = attempt.exchange
    return {
        "number": exchange.number,
        "question": question,
        "endpoint": exchange.endpoint,
        "stream": exchange.request.stream,
        "outcome": exchange.outcome,
        "error": None if attempt.error is None else type(attempt.error).__name__,
        "retry_after": attempt.retry_after,
        "began": _seconds(exchange.started_ns, start_ns),
        "ended": _seconds(exchange.ended_ns, start_ns),
    }


def _seconds(moment_ns: int | None, start_ns: int) -> float | None:
    return None if moment_ns is None else round((moment_ns - start_ns) / 1e9, 6)


def _diagram(seen: Seen) -> str:
    return drawn(moments(seen), width=120)


def _row(ruling: Ruling) -> str:
    verdict = f"**{ruling.verdict}**" if ruling.verdict == "violated" else ruling.verdict
    return f"| {ruling.law.id} | {_cell(ruling.law.sentence)} | {verdict} | {_cell(ruling.shown_by)} |"


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
