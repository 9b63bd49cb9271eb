"""The tables on cassettes in docs/ are true, and the picture is of the cassette beside it."""

from __future__ import annotations

import dataclasses
import re

import pytest
from house import kinds_table
from house.architecture import ROOT
from house.cassette_picture import PICTURE, picture, texts
from test_docs_tables import rows

from kaizen_eval import errors
from kaizen_eval.cli import main
from kaizen_eval.recording.redaction.headers import request_headers, response_headers
from kaizen_eval.recording.settings import MODES, CassetteSettings
from kaizen_eval.secrets.kinds import KINDS

DOCS = ROOT / "docs"
START, SECRETS, COMMANDS = DOCS / "cassettes.md", DOCS / "cassette-secrets.md", DOCS / "cassette-commands.md"


def table(page, name):
    return rows(page.read_text("utf-8"), name)


def words(cell):
    return re.findall(r"`([^`]+)`", cell)


def help_of(capsys, *words):
    with pytest.raises(SystemExit):
        main(["cassettes", *words, "--help"])
    return capsys.readouterr().out


def test_the_modes_are_all_of_them_in_their_order():
    assert tuple(words(mode)[0] for mode, *_ in table(START, "modes")) == MODES


def test_the_settings_have_their_defaults():
    told = {words(name)[0]: words(default)[0] for name, default, _ in table(START, "settings")}
    fields = dataclasses.fields(CassetteSettings)
    assert told == {field.name: repr(getattr(CassetteSettings(), field.name)) for field in fields}


def test_the_errors_are_all_of_them():
    told = {words(name)[0] for name, _ in table(START, "errors")}
    assert told == {error.__name__ for error in errors.RecordingError.__subclasses__()}


def test_the_kinds_of_secrets_are_told_in_their_own_words():
    told = SECRETS.read_text("utf-8")
    assert told == kinds_table.refreshed(told), "run: python tests/house/kinds_table.py"
    assert len(table(SECRETS, "kinds")) == len(KINDS)


@pytest.mark.parametrize("name", words(table(SECRETS, "headers")[0][1]))
def test_a_header_of_requests_is_kept_as_told(name):
    assert request_headers(((name, "a"), ("x-other", "b")), ()) == ((name, "a"),)


@pytest.mark.parametrize("name", words(table(SECRETS, "headers")[1][1]))
def test_a_header_of_responses_is_kept_as_told(name):
    assert response_headers(((name, "a"), ("x-other", "b")), ()) == ((name, "a"),)


@pytest.mark.parametrize("name", words(table(SECRETS, "headers")[2][1]))
def test_an_id_of_a_request_is_kept_as_a_digest(name):
    [(kept, value)] = response_headers(((name, "req_1"),), ())
    assert (kept, value.startswith("hashed-"), "req_1" in value) == (name, True, False)


def test_the_commands_are_all_of_them(capsys):
    told = dict.fromkeys(words(first)[0].split()[0] for first, *_ in table(COMMANDS, "commands"))
    assert set(told) == set(re.findall(r"^    (\w+)  ", help_of(capsys), re.MULTILINE)) - {"COMMAND"}


@pytest.mark.parametrize("first", [first for first, *_ in table(COMMANDS, "commands")])
def test_the_options_that_are_told_are_there(first, capsys):
    known = re.findall(r"--[a-z-]+", help_of(capsys, words(first)[0].split()[0]))
    assert [option for option in re.findall(r"--[a-z-]+", first) if option not in known] == []


def test_the_picture_shows_what_the_command_prints():
    assert texts(PICTURE.read_text("utf-8")) == texts(picture()), "run: python tests/house/cassette_picture.py"
