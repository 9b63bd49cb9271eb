"""Takes secrets out of what a cassette keeps: by name, by shape, and by what the environment holds."""

from __future__ import annotations

from kaizen_eval.recording.placeholder import REDACTED
from kaizen_eval.recording.redaction.kinds import KINDS, Finding, Kind
from kaizen_eval.recording.redaction.redactor import Redactor

__all__ = ["KINDS", "REDACTED", "Finding", "Kind", "Redactor"]
