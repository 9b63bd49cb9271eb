"""Evaluation: cases × scorers, runs that survive a crash, comparisons that tell the truth, a report."""

from __future__ import annotations

from kaizen_eval.lazy import lazily

TYPE_CHECKING = False  # type-checkers take it as True; typing itself costs more to import than this whole module
if TYPE_CHECKING:
    from kaizen_eval.evals.answer import Answer, AnsweredTurn, SeenAttempt, SeenTool
    from kaizen_eval.evals.case import Case, CaseTurn, Limits
    from kaizen_eval.evals.comparison import Comparison, Verdict, bless, compare, gate
    from kaizen_eval.evals.dataset.dataset import Dataset
    from kaizen_eval.evals.happening import Happening, Reporter
    from kaizen_eval.evals.log import Log, LogWriter
    from kaizen_eval.evals.manifest import Manifest
    from kaizen_eval.evals.outcome import Outcome
    from kaizen_eval.evals.reports import report
    from kaizen_eval.evals.rescoring import rescore, rescore_async
    from kaizen_eval.evals.running import Evaluation, Executor, StopSignal, evaluate, evaluate_async
    from kaizen_eval.evals.runs import RunRow, Trend, merged, runs_in, trends
    from kaizen_eval.evals.score import Score, Scored, Scorer
    from kaizen_eval.evals.shard import Shard
    from kaizen_eval.evals.summary import Summary, summarised
    from kaizen_eval.evals.trial import Trial, TrialRecord

__all__ = [
    "Answer",
    "AnsweredTurn",
    "Case",
    "CaseTurn",
    "Comparison",
    "Dataset",
    "Evaluation",
    "Executor",
    "Happening",
    "Limits",
    "Log",
    "LogWriter",
    "Manifest",
    "Outcome",
    "Reporter",
    "RunRow",
    "Score",
    "Scored",
    "Scorer",
    "SeenAttempt",
    "SeenTool",
    "Shard",
    "StopSignal",
    "Summary",
    "Trend",
    "Trial",
    "TrialRecord",
    "Verdict",
    "bless",
    "compare",
    "evaluate",
    "evaluate_async",
    "gate",
    "merged",
    "report",
    "rescore",
    "rescore_async",
    "runs_in",
    "summarised",
    "trends",
]

_HOMES = {
    "Answer": "answer",
    "AnsweredTurn": "answer",
    "Case": "case",
    "CaseTurn": "case",
    "Comparison": "comparison",
    "Dataset": "dataset.dataset",
    "Evaluation": "running",
    "Executor": "running",
    "Happening": "happening",
    "Limits": "case",
    "Log": "log",
    "LogWriter": "log",
    "Manifest": "manifest",
    "Outcome": "outcome",
    "Reporter": "happening",
    "RunRow": "runs",
    "Score": "score",
    "Scored": "score",
    "Scorer": "score",
    "SeenAttempt": "answer",
    "SeenTool": "answer",
    "Shard": "shard",
    "StopSignal": "running",
    "Summary": "summary",
    "Trend": "runs",
    "Trial": "trial",
    "TrialRecord": "trial",
    "Verdict": "comparison",
    "bless": "comparison",
    "compare": "comparison",
    "evaluate": "running",
    "evaluate_async": "running",
    "gate": "comparison",
    "merged": "runs",
    "report": "reports",
    "rescore": "rescoring",
    "rescore_async": "rescoring",
    "runs_in": "runs",
    "summarised": "summary",
    "trends": "runs",
}

if not TYPE_CHECKING:  # else type-checkers would believe every name
    __getattr__, __dir__ = lazily(__name__, _HOMES)
