"""Settings of cassettes are refused where they are written, not when a cassette is closed."""

from __future__ import annotations

import pytest

from kaizen_eval.errors import ConfigError
from kaizen_eval.recording import CassetteSettings


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"unused": "fial"}, "unused must be one of 'fail', 'warn', 'ignore', not 'fial'."),
        ({"expired": "ignore"}, "expired must be one of 'warn', 'fail', not 'ignore'."),
        ({"pace": "fast"}, "pace must be one of 'instant', 'recorded', not 'fast'."),
        ({"max_age": 30}, "max_age must be a timedelta, such as timedelta(days=30), not 30."),
        ({"redact": "x-mine"}, "redact takes several texts, such as redact=('x-mine',), not 'x-mine'."),
        ({"ignore": "seed"}, "ignore takes several texts, such as ignore=('seed',), not 'seed'."),
        ({"keep_headers": 7}, "keep_headers takes several texts, such as keep_headers=('7',), not 7."),
        ({"keep_headers": [b"x"]}, "keep_headers takes texts, not b'x'."),
    ],
)
def test_what_is_no_setting_is_refused(settings, said):
    with pytest.raises(ConfigError) as refused:
        CassetteSettings(**settings)
    assert str(refused.value) == said


def test_a_path_that_is_none_is_refused_before_anything_is_asked():
    with pytest.raises(ConfigError, match=r"'messages\[' is no path into a request's body"):
        CassetteSettings(ignore=["messages["])


def test_lists_are_kept_as_tuples():
    settings = CassetteSettings(ignore=["seed"], redact=["x-mine"], keep_headers=["x-kept"])
    assert (settings.ignore, settings.redact, settings.keep_headers) == (("seed",), ("x-mine",), ("x-kept",))
