"""Where texts are cut into words: as OpenAI's patterns cut them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.metrics.tokens.letters import BOTH_CASES, MARK, in_kinds
from kaizen_eval.metrics.tokens.splitting import words

WORDS = {
    "It'LL do": (["It'LL", " do"], ["It", "'LL", " do"]),
    "so'\u017fo": (["so'\u017f", "o"], ["so", "'\u017f", "o"]),
    "y'all're": (["y", "'all're"], ["y", "'all", "'re"]),
    "oneTwoTHREEFour": (["one", "Two", "THREEFour"], ["oneTwoTHREEFour"]),
    "12345 \u0661\u0662\u0663\u0664": (["123", "45", " ", "\u0661\u0662\u0663", "\u0664"],) * 2,
    "a/b//\n/c": (["a", "/b", "//\n/", "c"], ["a", "/b", "//\n", "/c"]),
    "a  b \n\n c   ": (["a", " ", " b", " \n\n", " c", "   "],) * 2,
    "x\x1cy\x0b z": (["x", "\x1cy", "\x0b", " z"],) * 2,
    "a \x1c!": (["a", " \x1c!"],) * 2,
    "c \n  ": (["c", " \n", "  "], ["c", " \n  "]),
    "e\u0301a": (["e\u0301a"], ["e", "\u0301a"]),
    "\u01c5a\u01c5": (["\u01c5a", "\u01c5"], ["\u01c5a\u01c5"]),
    "日本 a": (["日本", " a"],) * 2,
    "a\u3000b": (["a", "\u3000b"],) * 2,
}
"""Text, and its words in o200k_base and cl100k_base."""


@pytest.mark.parametrize(("text", "cut"), WORDS.items(), ids=map(ascii, WORDS))
def test_words_are_cut_as_the_patterns_say(text, cut):
    assert (words(text, "o200k_base"), words(text, "cl100k_base")) == cut


@pytest.mark.parametrize("encoding", ["o200k_base", "cl100k_base"])
@given(text=st.text())
def test_words_joined_are_always_the_text(encoding, text):
    assert "".join(words(text, encoding)) == text


@given(st.text())
def test_each_character_stands_for_itself_or_for_its_kind(text):
    kinds = in_kinds(text)
    assert len(kinds) == len(text)
    assert {*kinds} <= {*map(chr, range(128)), BOTH_CASES, MARK}


def test_what_unicode_15_and_16_added_has_its_kind_in_every_version_of_python():
    assert (
        in_kinds("\u0897\u1c89\u1c8a\U00010d40\U00010d4a\U00010d50\U000323af\U000323b0")
        == f"{MARK}Aa0{BOTH_CASES}A{BOTH_CASES}!"
    )
