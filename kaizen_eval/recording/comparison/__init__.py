"""Two values held side by side: what differs, by field path, in words short enough to be read."""

from __future__ import annotations

from kaizen_eval.recording.comparison.showing import ABSENT
from kaizen_eval.recording.comparison.values import Difference, value_differences

__all__ = ["ABSENT", "Difference", "value_differences"]
