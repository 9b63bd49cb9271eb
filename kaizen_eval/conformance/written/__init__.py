"""Situations as Python source: what a report prints can be pasted into a test."""

from __future__ import annotations

from kaizen_eval.conformance.written.as_test import as_test
from kaizen_eval.conformance.written.module import Module, NotWritable, written

__all__ = ["Module", "NotWritable", "as_test", "written"]
