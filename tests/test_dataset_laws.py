"""What holds of every dataset."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import jsonschema_rs
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kaizen_eval.errors import DatasetError
from kaizen_eval.evals import Case, Dataset, Limits
from kaizen_eval.evals.dataset import dataset_schema
from kaizen_eval.evals.dataset.problems import Problems
from kaizen_eval.evals.dataset.yaml_text import read_yaml
from kaizen_eval.generators import inputs, invalid_inputs, outputs, signatures

patient = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=25)
UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
values = st.recursive(
    st.integers(-9, 9) | st.text("abc: #-'\n", max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcd", min_size=1), inner, max_size=3),
    max_leaves=8,
)
cases = st.dictionaries(st.sampled_from("abc"), st.integers(), min_size=1).map(lambda asked: Case(inputs=asked))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("laws")


@st.composite
def runs(draw):
    """A signature, with what fits it, in Python's types."""
    signature = draw(signatures())
    expected = draw(outputs(signature))
    some = draw(st.sets(st.sampled_from([*expected]))) if expected else set()
    return signature, draw(inputs(signature)), {name: value for name, value in expected.items() if name in some}


def as_yaml(value):
    if isinstance(value, dict):  # with question marks names may be as long as they like
        return f"{{{', '.join(f'? {as_yaml(name)} : {as_yaml(item)}' for name, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(as_yaml, value))}]"
    return UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))


@given(runs())
@patient
def test_what_fits_a_signature_is_the_same_case_from_python_and_from_any_file(folder, run):
    signature, asked, expected = run
    if not asked:
        return  # a case needs inputs
    written = {"inputs": signature.inputs_to_json(asked), "expected": signature.outputs_to_json(expected)}
    (folder / "d.jsonl").write_text(json.dumps(written))
    (folder / "d.yaml").write_text(as_yaml({"cases": [written]}), "utf-8")
    python = Dataset([Case(inputs=asked, expected=expected)], signature=signature)
    files = [Dataset.load(folder / name, signature=signature) for name in ("d.jsonl", "d.yaml")]
    assert [[case.id for case in each] for each in files] == [[python[0].id]] * 2
    assert [each.hash for each in files] == [python.hash] * 2
    assert [*files[0]] == [*files[1]]
    jsonschema_rs.validator_for(dataset_schema(signature), offline=True).validate({"cases": [written]})


@given(st.data())
@patient
def test_what_does_not_fit_is_refused_before_anything_runs(data):
    signature = data.draw(signatures())
    wrong = data.draw(invalid_inputs(signature))
    with pytest.raises(DatasetError, match="dataset, case 2:"):
        Dataset([Case(inputs=data.draw(inputs(signature)) or {"": 0}), {"inputs": wrong.values}], signature=signature)


@given(st.lists(cases, min_size=1, max_size=5, unique_by=lambda case: case.id), st.randoms())
def test_the_hash_does_not_depend_on_the_order_but_on_all_else(found, random):
    whole = Dataset(found).hash
    shuffled = random.sample(found, len(found))
    assert Dataset(shuffled).hash == whole
    assert Dataset([*shuffled, Case(inputs={"d": 0})]).hash != whole
    first, *rest = shuffled
    for change in ({"id": "other"}, {"limits": Limits(attempts=1)}, {"expected": {"y": 0}}):
        assert Dataset([*rest, replace(first, **change)]).hash != whole
    assert Dataset([*rest, replace(first, tags=("t",), cluster="c")]).hash == whole


@given(st.lists(values, min_size=1, max_size=4), st.sampled_from([None, True, False]), st.integers(2, 4))
def test_a_part_of_a_case_is_found_where_it_is_written(written, flow, indent):
    text = yaml.safe_dump({"name": "x", "cases": written}, default_flow_style=flow, indent=indent)
    parts = {key.value: value for key, value in yaml.compose(text).value}
    document = read_yaml(text, Problems("d", path="d"))
    found = [
        (case.at(*path), path)
        for case, node in zip(document.cases, parts["cases"].value, strict=True)
        for path, _ in marks(node)
    ]
    assert found == [(spot, path) for node in parts["cases"].value for path, spot in marks(node)]
    assert [case.value for case in document.cases] == written


def marks(node, path=(), key=None):
    """Where each part of a value stands, by PyYAML's own account: a field where its name is."""
    mark = (key or node).start_mark
    yield path, (mark.line + 1, mark.column + 1)
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from marks(item, (*path, number))
    elif isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield from marks(value, (*path, name.value), name)
