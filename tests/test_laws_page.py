"""docs/laws.md tells every law and every mutant, and each of them as caught."""

from house.laws_page import PAGE, laws_told, mutants_told

from kaizen_eval.conformance import LAWS, MUTANTS

RENEW = "run: python tests/house/laws_page.py"


def line(text):
    return " ".join(text.split())


def test_each_law_stands_on_the_page_with_its_sentence_and_source():
    told = laws_told(PAGE.read_text("utf-8"))
    assert told == [(law.id, line(law.sentence), line(law.source)) for law in LAWS], RENEW


def test_each_mutant_stands_on_the_page_with_its_law():
    assert mutants_told(PAGE.read_text("utf-8")) == [(each.id, line(each.what), each.breaks) for each in MUTANTS], RENEW


def test_no_mutant_stands_in_the_matrix_as_one_that_its_law_lets_pass():
    matrix = PAGE.read_text("utf-8").partition("<!-- matrix -->")[2].partition("● its law")[0]
    assert "  !" not in matrix, RENEW
