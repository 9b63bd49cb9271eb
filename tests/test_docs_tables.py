"""The tables and links of docs/ are true: faults, errors and settings are as told, and links lead somewhere."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest
from house import faults_table
from house.architecture import ROOT
from house.faults_table import DATA, PAGE, json_text, met, refreshed

from kaizen_eval import AgentConfig, BaseAgent, FakeLLM, Traits, virtual_time
from kaizen_eval.errors import ProviderError
from kaizen_eval.fake import FAULTS

AGENTS = ROOT / "docs" / "agents.md"
STRATEGIES = ROOT / "docs" / "strategies.md"


def rows(text: str, name: str) -> list[tuple[str, ...]]:
    """The cells of the table in a marked region, without its head."""
    region = text.partition(f"<!-- {name} -->")[2].partition(f"<!-- end of {name} -->")[0]
    lines = [line for line in region.splitlines() if line.startswith("|")]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines[2:]]


FAULT_ROWS = {row["name"]: row for row in json.loads(DATA.read_text("utf-8"))}
STATUSES = {
    int(status): (error.strip("`"), again)
    for happens, error, again in rows(AGENTS.read_text("utf-8"), "errors")
    if not happens.startswith("429 with")
    for status in re.findall(r"\b[45]\d\d\b", happens)
}


def anchors(text: str) -> set[str]:
    """What a link can point at: the headings, as GitHub names them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.unmeasured
def test_the_tables_of_faults_are_what_their_generator_writes():
    told = PAGE.read_text("utf-8"), DATA.read_text("utf-8")
    assert told == (refreshed(told[0]), json_text()), "run: python tests/house/faults_table.py"


def test_every_fault_has_its_row_in_the_order_of_the_package():
    assert list(FAULT_ROWS) == list(FAULTS)
    page = re.findall(r"^\| `(\w+)` \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert page[: len(FAULTS)] == [name for group in faults_table.GROUPS.values() for name in _of(group)]


def _of(group: str) -> list[str]:
    return [name for name, row in FAULT_ROWS.items() if row["group"] == group]


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_behind_the_sdk_door_what_it_is_behind_the_direct_one(name):
    assert FAULT_ROWS[name]["ours"] == met(name, "sdk")._asdict()


@pytest.mark.parametrize("status", STATUSES)
def test_each_status_raises_the_error_of_its_row_and_is_tried_again_as_it_says(status):
    llm = FakeLLM()
    llm.fail("http_status", status=status)
    with virtual_time(), pytest.raises(ProviderError) as raised:
        BaseAgent(provider=llm).run(question="Why?")
    assert (type(raised.value).__name__, "yes" if len(llm.journal) > 1 else "no") == STATUSES[status]


def test_the_table_of_settings_holds_each_with_its_default():
    told = {name.strip("`"): default.strip("`") for name, default, _ in rows(AGENTS.read_text("utf-8"), "config")}
    fields = {field.name: repr(getattr(AgentConfig(), field.name)) for field in dataclasses.fields(AgentConfig)}
    assert told == {
        name: default for name, default in fields.items() if name not in {"extra", "offered", "owner", "shared_view"}
    }


def test_the_table_of_traits_holds_each_with_its_default_in_their_order():
    told = [(name.strip("`"), default.strip("`")) for name, default, _ in rows(STRATEGIES.read_text("utf-8"), "traits")]
    assert told == [(field.name, repr(getattr(Traits(), field.name))) for field in dataclasses.fields(Traits)]


@pytest.mark.parametrize("name", ["README.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))])
def test_links_lead_to_a_page_and_a_heading(name):
    page = ROOT / name
    links = re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", page.read_text("utf-8"))
    targets = [(page.parent / path if path else page, anchor) for path, anchor in links]
    assert [
        (str(target), anchor)
        for target, anchor in targets
        if not target.exists() or (anchor and anchor not in anchors(target.read_text("utf-8")))
    ] == []
