"""Byte pairs and their ranks."""

from __future__ import annotations

from binascii import b2a_base64
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.metrics.tokens.merging import NO_RANK, merged
from kaizen_eval.metrics.tokens.table import LateTable, Table, read_tokens


def simply_merged(word: bytes, ranks: dict[bytes, int]) -> list[bytes]:
    """The definition: over and over, the leftmost of the pairs with the lowest rank."""
    parts = [bytes([byte]) for byte in word]
    while pairs := [(ranks[a + b], at) for at, (a, b) in enumerate(pairwise(parts)) if a + b in ranks]:
        at = min(pairs)[1]
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return parts


@given(word=st.binary(max_size=40).map(lambda word: bytes(byte % 3 for byte in word)), data=st.data())
def test_merging_always_takes_the_leftmost_pair_of_the_lowest_rank(word, data):
    tokens = data.draw(st.lists(st.binary(min_size=2, max_size=6).map(lambda t: bytes(b % 3 for b in t)), unique=True))
    ranks = {token: rank for rank, token in enumerate(tokens)}
    assert merged(word, lambda token: ranks.get(token, NO_RANK)) == simply_merged(word, ranks)


@pytest.mark.parametrize("size", [1_000, 10_000])
def test_looking_up_ranks_grows_with_the_word_and_not_with_its_square(size):
    asked = []
    merged(b"ab" * size, lambda token: asked.append(token) or (len(token) if len(token) <= 8 else NO_RANK))
    assert len(asked) < 8 * size


@given(st.lists(st.binary(min_size=1, max_size=5), unique=True), st.binary(max_size=5))
def test_a_table_always_knows_the_ranks_of_its_tokens_and_no_others(tokens, other):
    table = Table(tokens)
    ranks = {token: rank for rank, token in enumerate(tokens)}
    assert {token: table.rank(token) for token in [*tokens, other]} == {other: NO_RANK} | ranks


def test_a_table_holds_every_token_of_its_encoding():
    tokens = list(read_tokens("cl100k_base"))
    table = Table(tokens)
    assert ([table.rank(token) for token in tokens], len(tokens)) == ([*range(len(tokens))], 100_256)


@given(st.lists(st.binary(min_size=1, max_size=5), unique=True), st.lists(st.binary(max_size=5)), st.integers(0, 20))
def test_a_table_that_is_made_late_knows_the_same_ranks_before_and_after(tokens, others, few):
    lines = (b2a_base64(token, newline=False) + b" %d\n" % rank for rank, token in enumerate(tokens))
    late, table = LateTable(b"".join(lines), few=few), Table(tokens)
    asked = [*others, *tokens, *others]
    assert [late.rank(token) for token in asked] == [table.rank(token) for token in asked]


def test_a_table_is_made_once_more_than_a_few_ranks_were_asked_for():
    late = LateTable(b"YQ== 0\nYg== 1\n", few=2)
    made = [(late.rank(token), late._table is not None) for token in (b"a", b"c", b"b")]
    assert made == [(0, False), (NO_RANK, False), (1, True)]
