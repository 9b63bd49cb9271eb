"""Scorers of texts: normalised, contains, regex, edit distance, token F1, in many scripts."""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scored_answers import answered, case, compared, found, score

from kaizen_eval.evals.scorers.normal import normal
from kaizen_eval.evals.scorers.token_f1 import tokens

texts = st.text(max_size=30) | st.text("aA bé.é-—5 \u3002\uff21東ß", max_size=12)
SYMMETRIC = ["normalised", "edit_distance", "token_f1"]
words = st.lists(st.sampled_from(["the", "a", "The", "cat", "sat", "mat", "cat.", "an,", "CAT"]), max_size=6).map(
    " ".join
)
printable = st.text(string.ascii_letters + string.digits + string.punctuation + " ", max_size=40) | words


@given(st.sampled_from(SYMMETRIC), texts, texts)
def test_scores_of_texts_are_from_0_to_1_the_same_from_both_sides_and_less_than_1_has_a_reason(spec, one, other):
    row, back = compared(spec, one, other), compared(spec, other, one)
    assert row.error is None
    assert 0 <= row.value <= 1
    assert row.value == back.value
    assert bool(row.reason) == (row.value < 1)


@given(st.sampled_from([*SYMMETRIC, "contains"]), texts)
def test_a_text_is_itself(spec, text):
    assert compared(spec, text, text).value == 1


@given(texts)
@example("…!")
def test_the_normal_form_is_its_own(text):
    once = normal(text)
    assert normal(once) == once


@given(texts)
def test_composed_and_decomposed_letters_are_the_same(text):
    assert compared("edit_distance", unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)).value == 1


