"""Hypothesis strategies for what agents are given and told: values, replies, faults, conversations."""

from __future__ import annotations

__all__: list[str] = []
