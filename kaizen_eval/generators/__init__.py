"""Hypothesis strategies for what agents are given and told: values, replies, faults, conversations."""

from __future__ import annotations

from kaizen_eval.lazy import lazily

TYPE_CHECKING = False  # type-checkers take it as True
if TYPE_CHECKING:
    from kaizen_eval.generators.conversing import conversations
    from kaizen_eval.generators.corruptions import CORRUPTIONS, Corrupted, corrupt
    from kaizen_eval.generators.going_wrong import faults
    from kaizen_eval.generators.invalid import Invalid, invalid_inputs, invalid_outputs
    from kaizen_eval.generators.random_signatures import signatures
    from kaizen_eval.generators.replied import replies
    from kaizen_eval.generators.schemas import from_json_schema
    from kaizen_eval.generators.scripted import scripts
    from kaizen_eval.generators.values import inputs, outputs

__all__ = [
    "CORRUPTIONS",
    "Corrupted",
    "Invalid",
    "conversations",
    "corrupt",
    "faults",
    "from_json_schema",
    "inputs",
    "invalid_inputs",
    "invalid_outputs",
    "outputs",
    "replies",
    "scripts",
    "signatures",
]

_HOMES = {
    "CORRUPTIONS": "corruptions",
    "Corrupted": "corruptions",
    "Invalid": "invalid",
    "conversations": "conversing",
    "corrupt": "corruptions",
    "faults": "going_wrong",
    "from_json_schema": "schemas",
    "inputs": "values",
    "invalid_inputs": "invalid",
    "invalid_outputs": "invalid",
    "outputs": "values",
    "replies": "replied",
    "scripts": "scripted",
    "signatures": "random_signatures",
}


if not TYPE_CHECKING:  # else type-checkers would believe every name
    __getattr__, __dir__ = lazily(__name__, _HOMES)
