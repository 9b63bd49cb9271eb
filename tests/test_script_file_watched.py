"""A script file that changes while it is in use."""

from __future__ import annotations

import os

import pytest
from fake_asking import said

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake import FakeLLM
from kaizen_eval.fake.script_file import Watched

ONE = "version: 1\notherwise: one\n"
TWO = "version: 1\notherwise: two\n"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(ONE)
    return path


def write(path, text, *, at=None):
    """As an editor does, at another time."""
    path.write_text(text)
    if at is not None:
        os.utime(path, ns=(at, at))


def otherwise(watched):
    return watched.current.otherwise.text


def test_a_file_that_does_not_change_is_not_read_again(path):
    assert Watched(path).changed() is False


def test_a_change_is_seen_and_read(path):
    watched = Watched(path)
    write(path, TWO, at=1)
    assert (watched.changed(), watched.reload(), otherwise(watched), watched.changed()) == (True, None, "two", False)


def test_a_change_to_as_many_bytes_in_the_same_tick_of_the_clock_is_seen(path):
    watched = Watched(path)
    write(path, TWO, at=path.stat().st_mtime_ns)
    assert watched.changed() is True


def test_a_file_that_was_only_touched_has_not_changed(path):
    watched = Watched(path)
    write(path, ONE, at=1)
    assert (watched.changed(), watched.changed()) == (False, False)


def test_a_file_that_was_put_in_its_place_is_seen(path):
    watched = Watched(path)
    before = path.stat().st_mtime_ns
    other = path.with_name("new.yaml")
    write(other, TWO, at=before)
    other.replace(path)
    assert watched.changed() is True


def test_a_mistake_keeps_the_old_script_and_is_told_once(path):
    watched = Watched(path)
    write(path, "version: 1\notherwse: two\n", at=1)
    assert watched.changed() is True
    assert watched.reload().startswith("s.yaml:2:1: a script has no 'otherwse'; did you mean 'otherwise'?")
    assert (otherwise(watched), watched.changed()) == ("one", False)
    write(path, TWO, at=2)
    assert (watched.changed(), watched.reload(), otherwise(watched)) == (True, None, "two")


def test_a_file_that_goes_away_keeps_the_old_script_and_may_come_back(path):
    watched = Watched(path)
    path.unlink()
    assert watched.changed() is True
    assert watched.reload() == "s.yaml cannot be read: No such file or directory."
    assert (watched.changed(), otherwise(watched)) == (False, "one")
    write(path, TWO)
    assert (watched.changed(), watched.reload(), otherwise(watched)) == (True, None, "two")


def test_a_file_must_be_right_to_begin_with(path):
    write(path, "version: 2\n")
    with pytest.raises(ScriptError, match=r"^s\.yaml:1:10: expected 1"):
        Watched(path)
    with pytest.raises(FileNotFoundError):
        Watched(path.with_name("none.yaml"))


def test_a_desk_goes_over_to_what_was_read_and_keeps_its_journal(path):
    watched = Watched(path)
    fake = FakeLLM.from_file(path)
    heard = said(fake, "a")
    write(path, TWO, at=1)
    watched.reload()
    fake._desk.use(watched.current.script())
    assert (heard + said(fake, "a"), len(fake.journal)) == (["one", "two"], 2)
