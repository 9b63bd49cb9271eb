"""The table of faults in docs/fake-llm.md is what happens, behind every door."""

from __future__ import annotations

import pytest
from house.faults_table import PAGE, met, refreshed

from kaizen_eval.fake import FAULTS


def cells(text: str) -> dict[str, tuple[str, ...]]:
    """The rows of the table of faults by the fault's name."""
    table = text.partition("<!-- faults -->")[2].partition("<!-- end of faults -->")[0]
    rows = [tuple(cell.strip() for cell in line.strip("| ").split(" | ")) for line in table.splitlines() if "`" in line]
    return {row[0].strip("`"): row for row in rows}


def test_the_table_of_faults_is_what_the_generator_writes():
    text = PAGE.read_text("utf-8")
    assert text == refreshed(text), "run: python tests/house/faults_table.py"


def test_every_fault_has_its_row_in_the_order_of_the_package():
    assert list(cells(PAGE.read_text("utf-8"))) == list(FAULTS)


@pytest.mark.parametrize("door", ["direct", "sdk"])
@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_raises_the_error_of_its_row_and_is_tried_again_as_it_says(name, door):
    *_, error, again = cells(PAGE.read_text("utf-8"))[name]
    assert (error.strip("`"), again) == met(name, door)
