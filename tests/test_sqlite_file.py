"""A SQLite file of ours, here of sessions: its versions, and what comes of locks, of a full disk and of broken work."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.errors import MemoryFailed
from kaizen_eval.memory.sqlite_schema import SESSIONS
from kaizen_eval.sqlite.file import GivenUp, SqliteFile
from kaizen_eval.sqlite.file_format import bring_up, stranger, version_of

LATER = (
    *SESSIONS.migrations,
    ("ALTER TABLE sessions ADD COLUMN mood TEXT DEFAULT 'calm'",),
    ("CREATE TABLE tags (name TEXT)",),
)
"""Versions as they may come."""


def migrated_by(*migrations):
    return replace(SESSIONS, migrations=migrations)


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "sessions.db")


@pytest.fixture
def file(path):
    file = SqliteFile(path, SESSIONS)
    yield file
    file.close()


def tables(connection):
    return connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()


def put(text):
    def insert(connection):
        connection.execute("INSERT INTO sessions (name, used) VALUES (?, 1)", (text,))

    return insert


def held(connection):
    return [name for (name,) in connection.execute("SELECT name FROM sessions ORDER BY number")]


@given(st.integers(0, len(LATER)))
def test_whatever_version_a_file_starts_from_it_always_ends_with_the_same_tables(version):
    grown, made = sqlite3.connect(":memory:"), sqlite3.connect(":memory:")
    bring_up(grown, migrated_by(*LATER[:version]))
    bring_up(grown, migrated_by(*LATER))
    bring_up(made, migrated_by(*LATER))
    assert (tables(grown), version_of(grown)) == (tables(made), len(LATER))
    grown.close()
    made.close()


def test_an_older_file_is_brought_up_with_what_it_holds(path):
    older = SqliteFile(path, SESSIONS)
    older.transact(put("s"), writes=True)
    older.close()
    newer = SqliteFile(path, migrated_by(*LATER))
    moods = newer.transact(lambda it: it.execute("SELECT name, mood FROM sessions").fetchall(), writes=False)
    assert (moods, newer.transact(version_of, writes=False)) == ([("s", "calm")], 3)
    newer.close()
    with pytest.raises(MemoryFailed, match="its format is 3, and this version knows formats up to 1"):
        SqliteFile(path, SESSIONS).transact(held, writes=False)


def test_a_step_that_fails_leaves_the_file_as_it_was(file, path):
    file.transact(put("s"), writes=True)
    broken = SqliteFile(path, migrated_by(*SESSIONS.migrations, ("CREATE TABLE tags (name)", "NONSENSE")))
    with pytest.raises(MemoryFailed, match="syntax error"):
        broken.transact(held, writes=False)
    assert (file.transact(held, writes=False), file.transact(version_of, writes=False)) == (["s"], 1)
    assert "tags" not in dict(file.transact(tables, writes=False))


def test_the_file_says_whose_it_is_and_survives_the_machines_end(file):
    def settings(connection):
        names = ("application_id", "journal_mode", "synchronous", "foreign_keys")
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    assert file.transact(settings, writes=False) == [SESSIONS.application_id, "wal", 2, 1]


@given(st.binary(max_size=200))
def test_a_file_of_other_bytes_is_never_taken_for_ours(head):
    assert stranger(head, SESSIONS.application_id) == ("no SQLite database" if head else None)


def test_work_that_fails_changes_nothing(file):
    def half(connection):
        put("lost")(connection)
        raise LookupError

    file.transact(put("kept"), writes=True)
    with pytest.raises(LookupError):
        file.transact(half, writes=True)
    assert file.transact(held, writes=False) == ["kept"]


def test_work_that_is_given_up_changes_nothing(file):
    with pytest.raises(GivenUp):
        file.transact(put("lost"), writes=True, given_up=lambda: True)
    assert file.transact(held, writes=False) == []


@pytest.fixture
def locked(file, path):
    """Somebody else is writing; rolls back when called."""
    file.transact(put("kept"), writes=True)
    other = sqlite3.connect(path, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    yield other.rollback
    other.rollback()
    other.close()


@pytest.mark.usefixtures("locked")
def test_a_file_that_stays_locked_is_told_and_nothing_is_changed(path):
    impatient = SqliteFile(path, SESSIONS, patience=0)
    with pytest.raises(MemoryFailed, match=r"cannot be reached: another process has kept it locked .*; end that one"):
        impatient.transact(put("lost"), writes=True)
    assert impatient.transact(held, writes=False) == ["kept"]
    impatient.close()


def test_who_waits_for_a_lock_has_it_when_it_is_free(file, locked):
    tries = []

    def given_up():
        tries.append(1)
        if len(tries) == 3:
            locked()
        return False

    file.transact(put("late"), writes=True, given_up=given_up)
    assert file.transact(held, writes=False) == ["kept", "late"]


def test_who_waits_for_a_lock_can_give_up(file, locked):
    tries = iter([False, False, True])
    with pytest.raises(GivenUp):
        file.transact(put("lost"), writes=True, given_up=lambda: next(tries))
    locked()
    assert file.transact(held, writes=False) == ["kept"]


def test_a_full_disk_is_told_and_what_was_kept_before_stays(file):
    file.transact(put("kept"), writes=True)
    file.transact(lambda it: it.execute("PRAGMA max_page_count = 1"), writes=False)
    with pytest.raises(MemoryFailed, match=r"the disk is full; make room \(database or disk is full\)"):
        file.transact(put("x" * 100_000), writes=True)
    assert file.transact(held, writes=False) == ["kept"]


def test_threads_take_turns(file):
    inside, overlaps = threading.Lock(), []

    def work(connection):
        overlaps.append(not inside.acquire(blocking=False))
        held(connection)
        inside.release()

    threads = [threading.Thread(target=file.transact, args=(work,), kwargs={"writes": False}) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert overlaps == [False] * 8


def test_a_file_that_nobody_uses_any_more_is_closed(path):
    file = SqliteFile(path, SESSIONS)
    file.transact(held, writes=False)
    ((connection, _),) = file._open
    del file
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")
