"""Paths to what does not tell requests apart."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded_asking import json_objects, json_values, names, posted

from kaizen_eval.errors import ConfigError
from kaizen_eval.recording.lookup.key import canonical, key_of
from kaizen_eval.recording.lookup.reduction.ignored_paths import joined


def left(body, *ignore):
    return json.loads(canonical(posted(body), ignore=ignore).split("\n")[2].partition(" ")[2])


@given(json_objects, json_values, json_values)
def test_what_is_ignored_never_changes_a_key(body, one, other):
    requests = [posted({**body, "x": {"id": value}}) for value in (one, other)]
    requests.append(posted({**body, "x": {}}))
    assert len({key_of(request, ignore=["x.id"]) for request in requests}) == 1


@given(json_objects)
def test_a_path_that_leads_nowhere_never_changes_a_key(body):
    assert key_of(posted(body), ignore=['["not in there"][3].x', "nowhere.to.be[*].found"]) == key_of(posted(body))


@given(names, names, st.integers(0, 3), json_values)
def test_every_place_can_be_named(first, second, place, value):
    items = [None] * place
    path = joined(joined(joined("", first), place), second)
    assert left({first: [*items, {second: value}]}, path) == {first: [*items, {}]}


@pytest.mark.parametrize(
    ("path", "rest"),
    [
        ("a", {"c.d": 1, "e": "f"}),
        ("a[0]", {"a": [{"b": 2, "c": 3}], "c.d": 1, "e": "f"}),
        ("a[*]", {"a": [], "c.d": 1, "e": "f"}),
        ("a[*].b", {"a": [{}, {"c": 3}], "c.d": 1, "e": "f"}),
        ("a.*.b", {"a": [{}, {"c": 3}], "c.d": 1, "e": "f"}),
        ("a[1].b", {"a": [{"b": 1}, {"c": 3}], "c.d": 1, "e": "f"}),
        ('["c.d"]', {"a": [{"b": 1}, {"b": 2, "c": 3}], "e": "f"}),
        ("['c.d']", {"a": [{"b": 1}, {"b": 2, "c": 3}], "e": "f"}),
        ("*", {}),
        ("a[9]", {"a": [{"b": 1}, {"b": 2, "c": 3}], "c.d": 1, "e": "f"}),
        ("e.x", {"a": [{"b": 1}, {"b": 2, "c": 3}], "c.d": 1, "e": "f"}),
    ],
)
def test_a_path_takes_away(path, rest):
    assert left({"a": [{"b": 1}, {"b": 2, "c": 3}], "c.d": 1, "e": "f"}, path) == rest


@pytest.mark.parametrize(
    ("path", "rest"),
    [
        ("m[role=tool].content", [{"role": "user", "content": "a"}, {"role": "tool"}, "tool", {"role": ["tool"]}]),
        ("m[role=tool]", [{"role": "user", "content": "a"}, "tool", {"role": ["tool"]}]),
        ("m[role=assistant].content", None),
        ("[role=tool]", None),
    ],
)
def test_a_path_takes_away_from_those_of_a_list_whose_field_is_a_text(path, rest):
    body = {"m": [{"role": "user", "content": "a"}, {"role": "tool", "content": "b"}, "tool", {"role": ["tool"]}]}
    assert left(body | {"o": {"role": "tool"}}, path) == {"m": rest or body["m"], "o": {"role": "tool"}}


def test_places_are_those_of_the_request_however_many_are_ignored():
    assert left({"a": [1, 2, 3, {"b": 4, "c": 5}]}, "a[0]", "a[2]", "a[3].b") == {"a": [2, {"c": 5}]}


def test_a_parameter_of_the_query_can_be_ignored():
    requests = [posted({}, query=[("ts", value), ("a", "1")]) for value in ("1", "2")]
    assert len({key_of(request, ignore=["?ts"]) for request in requests}) == 1


def test_a_field_of_a_form_can_be_ignored():
    headers = (("content-type", "application/x-www-form-urlencoded"),)
    requests = [posted(body, headers=headers) for body in (b"a=1&ts=2", b"a=1&ts=3")]
    assert len({key_of(request, ignore=["ts"]) for request in requests}) == 1


def test_an_element_of_a_list_can_be_ignored_at_the_top():
    assert key_of(posted([1, 2]), ignore=["[1]"]) == key_of(posted([1]))


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("", "'' is no path into a request's body: it is empty."),
        ("$.a", "'$.a' is no path into a request's body: at its start. Without the '$'?"),
        (".a", "'.a' is no path into a request's body: at its start. Without the '.'?"),
        ("a..b", "'a..b' is no path into a request's body: after 'a' comes '..b'."),
        ("a[-1]", "'a[-1]' is no path into a request's body: after 'a' comes '[-1]'."),
        ("a[1", "'a[1' is no path into a request's body: after 'a' comes '[1'."),
        ("a.", "'a.' is no path into a request's body: after 'a' comes '.'."),
        ("a b", "'a b' is no path into a request's body: after 'a' comes ' b'."),
        ("a[b]", "'a[b]' is no path into a request's body: after 'a' comes '[b]'."),
    ],
)
def test_a_path_that_is_none_is_refused_with_what_is_expected(path, told):
    with pytest.raises(ConfigError) as error:
        key_of(posted({}), ignore=[path])
    assert str(error.value).removeprefix(told).lstrip() == (
        "Expected are names and places, such as 'metadata.trace_id', 'messages[0].name', 'messages[*].name', "
        "'messages[role=tool].content' or 'metadata[\"a.b\"]', or '?ts' for a parameter of the query."
    )


def test_one_text_for_the_list_of_paths_is_refused():
    with pytest.raises(ConfigError, match="a list of paths was expected, such as"):
        key_of(posted({}), ignore="metadata")
