"""What can be evaluated: agents, and functions from inputs to outputs."""

from __future__ import annotations

from kaizen_eval.evals.running.tasks.task import Task
from kaizen_eval.evals.running.tasks.task_of import task_of

__all__ = ["Task", "task_of"]
