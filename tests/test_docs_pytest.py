"""The tables of docs/pytest.md are true: fixtures, options with their ini keys and defaults, and doors."""

from __future__ import annotations

import re

import pytest
from house.architecture import ROOT
from test_docs_tables import rows

from kaizen_eval import pytest_plugin
from kaizen_eval.pytest_plugin import options
from kaizen_eval.recording.settings import MODES

TEXT = (ROOT / "docs" / "pytest.md").read_text("utf-8")


class Listening:
    """What pytest's parser is told by a plugin."""

    def __init__(self):
        self.options = []
        self.keys = []

    def getgroup(self, *_):
        return self

    def addoption(self, name, **_):
        self.options.append(name)

    def addini(self, name, *_, **__):
        self.keys.append(name)


def told(name):
    """The first word of all that stands in backticks, cell by cell."""
    return [
        tuple([code.split()[0] for code in re.findall(r"`([^`]+)`", cell)] for cell in row) for row in rows(TEXT, name)
    ]


def test_the_fixtures_are_all_of_them():
    names = {name for name in pytest_plugin.__all__ if name.startswith("kaizen_")}
    assert {cells[0][0] for cells in told("fixtures")} == names


def test_the_options_are_all_of_them_with_their_ini_keys():
    parser = Listening()
    options.declare(parser)
    pairs = {(option[0], key[0]) for option, key, *_ in told("options")}
    assert pairs == set(zip(parser.options, parser.keys, strict=True))


@pytest.mark.parametrize("option", ["llm", "cassette-dir", "seed"])
def test_the_defaults_are_as_told(option):
    named = {cells[0][0]: cells[2][0] for cells in told("options") if cells[2]}
    defaults = options.Settings()
    known = {"llm": defaults.door, "cassette-dir": str(defaults.cassettes), "seed": str(defaults.seed)}
    assert named[f"--kaizen-{option}"] == known[option]


def test_every_door_is_named_among_the_options():
    [row] = [cells for cells in told("options") if cells[0][0] == "--kaizen-llm"]
    assert set(row[3]) == set(options.DOORS)


def test_the_doors_of_cassettes_are_the_modes():
    named = [re.findall(r"--kaizen-llm ([a-z-]+)", first) for first, _ in rows(TEXT, "doors of cassettes")]
    assert sorted(name for [name] in named) == sorted(MODES)
