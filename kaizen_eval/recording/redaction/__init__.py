"""Takes secrets out of what a cassette keeps: by name, by shape, and by what the environment holds."""

from __future__ import annotations

from kaizen_eval.recording.redaction.redactor import Redactor
from kaizen_eval.secrets.kinds import KINDS, Finding, Kind
from kaizen_eval.secrets.placeholder import REDACTED

__all__ = ["KINDS", "REDACTED", "Finding", "Kind", "Redactor"]
