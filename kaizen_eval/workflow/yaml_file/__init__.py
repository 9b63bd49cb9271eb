"""Workflows in YAML files: written so that people can change them, read with the place of every mistake."""

from __future__ import annotations

from kaizen_eval.workflow.yaml_file.loading import load, read
from kaizen_eval.workflow.yaml_file.saving import save, text_of

__all__ = ["load", "read", "save", "text_of"]
