"""Where the cassette of a test is kept."""

from __future__ import annotations

import re
import unicodedata
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kaizen_eval.recording.naming import cassette_path

FOLDER = Path("cassettes")
NAMES = st.one_of(
    st.text(max_size=300),
    st.from_regex(r"test_[a-z]{1,6}(\[[a-zA-Z/:. -]{0,6}\])?", fullmatch=True),
    st.from_regex(r"([A-Za-z]{1,4}-)?[0-9a-f]{10}", fullmatch=True),
    st.sampled_from(
        [
            "con",
            "AUX",
            "nul.txt",
            "unrecorded",
            "..",
            ".",
            "",
            "-",
            "~",
            "x.",
            "x ",
            "X",
            "x",
            "é",
            "e\u0301",
            "a" * 300,
        ]
    ),
)


def path_of(name: str) -> str:
    return cassette_path(FOLDER, "suites/test_qa.py", name).as_posix()


@settings(deadline=None)
@given(NAMES, NAMES)
@example("test[a/b]", "test[a:b]")
@example("a" * 300, "a" * 301)
def test_two_tests_never_share_a_path_however_a_file_system_folds_names(one: str, other: str):
    folded = {unicodedata.normalize("NFC", path_of(name)).casefold() for name in (one, other)}

    assert len(folded) == len({one, other})


@settings(deadline=None)
@given(NAMES)
def test_what_is_made_of_a_name_is_another_file_when_it_is_the_name_of_a_test_itself(name: str):
    made = Path(path_of(name)).stem

    assert (path_of(made) == path_of(name)) == (made == name)


@settings(deadline=None)
@given(NAMES)
def test_every_part_of_a_path_is_one_that_every_file_system_takes(name: str):
    made = cassette_path(FOLDER, f"{name}/test_qa.py", name).relative_to(FOLDER)

    assert [part for part in made.parts if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_+-]{0,119}(\.yaml)?", part)] == []
    assert [
        part
        for part in made.parts
        if part.split(".")[0].casefold() in {"con", "aux", "prn", "nul", "com1", "unrecorded"}
    ] == []


@settings(deadline=None)
@given(st.lists(NAMES.map(lambda name: name.replace("/", "")), min_size=1, max_size=3).map("/".join))
def test_a_cassette_never_leaves_the_folder(suite: str):
    made = cassette_path(FOLDER, suite, "..").as_posix()

    assert made.startswith("cassettes/")
    assert ".." not in made


@pytest.mark.parametrize(
    ("suite", "name", "path"),
    [
        ("suites/test_qa.py", "test_answers", "cassettes/suites/test_qa/test_answers.yaml"),
        ("suites/test_qa.py", "test_a[gpt-4.1]", "cassettes/suites/test_qa/test_a-gpt-4-1-3918e4c1bf.yaml"),
        ("test_qa", "TestQA::test_a", "cassettes/test_qa/TestQA-test_a-5d03859c76.yaml"),
        ("", "Frühling", "cassettes/Fruhling-19e667115f.yaml"),
    ],
)
def test_a_path_reads_like_the_test(suite: str, name: str, path: str):
    assert cassette_path(FOLDER, suite, name).as_posix() == path


def test_names_that_differ_in_case_spelling_or_signs_have_files_of_their_own():
    names = ["test_a[a/b]", "test_a[a:b]", "test_a[A/b]", "test_a[é]", "test_a[e\u0301]", "Test_a", "test_a", "test_A"]

    assert [pair for pair in combinations(names, 2) if len({path_of(name).casefold() for name in pair}) != 2] == []
