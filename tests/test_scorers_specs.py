"""Specs: what dataset files say makes scorers, scorers are written down as specs, and what cannot work is refused."""

from __future__ import annotations

import json
from decimal import Decimal

import own_scorers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval import BaseAgent, InputField, OutputField, Signature
from kaizen_eval.errors import ConfigError
from kaizen_eval.evals import Case, evaluate
from kaizen_eval.evals.scorers import (
    KINDS,
    AsSet,
    Contains,
    CostLimit,
    Exact,
    JsonSchema,
    Normalised,
    Number,
    Predicate,
    TokenF1,
    ToolCalls,
    Weighted,
    scorers_from,
    spec_of,
)

LEAST = {
    "contains": {"text": ["Paris"]},
    "graded": {"rubric": "It is polite."},
    "json_schema": {"schema": {"type": "object"}},
    "predicate": {"function": "own_scorers:is_town"},
    "preferred": {"rubric": "It is polite."},
    "request_contains": {"text": ["Paris"]},
    "tool_calls": {"calls": ["search", {"search": {"town": "Paris"}}]},
    "weighted": {"of": [{"exact": {"weight": 2}}, {"token_f1": {"field": "town"}}]},
}
"""Settings without which a scorer is about nothing."""

shared = st.fixed_dictionaries(
    {},
    optional={
        "threshold": st.floats(0, 1),
        "weight": st.floats(0, 9),
        "tags": st.lists(st.text(max_size=3), max_size=2),
        "name": st.text(min_size=1),
    },
)


@given(st.sampled_from(sorted(KINDS)), shared)
def test_what_a_scorer_is_written_as_makes_the_same_scorer(kind, settings):
    made = scorers_from({kind: {**LEAST.get(kind, {}), **settings}})
    spec = spec_of(made[0])
    assert list(spec) == [kind]
    assert scorers_from([json.loads(json.dumps(spec))]) == made


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_is_as_it_always_is_is_not_written(kind):
    [made] = scorers_from({kind: LEAST.get(kind, {})})
    assert spec_of(made) == {kind: LEAST.get(kind, {})}


@pytest.mark.parametrize(
    "scorer",
    [
        Exact(field=["a", "b"], turn=-1),
        Number(absolute=0.5, in_text=True),
        AsSet(measure="recall", ignore=("space", "case")),
        CostLimit(at_most=Decimal("0.10")),
        TokenF1(articles=["der", "die"]),
        ToolCalls(calls=[], never=["delete"], order="any"),
        Weighted(of=[Exact(), Weighted(of=[Contains(text="x")], weight=2)]),
        Predicate(function=own_scorers.as_expected),
        own_scorers.Short(limit=7),
        own_scorers.Polite(word="merci"),
        own_scorers.thanks,
    ],
    ids=lambda scorer: type(scorer).__name__,
)
def test_scorers_made_in_python_are_written_too(scorer):
    made = scorers_from([json.loads(json.dumps(spec_of(scorer)))])
    assert [spec_of(made[0])] == [spec_of(scorer)]
    assert type(made[0]) is type(scorer)


SHORT = [
    ("exact", Exact()),
    ({"exact": None}, Exact()),
    ({"contains": "Paris"}, Contains(text="Paris")),
    ({"contains": ["Paris", "Lyon"]}, Contains(text=["Paris", "Lyon"])),
    ({"cost": 0.1}, CostLimit(at_most=Decimal("0.1"))),
    ("own_scorers:thanks", own_scorers.thanks),
    ("own_scorers:Polite", own_scorers.Polite()),
    ("own_scorers:is_town", Predicate(function="own_scorers:is_town")),
]


@pytest.mark.parametrize(("spec", "scorer"), SHORT, ids=[str(spec) for spec, _ in SHORT])
def test_short_forms_say_the_same(spec, scorer):
    assert scorers_from(spec) == (scorer,)


def test_a_json_schema_is_its_setting_or_stands_in_it():
    schema = {"type": "object", "required": ["a"]}
    assert scorers_from({"json_schema": schema}) == (JsonSchema(schema=schema),)
    assert scorers_from({"json_schema": {"schema": schema, "field": "x"}}) == (JsonSchema(schema=schema, field="x"),)


def test_scorers_and_their_classes_may_stand_among_specs():
    assert scorers_from([Exact(), Normalised, "token_f1"]) == (Exact(), Normalised(), TokenF1())


def test_a_scorer_is_called_for_its_fields():
    names = [
        scorer.name for scorer in scorers_from(["exact", {"exact": {"field": "a"}}, {"exact": {"field": ["a", "b"]}}])
    ]
    assert names == ["exact", "exact(a)", "exact(a, b)"]


def test_a_lambda_is_written_with_its_place():
    assert spec_of(Predicate(function=lambda outputs: True)) == {
        "predicate": {"function": "test_scorers_specs:test_a_lambda_is_written_with_its_place.<locals>.<lambda>"}
    }


