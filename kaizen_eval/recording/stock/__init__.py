"""Cassettes that vcrpy wrote, made into ours."""

from __future__ import annotations

from kaizen_eval.recording.stock.convert import Converted, DatedBy, convert

__all__ = ["Converted", "DatedBy", "convert"]
