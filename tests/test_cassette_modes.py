"""What each mode of a cassette does with a request, and with the file."""

from __future__ import annotations

import pytest
from recording_doubles import asked, opened, recorded

from kaizen_eval.errors import CassetteMissing


def test_what_was_recorded_is_replayed(tmp_path):
    path = recorded(tmp_path / "c.yaml", ("one", "1"), ("two", "2"))
    cassette = opened(path)
    assert [asked(cassette, "two"), asked(cassette, "one")] == ["2", "1"]
    cassette.close()


def test_a_cassette_that_is_not_there_says_how_it_is_recorded(tmp_path):
    with pytest.raises(CassetteMissing) as caught:
        opened(tmp_path / "none.yaml")
    assert str(caught.value) == (
        f"There is no cassette {tmp_path}/none.yaml, so nothing can be replayed. Record it: pytest --kaizen-llm record"
    )
