"""The report on a check in a headless Chromium: its laws, and what its reader can do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser import CHROMIUM, Page, chromium
from page_looks import CONTRASTS, USED

from kaizen_eval.cli.check import as_html
from kaizen_eval.conformance.baseline import Comparison
from kaizen_eval.conformance.baseline.comparison import Change
from kaizen_eval.conformance.checking import CheckReport, LawReport
from kaizen_eval.conformance.diagram import Moment

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is on the PATH")

EVIL = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title=1\">"
LAWS = (
    LawReport(id="retry.kept", sentence="Faults pass.", source="guide: 4", verdict="kept", examples=20, runs=21),
    LawReport(
        id="retry.permanent",
        sentence="What will not pass is never asked again.",
        source="guide: 4",
        verdict="violated",
        reason=f"Asked again: {EVIL}",
        examples=3,
        runs=3,
        moments=(
            Moment(at_ns=0, ask=1, kind="ask", text="asks question=''"),
            Moment(at_ns=250_000_000, ask=1, kind="end", text="returns answer=''"),
        ),
        test="def test_it():\n    pass\n",
    ),
    LawReport(
        id="tools.once", sentence="Once.", source="guide: 7", verdict="not applicable", reason="It has no tools."
    ),
)
CHANGES = (Change(situation="plain", figure="attempts", old="1", new="2", direction="worse"),)
REPORT = CheckReport(
    target="strategies:Mine",
    subject="Mine",
    effort="fast",
    seed=0,
    laws=LAWS,
    notices=("It prints.",),
    comparison=Comparison(changes=CHANGES),
)


@pytest.fixture(scope="module")
def tab(tmp_path_factory) -> Iterator[Page]:
    with chromium(tmp_path_factory.mktemp("profile")) as running:
        yield running.page()


@pytest.fixture
def page(tab, tmp_path) -> Page:
    file = tmp_path / "check.html"
    file.write_text(as_html.text(REPORT, 2.4), "utf-8")
    tab.look_at().open(f"file://{file}").until("document.documentElement.dataset.ready")
    return tab


def texts(page: Page, selector: str) -> list[str]:
    return page.value(
        f"[...document.querySelectorAll({selector!r})].filter((it) => it.checkVisibility())"
        ".map((it) => it.innerText.replace(/\\s+/g, ' ').trim())"
    )


def test_the_verdict_comes_first_then_what_is_violated(page):
    assert texts(page, "#sentence, #about, #reasons li") == [
        "strategies:Mine: 23 situations, 24 runs in 2 s; effort fast, seed 0",
        "Mine breaks 1 of 2 laws (1 does not apply).",
        "Against the baseline: 1 worse.",
        "It prints.",
    ]
    assert texts(page, "#laws summary") == [
        "violated retry.permanent What will not pass is never asked again.",
        "kept retry.kept Faults pass.",
        "not applicable tools.once Once.",
    ]
    assert texts(page, ".scores tr") == [
        "laws violated kept not applicable",
        "retry 1 1",
        "tools 1",
        "situation figure accepted now change",
        "plain attempts 1 2 worse",
    ]


def test_a_violated_law_is_shown_with_the_situation_and_the_test(page):
    parts = texts(page, "#laws details[open] > :not(summary)")
    assert (parts[0], parts[1]) == (f"Asked again: {EVIL}", "guide: 4. Tried in 3 situations, 3 runs.")
    assert [part[:40] for part in parts[2:]] == [
        "The smallest situation in which it shows",
        "time (s) 0.000 ┬ asks question='' 0.250 ",
        "As a test",
        "def test_it(): pass",
    ]
    assert page.value("[document.title, document.images.length]") == ["Mine - kaizen-eval check", 0]


def test_laws_are_found_by_keyboard_and_the_address_says_which(page):
    page.press("/")
    page.write("tools").press("Escape").press("j").press("Enter")
    page.until("location.hash.includes('tools.once')")
    assert texts(page, "#laws details[open]") == ["not applicable tools.once Once. It has no tools. guide: 7"]
    page.press("Escape")
    assert (page.value("location.hash"), texts(page, "#laws details[open]")) == ("#find=tools", [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_and_fits_a_narrow_window(page, scheme):
    page.look_at(width=400, scheme=scheme)
    page.value("for (const fold of document.querySelectorAll('details')) fold.open = true")
    assert (page.value(CONTRASTS), page.value("document.documentElement.scrollWidth")) == ([], 400)


def test_everything_that_is_used_has_a_name(page):
    tree = page.ask("Accessibility.getFullAXTree")["nodes"]
    used = [node for node in tree if node.get("role", {}).get("value") in USED and not node["ignored"]]
    assert len(used) > 5
    assert [node["role"]["value"] for node in used if not node["name"]["value"].strip()] == []
