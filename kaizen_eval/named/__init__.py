"""What `module:Name` names: where it is looked for, how it is imported, and what is wrong with it."""

from __future__ import annotations

from kaizen_eval.named.folders import importable_folders
from kaizen_eval.named.loading import at, named, raised_where
from kaizen_eval.named.whose import is_users, users_frame

__all__ = ["at", "importable_folders", "is_users", "named", "raised_where", "users_frame"]
