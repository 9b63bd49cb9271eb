"""Structures that come again are counted once."""

from kaizen_eval.metrics.tokens import ESTIMATE, encoding_of
from kaizen_eval.metrics.tokens.structures import CountedStructures


def counting():
    """A count that notes what it was asked for."""
    asked = []

    def count(structure, encoding):
        asked.append((dict(structure), encoding.name))
        return len(structure)

    return CountedStructures(count), asked


def test_an_equal_structure_is_counted_once_for_each_encoding():
    tokens, asked = counting()
    exact = encoding_of("gpt-4o")
    counts = [tokens({"a": 1}, ESTIMATE), tokens({"a": 1}, ESTIMATE), tokens({"a": 1}, exact), tokens({}, ESTIMATE)]
    assert (counts, asked) == ([1, 1, 1, 0], [({"a": 1}, "estimate"), ({"a": 1}, exact.name), ({}, "estimate")])


def test_a_structure_that_its_owner_changes_is_another_one():
    tokens, _ = counting()
    schema = {"a": 1}
    before = tokens(schema, ESTIMATE)
    schema["b"] = 2
    assert (before, tokens(schema, ESTIMATE)) == (1, 2)


def test_what_is_very_long_is_counted_each_time_and_not_kept():
    tokens, asked = counting()
    for _ in range(2):
        tokens({"text": "x" * 20_000}, ESTIMATE)
    assert len(asked) == 2


def test_more_than_can_be_kept_are_forgotten_together():
    tokens, asked = counting()
    for number in range(257):
        tokens({"number": number}, ESTIMATE)
    tokens({"number": 0}, ESTIMATE)
    tokens({"number": 0}, ESTIMATE)
    assert len(asked) == 258
