"""Scripts that are written in files: YAML or JSON, read with the place of every mistake."""

from __future__ import annotations

from kaizen_eval.fake.script_file.loading import ScriptFile, load, read
from kaizen_eval.fake.script_file.watched import Watched

__all__ = ["ScriptFile", "Watched", "load", "read"]
