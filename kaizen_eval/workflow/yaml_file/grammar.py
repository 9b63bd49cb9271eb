"""The grammar of workflow files: everything that may stand in one."""

from __future__ import annotations

from typing import Any

from kaizen_eval.config import RetryPolicy
from kaizen_eval.handwritten.compounds import Either, Field, ListOf, MapOf, Named, Object
from kaizen_eval.handwritten.numbers import with_whole
from kaizen_eval.handwritten.shapes import Anything, Just, Number, Shape, Text, Whole, Word

__all__ = ["EDGE", "NODE", "VERSION", "WORKFLOW", "retry_in", "schema"]

VERSION = 1
"""Of the format."""
_LANGUAGE = "https://json-schema.org/draft/2020-12/schema"


def retry_in(written: Any) -> RetryPolicy | None:
    """What is meant by `retry:`.

    Raises:
        ConfigError: it cannot work.
    """
    if isinstance(written, dict):
        return RetryPolicy.of(with_whole(written))
    return None if written is None else RetryPolicy(attempts=int(written))


def _inside() -> Shape:
    return WORKFLOW


_RETRY = Object(
    "a retry",
    {
        "attempts": Field(Whole(least=1), "Tries in all; 3 unless it is said."),
        "base": Field(Number("a number of seconds", least=0), "At most so many seconds are waited after the first."),
        "cap": Field(Number("a number of seconds", least=0), "Never are more waited."),
        "jitter": Field(Word("a jitter", ("full", "none")), "Whether less may be waited, by chance."),
    },
    meaning=retry_in,
)
_CONFIG = MapOf(Anything(), "the node's inputs by name", may_be_empty=True)
NODE = Object(
    "a node",
    {
        "type": Field(Text(), "A registered name, or module:Name of a function, an agent, a class or a workflow."),
        "workflow": Field(Named("workflow", _inside), "Instead of a type: a whole workflow."),
        "config": Field(_CONFIG, "What it is given, by name; texts may hold templates: '{{inputs.x}}', '{{node.x}}'."),
        "each": Field(Text("a template of a list"), "A template of a list: once for each {{item}} of it."),
        "concurrency": Field(Whole(least=1), "Of these, how many at a time; 10 unless it is said."),
        "timeout": Field(Number("a number of seconds above 0", above=0), "Seconds for one try."),
        "retry": Field(Either((Whole(least=1), _RETRY)), "Tries in all, or more about them."),
    },
    one_of=("type", "workflow"),
)
_WHEN = Either(
    (
        Text("an expression"),
        Object(
            "a condition",
            {"function": Field(Text("module:Name"), "module:Name; it is given the result of the edge's source.")},
            required=("function",),
        ),
    )
)
EDGE = Object(
    "an edge",
    {
        "from": Field(Text("a node's id"), "The id of the node that goes first."),
        "to": Field(Text("a node's id"), "The id of the node that comes after it."),
        "mapping": Field(
            MapOf(Text("an input"), "inputs by field", may_be_empty=True),
            "By field of what came of the first, the input of the second that it fills; 'output' is all of its result.",
        ),
        "when": Field(_WHEN, "The edge counts where this holds: \"{{classify.kind}} == 'billing'\"."),
    },
    required=("from", "to"),
)
WORKFLOW = Object(
    "a workflow",
    {
        "version": Field(Just(VERSION), "Of this format."),
        "name": Field(Text("a name"), "In events, drawings and errors."),
        "nodes": Field(MapOf(NODE, "nodes by id"), "By id, in any order."),
        "edges": Field(ListOf(EDGE, "a list of edges"), "What comes after what, beside what templates say."),
        "$schema": Field(Text(), "Where the schema is, for editors."),
    },
    required=("nodes",),
)


def schema() -> dict[str, Any]:
    """Of a whole file."""
    return {
        "$schema": _LANGUAGE,
        "title": "A workflow of kaizen-eval",
        "$ref": "#/$defs/workflow",
        "$defs": {"workflow": WORKFLOW.schema()},
    }
