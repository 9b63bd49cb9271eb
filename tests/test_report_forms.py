"""What reports in JUnit and Markdown make of texts that hold anything."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.cli import junit, markdown

ANYTHING = st.text(st.characters() | st.sampled_from("\ufffe\uffff\0"))


@given(ANYTHING, ANYTHING)
def test_junit_can_always_be_read(name, words):
    told = [junit.Told("failure", words, words, "a lapse"), junit.Told("skipped", words)]
    document = junit.document("kaizen-eval check", name, [junit.Case("laws", "a.b", told)], 1.5)
    suite = ET.fromstring(document.encode())[0]  # noqa: S314 - our own
    counts = [suite.get(each) for each in ("tests", "failures", "errors", "skipped", "time")]
    assert (counts, [child.tag for child in suite[0]]) == (["1", "1", "0", "1", "1.500"], ["failure", "skipped"])


@given(st.text())
def test_a_cell_never_ends_its_row(words):
    *_, row = markdown.table(["", ""], [(words, "end")])
    inside = row.removeprefix("| ").removesuffix(" | end |")
    assert "\n" not in row
    assert inside.count("|") == inside.count("\\|")
    assert "<" not in inside


@given(st.text("`a \n"))
def test_a_block_is_ended_by_its_own_fence_alone(code):
    opened, *lines, closed = markdown.block("text", code)
    assert opened == f"{closed}text"
    assert all(closed not in line for line in lines)
