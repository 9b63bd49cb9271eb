"""What is seen of an evaluation while it runs: a bar on a terminal, lines in a log."""

from __future__ import annotations

import io
from argparse import Namespace
from decimal import Decimal

import pytest

from kaizen_eval.cli.evaluate import progress
from kaizen_eval.cli.evaluate.counts import Counts
from kaizen_eval.evals import Answer, AnsweredTurn, Outcome, Trial, TrialRecord
from kaizen_eval.evals.happening import Started, StillRunning, Stopping, TrialEnded
from kaizen_eval.evals.manifest import Manifest
from kaizen_eval.messages import Usage

MANIFEST = Manifest(id="1", created="", dataset="qa", dataset_hash="", task="tutors:tutor")
COST = Decimal("0.25")


def ended(outcome: Outcome = Outcome.PASSED, *, cost: Decimal | None = COST) -> TrialEnded:
    turn = AnsweredTurn(usage=Usage(prompt=900, completion=100), cost=cost)
    return TrialEnded(record=TrialRecord(trial=Trial("a"), outcome=outcome, answer=Answer(turns=(turn,))))


class Screen:
    """Lines that were told, with a clock that is set by hand."""

    def __init__(self):
        self.told: list[str] = []
        self.now = 100.0
        self.lines = progress.Lines(self.told.append, now=lambda: self.now)

    def at(self, seconds, happening):
        self.now = 100.0 + seconds
        self.lines.on_happening(happening)


def test_a_log_gets_a_line_every_five_seconds():
    screen = Screen()
    screen.at(0, Started(manifest=MANIFEST, planned=1_000))
    for second in (1, 2, 4.9, 5, 6, 9.9, 10):
        screen.at(second, ended(Outcome.FAILED if second == 4.9 else Outcome.PASSED))
    assert screen.told == [
        "4/1,000, 1 failing, 20 min 45 s left, 4,000 tokens, $1.00",
        "7/1,000, 1 failing, 23 min 39 s left, 7,000 tokens, $1.75",
    ]


def test_the_time_that_is_left_is_told_by_what_this_run_did_and_not_by_what_was_done_before():
    screen = Screen()
    screen.at(0, Started(manifest=MANIFEST, planned=100, done=90, dropped=1))
    screen.at(5, ended())
    assert screen.told == [
        "90 of 100 trials were done before.",
        "The last line of the log was torn: its trial runs again.",
        "91/100, 0 failing, 45.0 s left, 1,000 tokens, $0.25",
    ]


@pytest.mark.parametrize(("costs", "said"), [((None,), "cost unknown"), ((COST, None), "> $0.25")])
def test_an_unknown_cost_is_never_shown_as_nothing(costs, said):
    screen = Screen()
    screen.at(0, Started(manifest=MANIFEST, planned=9))
    for place, cost in enumerate(costs):
        screen.at(5 * place / len(costs), ended(cost=cost))
    screen.at(5, Stopping(reason="the money is spent"))
    assert screen.told[-1].rpartition(", ")[2] == said


def test_what_hangs_is_named_at_once_and_a_stop_is_told():
    screen = Screen()
    hanging = tuple((Trial(f"case-{n}"), 30.0 + n, "gpt-5" if n else "") for n in range(5))
    screen.at(0, Started(manifest=MANIFEST, planned=5))
    screen.at(0, StillRunning(trials=hanging))
    screen.at(1, Stopping(reason="Ctrl-C\x1b[31m"))
    assert screen.told == [
        (
            "Nothing has ended for a while. Still running: case-0#1 (30 s); case-1#1 (31 s, gpt-5); "
            "case-2#1 (32 s, gpt-5); 2 more"
        ),
        "Stopping: Ctrl-C\\x1b[31m",
    ]


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_bar_shows_what_has_ended_and_vanishes(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with progress.progress(Namespace(quiet=False, no_color=False)) as bar:
        for happening in (Started(manifest=MANIFEST, planned=4), Stopping(reason="the money is spent")):
            bar.on_happening(happening)
    text = screen.getvalue()
    assert ("0/4, 0 failing" in text, "Stopping: the money is spent" in text, "\x1b[31m" in text) == (True, True, False)


@pytest.mark.parametrize(
    ("room", "said"),
    [
        (80, "2/4, 1 failing, 3.0 s left, 2,000 tokens, $0.50"),
        (30, "2/4, 1 failing, 3.0 s left"),
        (25, "2/4, 1 failing"),
        (2, "2/4"),
    ],
)
def test_what_is_most_wanted_is_told_where_there_is_little_room(room, said):
    counts = Counts()
    counts.begin(Started(manifest=MANIFEST, planned=4), 7.0)
    counts.add(ended().record)
    counts.add(ended(Outcome.FAILED).record)
    assert counts.line(10.0, room=room) == said