WRONG = [
    ("exakt", "There is no scorer 'exakt'; did you mean 'exact'? There are: exact, "),
    ("accuracy", "There is no scorer 'accuracy'. There are: exact, "),
    (
        {"exact": {"tresh": 1}},
        "exact has no setting 'tresh'; did you mean 'threshold'? It takes: threshold, weight, tags, name, field, turn.",
    ),
    ({"exact": {"_field": 1}}, "exact has no setting '_field'"),
    ({"exact": {"threshold": 1.5}}, "threshold of exact must be at most 1, the best score, not 1.5."),
    ({"exact": {"weight": -1}}, "weight of exact must be at least 0, not -1."),
    ({"exact": {"weight": float("inf")}}, "weight of exact must be finite."),
    ({"exact": {"name": 3}}, "name of exact must be text, not 3."),
    ({"exact": {"field": []}}, "field of exact must be the name of an output field, or a list of them, not []."),
    ({"exact": {"turn": 0}}, "turn of exact counts from 1, or from the end as -1."),
    ({"exact": 3}, "The settings of exact are a mapping, such as {threshold: 0.7}, not 3."),
    (
        {"normalised": {"ignore": "cas"}},
        "ignore of normalised takes accents, case, punctuation, space, not 'cas'; did you mean 'case'?",
    ),
    ({"contains": ""}, "text of contains must be a text, or a list of them, none empty, not ''."),
    ({"regex": "("}, "'(' is no regular expression: missing ), unterminated subpattern at position 0."),
    ({"number": {"absolute": "x"}}, "absolute of number must be a number, not 'x'."),
    ({"as_set": {"measure": "f2"}}, "measure of as_set must be one of 'f1', 'precision', 'recall', not 'f2'."),
    ({"json_schema": {}}, "json_schema needs the setting 'schema', as in {json_schema: {schema: …}}."),
    (
        {"json_schema": {"$ref": "http://localhost/x"}},
        (
            "schema of json_schema is no JSON Schema: Resource 'http://localhost/x' is not present in a registry and "
            "retrieving it failed: Retrieval is disabled"
        ),
    ),
    ({"json_schema": {"type": "objec"}}, "schema of json_schema is no JSON Schema: "),
    ({"token_f1": {"articles": "the"}}, "articles of token_f1 must be a list of words, not 'the'."),
    ({"predicate": "own_scorers:A_NUMBER"}, "function of predicate must be a function, or its module:name, not 3."),
    ({"predicate": "own_scorers:no_scorer"}, "The function of predicate, no_scorer, takes 'nothing'"),
    ({"tool_calls": {}}, "tool_calls needs calls, those that are wanted, or never, those that may not be made."),
    ({"tool_calls": "search"}, "calls of tool_calls: "),
    ({"request_contains": {}}, "request_contains needs a text, or input, the field whose value is looked for."),
    ({"attempts": 1.5}, "at_most of attempts must be a whole number, not 1.5."),
    ({"cost": "much"}, "at_most of cost must be a number, not 'much'."),
    ({"latency": -1}, "at_most of latency must be at least 0, not -1."),
    ({"weighted": []}, "weighted needs a scorer with a weight of more than 0 in `of`."),
    ({"weighted": ["exakt"]}, "There is no scorer 'exakt'; did you mean 'exact'?"),
    ({"graded": {"votes": 0}}, "votes of graded must be at least 1, not 0."),
    (
        {"graded": {"graded_by": "own_scorers:thanks"}},
        "graded_by must be an agent, its class, or module:Name of one, not 'own_scorers:thanks'.",
    ),
    ({"graded": {"config": 3}}, "config of a grader must be a mapping, such as {model: …}, not 3."),
    ({"preferred": {"rubric": ""}}, "preferred needs a rubric, which says what a good answer is."),
    ({"preferred": {"rubric": "x", "against": 3}}, "against must be an evaluation, or the folder of one, not 3."),
    (
        {"preferred": {"rubric": "x", "against": "nowhere"}},
        "against must be the folder of an evaluation, and there is none in 'nowhere'.",
    ),
    ("own_scorers:Thanks", "own_scorers has no 'Thanks'; did you mean 'thanks'?"),
    ("own_scorers:A_NUMBER", "own_scorers:A_NUMBER is 3: neither a scorer, nor its class, nor a function."),
    ("own_scorers:Nameless", "own_scorers:Nameless makes no scorer: it needs a name"),
    (
        {"own_scorers:thanks": {"word": "x"}},
        "own_scorers:thanks is a scorer already and takes no settings; name its class",
    ),
    ({"own_scorers:Polite": {"wort": "x"}}, "own_scorers:Polite has no setting 'wort'; did you mean 'word'?"),
]


@pytest.mark.parametrize(("spec", "said"), WRONG)
def test_what_cannot_work_is_refused_with_what_to_do(spec, said):
    with pytest.raises(ConfigError) as raised:
        scorers_from([spec])
    assert str(raised.value).startswith(said)


@pytest.mark.parametrize(
    ("specs", "said"),
    [
        ([{"exact": None, "contains": "x"}], "A scorer is written as {name: {settings}}, with one name, not as"),
        ([3], "3 is no scorer: a name, {name: {settings}}, or an object with a name and score()."),
        (3, "scorers are a list, such as [exact, {token_f1: {threshold: 0.7}}], not 3."),
        (["exact", "exact"], "Two scorers are named 'exact': give one a name of its own, as in {exact: {name: …}}"),
    ],
)
def test_specs_of_another_shape_are_refused(specs, said):
    with pytest.raises(ConfigError) as raised:
        scorers_from(specs)
    assert str(raised.value).startswith(said)


class Atlas(Signature):
    """Name the town."""

    question: str = InputField()
    town: str = OutputField()


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (
            {"token_f1": {"field": "twon"}},
            (
                "The scorer token_f1(twon) looks at the output 'twon', which the signature does not have; did you mean "
                "'town'? Its outputs: town."
            ),
        ),
        (
            {"weighted": [{"request_contains": {"input": "context"}}]},
            (
                "The scorer request_contains looks at the input 'context', which the signature does not have. "
                "Its inputs: question."
            ),
        ),
    ],
    ids=["output", "input"],
)
def test_a_field_that_no_answer_has_is_refused_before_anything_runs(spec, said):
    with pytest.raises(ConfigError) as raised:
        evaluate([Case(inputs={"question": "?"})], BaseAgent(signature=Atlas), scorers=[spec])
    assert str(raised.value) == said
