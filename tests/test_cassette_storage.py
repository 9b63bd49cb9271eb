"""Paths at which no cassette can be are told before anything is sent, and nothing there is touched."""

from __future__ import annotations

import errno
import os

import pytest
from recording_doubles import MOMENT, opened

from kaizen_eval.errors import RecordingError
from kaizen_eval.recording.writing.partial import Partial

EVERY_MODE = pytest.mark.parametrize("mode", ["replay", "verify", "record", "record-missing"])


@EVERY_MODE
def test_links_that_go_round_in_a_circle_are_told(tmp_path, mode):
    (tmp_path / "a.yaml").symlink_to(tmp_path / "b.yaml")
    (tmp_path / "b.yaml").symlink_to(tmp_path / "a.yaml")
    with pytest.raises(RecordingError, match=r"a\.yaml cannot be read: Too many levels of symbolic links\."):
        opened(tmp_path / "a.yaml", mode)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.yaml", "b.yaml"]


@EVERY_MODE
def test_a_pipe_is_not_waited_for(tmp_path, mode):
    os.mkfifo(tmp_path / "a.yaml")
    with pytest.raises(RecordingError, match=r"cannot be read: It is no file but a device, a pipe or a socket\."):
        opened(tmp_path / "a.yaml", mode)
    assert [path.name for path in tmp_path.iterdir()] == ["a.yaml"]


@EVERY_MODE
@pytest.mark.parametrize(
    ("name", "why"), [("a\0b.yaml", "it holds a NUL character"), ("x" * 256, "File name too long")]
)
def test_a_name_that_no_file_can_have_is_told(tmp_path, mode, name, why):
    with pytest.raises(RecordingError, match=why):
        opened(tmp_path / name, mode)
    assert list(tmp_path.iterdir()) == []


def test_a_device_is_not_read_without_end():
    with pytest.raises(RecordingError, match="no file but a device"):
        opened("/dev/zero")


@EVERY_MODE
def test_a_path_that_starts_from_a_folder_that_is_gone_is_told(tmp_path, monkeypatch, mode):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "gone"
    folder.mkdir()
    os.chdir(folder)
    folder.rmdir()
    with pytest.raises(RecordingError, match="the folder that this process works in is gone"):
        opened("a.yaml", mode)


class Full(Partial):
    """On a disk without any space."""

    def _write(self, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_recording_that_cannot_begin_leaves_nothing(tmp_path):
    with pytest.raises(OSError, match="No space left"):
        Full(tmp_path / "a.yaml", mode="record", recorded_at=MOMENT)
    assert list(tmp_path.iterdir()) == []


def test_a_recording_that_cannot_begin_leaves_what_a_crash_had_left(tmp_path):
    (tmp_path / "a.yaml.partial").write_bytes(b"head\nexchange\n")
    with pytest.raises(OSError, match="No space left"):
        Full(tmp_path / "a.yaml", mode="record", recorded_at=MOMENT)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"head\nexchange\n"]
