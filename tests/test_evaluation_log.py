"""The log of an evaluation: written line by line, read back as it was."""

from __future__ import annotations

from decimal import Decimal

from kaizen_eval.evals import Answer, AnsweredTurn, Case, Outcome, Scored, Trial, TrialRecord
from kaizen_eval.evals.happening import Ended
from kaizen_eval.evals.log import Log, LogWriter
from kaizen_eval.evals.manifest import Manifest

MANIFEST = Manifest(
    id="20261123-141503-3f9a1c", created="2026-11-23T14:15:03Z", dataset="qa", dataset_hash="ab", task="m:T"
)
CASES = [Case(id=name, inputs={"question": name}) for name in ("one", "two")]


def record(case: str, value: float = 1.0, repeat: int = 1) -> TrialRecord:
    return TrialRecord(
        trial=Trial(case, repeat),
        outcome=Outcome.PASSED,
        scores=(Scored(scorer="exact", value=value, passed=True),),
        answer=Answer(turns=(AnsweredTurn(outputs={"answer": case}, cost=Decimal("0.1")),)),
    )


def test_what_was_written_is_read(tmp_path):
    writer = LogWriter.create(tmp_path / "run", MANIFEST, CASES)
    writer.write(record("two"))
    writer.write(record("one"))
    writer.end(Ended(planned=2, done=2))
    writer.close()
    log = Log.open(tmp_path / "run")
    assert [*log.cases()] == CASES
    assert [*log.records()] == [record("two"), record("one")]
    assert (log.manifest, log.ended, log.missing()) == (MANIFEST, Ended(planned=2, done=2), ())
