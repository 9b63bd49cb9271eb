"""What came of judging a client, as JSON."""

from __future__ import annotations

import json
from typing import Any

from kaizen_eval.conformance.clients.report import Report, Ruling, Showing
from kaizen_eval.conformance.clients.seen import Played, Seen
from kaizen_eval.conformance.tried import Tried

__all__ = ["text"]


def text(report: Report) -> str:
    """In the shape that docs/judge.md tells."""
    return json.dumps(_whole(report), indent=2, ensure_ascii=False) + "\n"


def _whole(report: Report) -> dict[str, Any]:
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
