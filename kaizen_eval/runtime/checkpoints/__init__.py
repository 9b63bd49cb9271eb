"""Finished nodes of workflows in a file, so that a run can be gone on with."""

from __future__ import annotations

from kaizen_eval.lazy import lazily

TYPE_CHECKING = False  # type-checkers take it as True
if TYPE_CHECKING:
    from kaizen_eval.runtime.checkpoints.base import Checkpoints, Done, KeptRun
    from kaizen_eval.runtime.checkpoints.file import CheckpointFile, RunEntry
    from kaizen_eval.runtime.checkpoints.nothing import NoCheckpoints

__all__ = ["CheckpointFile", "Checkpoints", "Done", "KeptRun", "NoCheckpoints", "RunEntry"]

_HOMES = {
    "CheckpointFile": "file",
    "Checkpoints": "base",
    "Done": "base",
    "KeptRun": "base",
    "NoCheckpoints": "nothing",
    "RunEntry": "file",
}

if not TYPE_CHECKING:  # else type-checkers would believe every name
    __getattr__, __dir__ = lazily(__name__, _HOMES)
