"""Cassettes: real LLM traffic, recorded once and replayed exactly, without secrets."""

from __future__ import annotations

from kaizen_eval.lazy import lazily

TYPE_CHECKING = False  # type-checkers take it as True
if TYPE_CHECKING:
    from kaizen_eval.recording.cassette import Cassette
    from kaizen_eval.recording.in_use import lane
    from kaizen_eval.recording.script.fakes import fake_from, shape_drift
    from kaizen_eval.recording.script.writing import script_of
    from kaizen_eval.recording.settings import CassetteSettings
    from kaizen_eval.recording.transport import CassetteTransport
    from kaizen_eval.recording.use import use_cassette

__all__ = [
    "Cassette",
    "CassetteSettings",
    "CassetteTransport",
    "fake_from",
    "lane",
    "script_of",
    "shape_drift",
    "use_cassette",
]

_HOMES = {
    "Cassette": "cassette",
    "CassetteSettings": "settings",
    "CassetteTransport": "transport",
    "fake_from": "script.fakes",
    "lane": "in_use",
    "script_of": "script.writing",
    "shape_drift": "script.fakes",
    "use_cassette": "use",
}


if not TYPE_CHECKING:  # else type-checkers would believe every name
    __getattr__, __dir__ = lazily(__name__, _HOMES)
