"""The page on scorers names all of them, with the settings that they have."""

from __future__ import annotations

import inspect
import re

import pytest
import yaml
from house.architecture import ROOT
from house.documents import blocks
from test_docs_tables import rows

from kaizen_eval.evals.scorers import KINDS, scorers_from
from kaizen_eval.evals.scorers.settings import Settings
from kaizen_eval.named import named

PAGE = (ROOT / "docs" / "scorers.md").read_text("utf-8")
TABLE = {scorer.strip("`"): settings for scorer, _, settings in rows(PAGE, "scorers")}
SHARED = set(inspect.signature(Settings).parameters)
ONES_OWN = re.compile(r"my_package\.scoring:\w+")


def test_each_scorer_has_its_row():
    assert list(TABLE) == list(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_each_row_names_the_settings_that_the_scorer_has(kind):
    told = re.findall(r"`(\w+)`", TABLE[kind])
    assert sorted(told) == sorted(set(inspect.signature(named(KINDS[kind])).parameters) - SHARED)


def test_what_may_stand_alone_is_what_scorers_are_about():
    told = re.search(r"can stand alone \(([^)]*)\)", PAGE)
    about = dict.fromkeys(getattr(named(place), "about", None) for place in KINDS.values())
    assert re.findall(r"`(\w+)`", told[1]) == sorted(filter(None, about), key=told[1].index)


def test_the_scorers_of_the_examples_can_be_made(tmp_path):
    (tmp_path / "log.jsonl").touch()
    written = [block.text for block in blocks(PAGE) if block.language == "yaml"]
    for text in written:
        specs = yaml.safe_load(ONES_OWN.sub("own_scorers:is_town", text).replace("runs/last-week", str(tmp_path)))
        assert scorers_from(specs["scorers"])
