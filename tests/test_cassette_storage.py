"""Paths at which no cassette can be are told before anything is sent, and nothing there is touched."""

from __future__ import annotations

import os

import pytest
from recording_doubles import opened

from kaizen_eval.errors import RecordingError

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