SAME = [
    ("Paris", "“**paris**”."),
    ("Paris", " \tPARIS\n"),
    ("Straße", "STRASSE"),
    ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ("café", "cafe\u0301"),
    ("東京", "「東京」。"),
    ("ABC123", "\uff21\uff22\uff23\uff11\uff12\uff13"),
    ("it's", "it\u2019s"),
    ("1990-1995", "1990\u20131995"),
    ("Hello, world", "Hello world!"),
    ("¿Qué?", "qué"),
    ("C#", "c#"),
    ("عاصمة", "عاصمة؟"),
    ("-5", "\u22125."),
]
OTHERS = [
    ("C#", "C"),
    ("C++", "C"),
    ("5 %", "5"),
    ("-5", "5"),
    (".5", "5"),
    ("-.5", ".5"),
    ("x²", "x2"),
    ("½", "12"),
    ("3.14", "314"),
    ("?!", "!"),
    ("e-mail", "email"),
    ("cafe", "café"),
    ("5'", "5″"),
    ("new york", "newyork"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_these_texts_are_the_same_to_people(one, other):
    assert compared("normalised", one, other).value == 1


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_these_texts_are_not(one, other):
    assert compared("normalised", one, other).value == 0


def test_what_is_ignored_can_be_chosen():
    assert compared({"normalised": {"ignore": ["accents"]}}, "cafe", "café").value == 1
    assert compared({"normalised": {"ignore": []}}, "Paris", "paris").value == 0
    assert compared({"normalised": {"ignore": "case"}}, "Paris", "paris ").value == 0


@pytest.mark.parametrize("spec", SYMMETRIC)
def test_of_several_expected_texts_the_best_counts(spec):
    assert compared(spec, ["Lyon", "Paris"], "Paris").value == 1
    row = compared(spec, ["Rome", "the same old song"], "same old son")
    assert row.reason.endswith("expected 'the same old song', got 'same old son' in town") or spec == "normalised"


@pytest.mark.parametrize("spec", SYMMETRIC)
def test_a_number_is_compared_as_a_text_and_what_is_none_is_told(spec):
    assert compared(spec, "3", 3).value == 1
    assert compared(spec, "Paris", None).reason == "expected 'Paris', got None, which is no text in town"
    assert compared(spec, {"a": 1}, "x").error == f"TypeError: {spec} compares texts; what is expected is {{'a': 1}}"


@given(st.lists(st.text("abc", min_size=1, max_size=2), min_size=1, max_size=4), st.text("abc", max_size=8))
def test_contains_is_the_share_of_texts_that_are_there(parts, text):
    row = found({"contains": parts}, text)
    assert row.value == pytest.approx(sum(part in text for part in parts) / len(parts))
    assert row.value == compared("contains", parts, text).value


def test_what_is_not_contained_is_told():
    assert found({"contains": ["Paris", "Seine"]}, "Paris.").reason == "'Seine' is not in 'Paris.' in town"
    assert found({"contains": {"text": "PARIS", "ignore": "case"}}, "in Paris").value == 1
    assert found({"contains": "zip: 1"}, {"zip": "zip: 1"}).value == 1
    assert found({"contains": '"zip"'}, [{"zip": 1}]).value == 1


def test_a_text_is_looked_for_in_all_outputs_unless_a_field_is_named():
    outputs = answered({"answer": "Paris", "source": "an atlas"})
    assert score({"contains": "atlas"}, case(), outputs).value == 1
    row = score({"contains": {"text": "atlas", "field": "answer"}}, case(), outputs)
    assert (row.scorer, row.reason) == ("contains(answer)", "'atlas' is not in 'Paris' in answer")


@pytest.mark.parametrize(
    ("settings", "text", "reason"),
    [
        (r"^\d{5}$", "75001", ""),
        (r"^\d{5}$", "7500", "the pattern '^\\\\d{5}$' is not found in '7500' in town"),
        ("(?i)PARIS", "in Paris", ""),
        ({"pattern": "Paris", "whole": True}, "in Paris", "the pattern 'Paris' is not the whole of 'in Paris' in town"),
        ({"pattern": "[0-9]+", "whole": True}, 75001, ""),
    ],
)
def test_a_pattern_is_searched_for(settings, text, reason):
    assert found({"regex": settings}, text).reason == reason


def test_a_case_may_expect_a_pattern():
    assert compared("regex", "^Par", "Paris").value == 1
    assert compared("regex", 3, "Paris").error == "TypeError: regex takes what is expected as a pattern, and that is 3"
    assert compared("regex", "(", "Paris").error.startswith("ValueError: '(' is no regular expression: missing )")


def edits(one, other):
    """By the definition, slowly."""
    row = list(range(len(other) + 1))
    for place, a in enumerate(one, 1):
        above, row = row, [place]
        for at, b in enumerate(other):
            row.append(min(row[at] + 1, above[at + 1] + 1, above[at] + (a != b)))
    return row[-1]


@given(st.text("abé", max_size=8), st.text("abé", max_size=8))
def test_edit_distance_is_levenshteins(one, other):
    longest = max(len(one), len(other)) or 1
    assert compared("edit_distance", one, other).value == pytest.approx(1 - edits(one, other) / longest)


def test_edits_are_told():
    row = compared({"edit_distance": {"threshold": 0.5}}, "kitten", "sitting")
    assert (row.value, row.passed) == (pytest.approx(4 / 7), True)
    assert row.reason == "3 edits in 7 characters: expected 'kitten', got 'sitting' in town"
    assert compared({"edit_distance": {"ignore": ["case"]}}, "Paris", "PARIS").value == 1


def squad_f1(prediction, truth):
    """As evaluate-v1.1.py of SQuAD reads; two texts without words are the same, as in evaluate-v2.0.py."""

    def normalised(text):
        text = "".join(sign for sign in text.lower() if sign not in set(string.punctuation))
        return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split()).split()

    found, wanted = normalised(prediction), normalised(truth)
    if not found or not wanted:
        return float(found == wanted)
    same = sum((Counter(found) & Counter(wanted)).values())
    if same == 0:
        return 0.0
    precision, recall = same / len(found), same / len(wanted)
    return 2 * precision * recall / (precision + recall)


@given(printable, printable)
def test_token_f1_of_ascii_is_squads(one, other):
    assert compared("token_f1", one, other).value == pytest.approx(squad_f1(other, one))


@given(st.lists(st.sampled_from("abcdé東"), max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_words_is_no_matter_to_token_f1(words, random):
    shuffled = [*words]
    random.shuffle(shuffled)
    assert compared("token_f1", " ".join(words), " ".join(shuffled)).value == pytest.approx(1)


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("The cat's mat.", ["cats", "mat"]),
        ("東京タワー", ["東", "京", "タ", "ワ", "ー"]),
        ("我住在 New York。", ["我", "住", "在", "new", "york"]),
        ("서울 타워", ["서울", "타워"]),
        ("«Привет», мир!", ["привет", "мир"]),
        ("Paris\u2014Lyon", ["paris", "lyon"]),
        ("ไทย", ["ไ", "ท", "ย"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("L\u2019été", ["lété"]),
        ("Straße", ["strasse"]),
    ],
)
def test_words_of_other_scripts(text, counted):
    assert tokens(text) == counted


def test_articles_are_those_of_the_language_that_is_told():
    assert tokens("Der Hund the", ["der", "die", "das"]) == ["hund", "the"]
    assert tokens("the a", []) == ["the", "a"]


def test_shared_words_are_told():
    row = compared("token_f1", "the cat sat", "A cat sat down")
    assert row.value == pytest.approx(0.8)
    assert row.reason == (
        "2 of 2 expected words among the 3 that came: expected 'the cat sat', got 'A cat sat down' in town"
    )
