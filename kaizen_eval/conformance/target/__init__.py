"""What `module:Name` names: where it is looked for, how it is imported, and what is wrong with it."""

from __future__ import annotations

from kaizen_eval.conformance.target.folders import importable_folders
from kaizen_eval.conformance.target.loading import named
from kaizen_eval.conformance.target.looking import signature_at, subject_at

__all__ = ["importable_folders", "named", "signature_at", "subject_at"]
