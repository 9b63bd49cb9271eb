"""The self-test fails on a survivor, on a kill for another reason, and on a false alarm; and names idle laws."""

import json
from types import SimpleNamespace

import pytest
from hypothesis import strategies as st

from kaizen_eval.cli import main
from kaizen_eval.cli import selftest as command
from kaizen_eval.conformance import Ask, Mutant, Situation, Subject, law, require
from kaizen_eval.conformance.asking import Question
from kaizen_eval.conformance.selftest import Book, matrix, selftest, tasks
from kaizen_eval.errors import UsageError
from kaizen_eval.strategies import AsyncSingleShotStrategy, Traits

SITUATION = Situation(signature=Question, asks=(Ask(inputs={"question": "Why?"}),))


def held(law_id, calls, *, objection=lambda traits: None):
    """A law that wants so many calls."""

    @law(law_id, "So many calls.", source="a test", situations=lambda _: st.just(SITUATION), objection=objection)
    def judged(lab, situation):
        seen = lab.play(situation)
        require(len(seen.calls) in calls, f"{len(seen.calls)} calls.", seen)

    return judged


def asking(times):
    class Asks(AsyncSingleShotStrategy):
        traits = Traits()

        async def execute(self, signature, inputs, config):
            answers = [await self.llm_call(signature, inputs, config) for _ in range(times)]
            return answers[-1]

    return Subject.of(Asks)


def mutant(name, times, breaks, *words, subject=None):
    made = asking(times) if subject is None else subject
    return Mutant(
        subject=Subject(name=name, factory=made.factory, traits=made.traits),
        what=f"Asks {times} times.",
        breaks=breaks,
        words=words,
    )


ONCE = held("calls.once", {1})
FEW = held("calls.few", {0, 1, 2})
NEVER_MANY = held("others.many", range(5))
LAWS = (ONCE, FEW, NEVER_MANY)


def proved(*mutants, laws=LAWS, seeds=(0,), **kinds):
    book = Book(laws=laws, mutants=mutants)
    todo = tasks(book, seeds, **kinds)
    return selftest(seeds, todo=todo, processes=1, progress=lambda *_: None, book=book)


def row(found):
    (told,) = found.as_data()["mutants"]
    return told


def also(found):
    (others,) = found.as_data()["also"].values()
    return others


def test_a_mutant_that_its_law_complains_of_in_the_stated_words_is_killed():
    found = proved(mutant("asks-twice", 2, "calls.once", "2 calls"))
    assert row(found) == {
        "id": "asks-twice",
        "law": "calls.once",
        "killed": True,
        "by": "calls.once",
        "reason": "2 calls.",
    }
    assert found.as_data()["also"] == {}
    assert found.problems == ()


def test_a_survivor_is_a_problem():
    found = proved(mutant("asks-once", 1, "calls.few"))
    assert (row(found)["killed"], row(found)["by"], row(found)["reason"]) == (False, None, "")
    assert found.problems == ("asks-once (seed 0) survives: calls.few does not complain.",)


def test_a_kill_without_the_stated_words_is_a_problem():
    found = proved(mutant("asks-twice", 2, "calls.once", "calls", "3"))
    assert (row(found)["killed"], row(found)["reason"]) == (True, "2 calls.")
    assert found.problems == (
        "asks-twice (seed 0) is caught for another reason: calls.once complains without '3': 2 calls.",
    )


def test_a_kill_by_another_law_alone_is_a_problem_whatever_its_group():
    found = proved(mutant("asks-five-times", 5, "calls.five"), laws=(*LAWS, held("calls.five", {5})), reference=False)
    assert (row(found)["by"], also(found)) == ("calls.once", ["calls.once", "calls.few", "others.many"])
    (problem,) = found.problems
    assert problem.startswith("asks-five-times (seed 0) is caught by other laws alone, not by calls.five: ")


def test_a_law_that_does_not_apply_to_its_mutant_catches_nothing():
    shy = held("calls.shy", {1}, objection=lambda traits: "it is shy.")
    found = proved(mutant("asks-once", 1, "calls.shy"), laws=(shy,))
    assert found.problems == ("asks-once (seed 0) survives: calls.shy does not complain (not applicable: it is shy.).",)


def test_a_mutant_that_cannot_be_made_is_a_problem_and_no_crash():
    def broken(config, **parts):
        raise RuntimeError("no wheels")

    found = proved(
        mutant("wheelless", 1, "calls.once", subject=Subject(name="x", factory=broken, traits=Traits())), laws=(ONCE,)
    )
    assert found.problems == ("wheelless (seed 0) cannot be tried: calls.once fails with RuntimeError: no wheels",)


def test_a_mutant_is_killed_only_if_it_is_with_every_seed():
    sometimes = iter([1, 1, 2, 2, 2, 2])

    class Moody(AsyncSingleShotStrategy):
        async def execute(self, signature, inputs, config):
            answers = [await self.llm_call(signature, inputs, config) for _ in range(next(sometimes))]
            return answers[-1]

    found = proved(
        mutant("moody", 0, "calls.once", subject=Subject.of(Moody)), laws=(ONCE,), seeds=(3, 4), reference=False
    )
    assert (row(found)["killed"], found.problems[0].split(":")[0]) == (False, "moody (seed 3) survives")


