"""Conditions: Python's meaning for the few expressions that there are, and a place for everything else."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.errors import InputError, WorkflowError
from kaizen_eval.workflow.conditions import asks, holds
from kaizen_eval.workflow.templates import Reference

NAMES = ("a", "b", "c")
PLAIN = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, -1.5]) | st.text("xy'é", max_size=2)
SCOPES = st.fixed_dictionaries({name: PLAIN | st.lists(PLAIN, max_size=2) for name in NAMES})
ATOMS = st.sampled_from(NAMES).map(lambda name: f"<{name}>") | PLAIN.map(repr)


def joined(inner, signs):
    return st.tuples(inner, st.lists(st.tuples(st.sampled_from(signs), inner), min_size=1, max_size=2)).map(
        lambda found: "(" + found[0] + "".join(f" {sign} {operand}" for sign, operand in found[1]) + ")"
    )


EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: (
        joined(inner, ["==", "!=", "<", "<=", ">", ">=", "in", "not in"])
        | joined(inner, ["and", "or"])
        | inner.map(lambda one: f"(not {one})")
        | st.sampled_from(NAMES).map(lambda name: f"(<{name}> is not None)")
        | st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
    ),
    max_leaves=8,
).filter(lambda text: not text.startswith("["))


@given(EXPRESSIONS, SCOPES)
def test_a_condition_means_what_python_means(expression, scope):
    written = expression
    for name in NAMES:
        written = written.replace(f"<{name}>", f"{{{{{name}.output}}}}")
        expression = expression.replace(f"<{name}>", name)
    try:
        expected = bool(eval(expression, {"__builtins__": {}}, dict(scope)))  # noqa: S307 - what it is held against
    except TypeError:
        with pytest.raises(InputError, match="cannot be decided"):
            holds(written, scope, None)
    else:
        assert holds(written, scope, None) is expected


@given(st.text("{}a.b '\"()[]=<>!,+-*#:@\\\n\tTé0not and or in is None", max_size=25))
def test_any_text_is_a_condition_or_refused_as_one(text):
    with contextlib.suppress(WorkflowError):
        asks(text)


@pytest.mark.parametrize(
    ("when", "held"),
    [
        ("{{classify.kind}} == 'billing' and {{classify.score}} > 0.5", True),
        ("  {{classify.kind}} in\n ('sales', 'billing')\n", True),
        ("{{classify.tags.0}} not in {'x', 'y'}", True),
        ("0 < {{classify.score}} < 0.7", False),
        ("not {{inputs.dry}}", False),
        ("{{classify.reason}} is None", True),
        ("{{classify.score}} >= -1", True),
        ("{{classify.kind}} == 'sales' and {{classify.missing}}", False),
        ("True", True),
    ],
)
def test_conditions_are_decided(when, held):
    scope = {"classify": {"kind": "billing", "score": 0.7, "tags": ["urgent"], "reason": None}, "inputs": {"dry": True}}
    assert holds(when, scope, None) is held


def test_no_condition_always_holds():
    assert holds(None, {}, None)


def test_a_function_decides_by_the_result():
    assert [holds(lambda result: result > 3, {}, result) for result in (3, 4)] == [False, True]


def test_what_a_condition_asks_of_is_known_beforehand():
    assert asks("{{a.x}} == 1 and {{a.x}} < {{inputs.most}}") == (
        Reference("a", ("x",), "{{a.x}}"),
        Reference("a", ("x",), "{{a.x}}"),
        Reference("inputs", ("most",), "{{inputs.most}}"),
    )


REFUSED = {
    "": "is empty",
    "{{a.x}} # ever": "has a comment",
    "{{a.x}}, {{a.y}}": "is a tuple, which decides nothing",
    "'{{a.x}}' == 'y'": "{{a.x}} stands in quotes, where it is no template",
    "{{a.x}} == true": "at character 12: true is True",
    "'é' == foo": "at character 8: foo is no value: a text has quotes, a result braces",
    "{{a.x}}{{b.y}}": "at character 1: {{a.x}}{{b.y}} is no value",
    "len({{a.x}}) > 1": "at character 1: there is a call in it",
    "1 < {{a.x}} + 1": "at character 5: there is arithmetic in it",
    "{{a.x}} == {{b.y}}.z": "at character 12: there is a field outside of braces in it",
    "{{a.x}}[0]": "at character 1: there is an index outside of braces in it",
    "f'{{a.x}}'": "at character 1: there is an f-string in it",
    "{{a.x}} if 1 else 2": "at character 1: there is an if in it",
    "{{a.x}} is 5": "at character 1: `is` goes with None, True and False alone",
    "{{a.x}} is 1": "at character 1: `is` goes with None, True and False alone",
    "-{{a.x}} > 1": "at character 1: a sign stands before a number alone",
    "{{a.x}} == b'x'": "at character 12: b'x' is no value of it",
    "{{a.x}} = 5": "at character 9: invalid syntax",
    "{{a.x}}) or (True": "at character 8: unmatched ')'",
    "5{{a.x}}": "at character 1: invalid decimal literal",
    "{{a.x}} and __import__": "at character 13: __import__ is no value",
}


@pytest.mark.parametrize("when", REFUSED)
def test_what_is_no_condition_is_refused_with_its_place(when):
    with pytest.raises(WorkflowError) as raised:
        asks(when)
    said = str(raised.value).removeprefix(f"the condition {when!r}")
    assert said.removeprefix(":").lstrip().startswith(REFUSED[when])


@pytest.mark.parametrize("when", ["not " * 5000 + "True", "(" * 300 + "True" + ")" * 300, "\0", "'x"])
def test_what_python_itself_cannot_read_is_refused_as_well(when):
    with pytest.raises(WorkflowError):
        asks(when)


def test_what_is_nested_too_deeply_to_be_decided_is_said():
    with pytest.raises(InputError, match="recursion"):
        holds("not " * 990 + "True", {}, None)


def test_what_cannot_be_compared_is_said():
    with pytest.raises(InputError) as raised:
        holds("{{a.x}} > 3", {"a": {"x": "7"}}, None)
    assert str(raised.value) == (
        "The condition '{{a.x}} > 3' cannot be decided: '>' not supported between instances of 'str' and 'int'."
    )


def test_what_a_condition_needs_and_is_not_there_is_said():
    with pytest.raises(InputError, match=r"^\{\{a\.kid\}\}: a has no 'kid'; did you mean 'kind'\? It has: kind\.$"):
        holds("{{a.kid}} == 1", {"a": {"kind": 1}}, None)