def test_a_law_that_the_reference_breaks_is_a_problem_with_its_seed():
    found = proved(laws=(held("calls.twice", {2}),), seeds=(5,))
    assert found.problems == ("The reference breaks calls.twice (seed 5): 1 calls.",)
    assert found.as_data()["false_alarms"] == [{"law": "calls.twice", "seed": 5, "reason": "1 calls."}]


def test_laws_that_kill_nothing_are_named_and_are_no_problem():
    found = proved(mutant("asks-twice", 2, "calls.once"))
    assert (found.idle, found.problems) == (("calls.few", "others.many"), ())
    assert proved(mutants=False).idle == ()


def test_all_laws_look_at_a_mutant_where_that_is_asked_for():
    five = mutant("asks-five-times", 5, "calls.few")
    assert also(proved(five, reference=False)) == ["calls.once"]
    assert also(proved(five, reference=False, against_all=True)) == ["calls.once", "others.many"]


def test_the_matrix_shows_each_mutant_in_the_block_of_its_laws_group():
    found = proved(
        mutant("asks-twice", 2, "calls.once"),
        mutant("asks-three-times", 3, "calls.few"),
        mutant("asks-for-another-reason", 3, "calls.few", "four"),
        mutant("asks-nine-times", 9, "others.many"),
    )
    assert matrix(found) == MATRIX


def test_no_line_of_the_matrix_is_wider_than_a_terminal():
    laws = [held(f"calls.wants-exactly-{n}-calls", {n}) for n in range(14)]
    name = "asks-once-and-has-the-longest-name-of-all-the-mutants-that-there-are"
    found = proved(mutant(name, 1, laws[2].id), laws=laws, reference=False)
    assert max(map(len, matrix(found).splitlines())) <= 80


def test_a_mutant_of_no_law_and_two_of_one_id_are_refused():
    with pytest.raises(UsageError, match=r"'m' is to break 'calls.onec', which is no law; did you mean 'calls.once'\?"):
        proved(mutant("m", 1, "calls.onec"))
    with pytest.raises(UsageError, match="Two mutants have one id: m"):
        proved(mutant("m", 2, "calls.once"), mutant("m", 3, "calls.once"))


MATRIX = """\
calls: 2 laws, 3 mutants
  1 once  2 few
                           1  2
  asks-twice               ●  ·
  asks-three-times         ○  ●
  asks-for-another-reason  ○  !

others: 1 law, 1 mutant
  1 many
                   1
  asks-nine-times  ●"""

# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def shipped(monkeypatch):
    """A book of three laws and two mutants in place of the real one, which takes its time."""
    from kaizen_eval.conformance import selftest as proving  # noqa: PLC0415 - a double of what it holds

    book = Book(laws=LAWS, mutants=(mutant("asks-twice", 2, "calls.once"), mutant("asks-once", 1, "calls.few")))

    def run(seeds, *, todo, processes, progress):
        return selftest(seeds, todo=todo, processes=1, progress=progress, book=book)

    monkeypatch.setattr(proving, "SHIPPED", book)
    monkeypatch.setattr(proving, "selftest", run)
    return SimpleNamespace(book=book)


def test_the_command_prints_the_matrix_the_idle_laws_and_what_must_be_mended(shipped, capsys):
    assert main(["selftest", "--seed", "1", "2"]) == 1
    told = capsys.readouterr().out.splitlines()
    assert told[-3:-1] == [
        "Laws that catch no mutant: calls.few, others.many.",
        "asks-once (seed 1) survives: calls.few does not complain.",
    ]
    assert told[-1].startswith(
        "1 of 2 mutants caught for the stated reason; the reference breaks none of 3 laws; 2 seeds, "
    )


def test_quiet_prints_only_what_must_be_mended_and_json_holds_it_all(shipped, capsys, tmp_path):
    path = tmp_path / "found.json"
    assert main(["selftest", "--quiet", "--json", str(path)]) == 1
    assert capsys.readouterr().out == "asks-once (seed 0) survives: calls.few does not complain.\n"
    told = json.loads(path.read_text("utf-8"))
    assert [(each["id"], each["law"], each["killed"], each["by"]) for each in told["mutants"]] == [
        ("asks-twice", "calls.once", True, "calls.once"),
        ("asks-once", "calls.few", False, None),
    ]


def test_the_reference_alone_is_tried_with_many_seeds(shipped, capsys):
    assert main(["selftest", "--only", "reference", "--seeds", "3"]) == 0
    assert capsys.readouterr().out.startswith("the reference breaks none of 3 laws; 3 seeds, ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--seeds", "0"], "--seeds takes a whole number from 1, not 0."),
        (["--seeds", "2", "--seed", "1"], "--seed names seeds, and --seeds says how many: give one of them."),
        (["--jobs", "0"], "--jobs takes a whole number from 1, not 0."),
    ],
)
def test_wrong_usage_is_told_before_anything_is_tried(shipped, capsys, arguments, words):
    assert main(["selftest", *arguments]) == 2
    assert capsys.readouterr().err == f"kaizen-eval: {words}\n"


def test_a_file_that_cannot_be_written_is_told(shipped, capsys, tmp_path):
    assert main(["selftest", "--json", str(tmp_path / "no" / "f.json")]) == 2
    assert "cannot be written: No such file or directory." in capsys.readouterr().err


def test_colours_are_for_terminals(monkeypatch):
    assert command._coloured("  a  ●") == "  a  \x1b[32m●\x1b[0m"
    assert command._coloured("Laws: ● is a dot") == "Laws: ● is a dot"
