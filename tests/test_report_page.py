"""The report on an evaluation in a headless Chromium: what it shows, and what its reader can do."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import CHROMIUM, Browser, Page, chromium
from page_looks import CONTRASTS, USED
from report_doubles import answered, attempt, case, log, record, several_kinds

from kaizen_eval.evals import compare, summarised
from kaizen_eval.evals.reports import TrendPoint, report
from kaizen_eval.evals.reports.wording import head, left_out

UNKNOWN = "\N{EN DASH}"
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is on the PATH")

ROWS = "[...document.querySelectorAll('#table tbody tr[data-id]')].map((row) => row.dataset.id)"
TREND = [TrendPoint("20261117-090000-bbbbbb", "2026-11-17", 0.5, 0.5), TrendPoint("x", "2026-11-24", 0.25, 0.6)]
EVIL = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title=1\">\u2028\u202eevil"
SHOWN_EVIL = EVIL.replace("\u2028", "⟨U+2028⟩").replace("\u202e", "⟨U+202E⟩")


@pytest.fixture(scope="module")
def browser(tmp_path_factory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture(scope="module")
def tab(browser) -> Page:
    return browser.page()


@pytest.fixture
def page(tab) -> Iterator[Page]:
    yield tab.look_at()
    tab.ask("Emulation.setEmulatedMedia", media="")
    tab.value("try { localStorage.clear() } catch {}")
    tab.open("about:blank")


@pytest.fixture(scope="module")
def compared(tmp_path_factory) -> Path:
    now, before = several_kinds()
    return written(tmp_path_factory, report(now, against=before, shared=True, trend=TREND))


@pytest.fixture(scope="module")
def many(tmp_path_factory) -> Path:
    """Cases of which the last one says something that no other says."""
    names = [f"case-{number:04}" for number in range(2000)]
    asked = [attempt(name, "a needle" if name == names[-1] else "hay") for name in names]
    records = [
        record(name, "passed", answer=answered({"answer": ""}, one)) for name, one in zip(names, asked, strict=True)
    ]
    return written(tmp_path_factory, report(log([case(name) for name in names], records)))


@pytest.fixture(scope="module")
def evil(tmp_path_factory) -> Path:
    """Each text that comes from elsewhere tries to get out."""
    tool = {"id": EVIL, "name": EVIL, "arguments": EVIL}
    said = attempt(EVIL, EVIL, model=EVIL, agent=EVIL, tool_calls=(tool,), error=EVIL, message=EVIL, misfit=EVIL)
    one = record(EVIL, "failed", answer=answered({EVIL: EVIL, "long": "x" * 9000}, said))
    return written(tmp_path_factory, report(log([case(EVIL, EVIL, tags=(EVIL,))], [one], dataset=EVIL, task=EVIL)))


def written(folders, text: str) -> Path:
    path = folders.mktemp("report") / "report.html"
    path.write_text(text, "utf-8")
    return path


def show(page: Page, file: Path, fragment: str = "") -> Page:
    page.open(f"file://{file}{fragment}")
    page.until("document.documentElement.dataset.ready")
    if "case=" in fragment:
        page.until("document.querySelector('#case h2')")
    return page


def text(page: Page, selector: str) -> str:
    return page.value(f"document.querySelector({json.dumps(selector)}).innerText")


def texts(page: Page, selector: str) -> list[str]:
    found = f"[...document.querySelectorAll({json.dumps(selector)})]"
    return page.value(
        f"{found}.filter((it) => it.checkVisibility()).map((it) => it.innerText.replace(/\\s+/g, ' ').trim())"
    )


def choose(page: Page, name: str, value: str) -> Page:
    it = f"document.getElementById({json.dumps(name)})"
    page.value(f"{it}.value = {json.dumps(value)}, {it}.dispatchEvent(new Event('input', {{bubbles: true}}))")
    return page


def test_the_verdict_comes_first_with_what_one_should_know_before_believing_it(page, compared):
    now, before = several_kinds()
    comparison = compare(before, now, shared=True)
    show(page, compared)
    assert text(page, "#sentence") == f"{comparison.verdict}: {comparison.why}"
    summary = summarised(now.records(), now.cases())
    known = [head(summary), *left_out(summary), *comparison.notes, *comparison.advice]
    assert (texts(page, "#reasons li"), len(known) > 5) == (known, True)


def test_alone_an_evaluation_is_summed_up_in_one_sentence(page, many):
    show(page, many)
    assert text(page, "#sentence") == "2,000 of 2,000 cases passed: 100.0 % (95 %: 99.8 to 100.0)."


def test_distributions_are_told_in_words_too(page, compared):
    show(page, compared)
    pictures = page.value("[...document.querySelectorAll('[role=img]')].map((it) => it.getAttribute('aria-label'))")
    assert pictures == [
        "Scores: 1 trial from 0.00, 1 trial from 0.50, 2 trials from 0.95",
        "Passed, run by run: 2026-11-17 50.0 %, 2026-11-24 25.0 %",
    ]
    assert texts(page, "[aria-label='Passed, by tag'] li")[:2] == ["far 0.0 % 2 cases", "hard 0.0 % 3 cases"]


def test_flipped_cases_come_first_then_those_that_did_not_pass(page, compared):
    show(page, compared)
    names = texts(page, "#table tbody tr")
    assert [name.split(" Wh")[0].replace(UNKNOWN, "?") for name in names] == [
        "paris failed lost 0",
        "kiev timeout lost ?",
        "quito over budget lost ?",
        "bern task error worse ?",
        "rome scorer error worse ?",
        "oslo passed won 1",
        "minsk not run ?",
        "lima failed same 0.500",
        "trip passed same 1",
    ]


FILTERED = [
    ("outcome", "timeout", ["kiev"]),
    ("change", "flipped", ["paris", "kiev", "quito", "oslo"]),
    ("tag", "hard", ["kiev", "bern", "rome"]),
    ("scorer", "close", ["rome"]),
    ("find", "PERU", ["lima"]),
    ("sort", "slow", ["oslo", "trip", "paris", "lima", "rome", "bern", "kiev", "quito", "minsk"]),
]


@pytest.mark.parametrize(("name", "value", "left"), FILTERED)
def test_what_is_shown_can_be_chosen_and_the_address_says_so(page, compared, name, value, left):
    choose(show(page, compared), name, value)
    page.until("document.getElementById('searching').textContent === ''")
    assert (page.value(ROWS), page.value("location.hash")) == (left, f"#{name}={value}")


def test_a_search_looks_into_every_conversation(page, many):
    choose(show(page, many), "find", "A Needle")
    page.until("document.getElementById('searching').textContent === ''")
    assert (page.value(ROWS), text(page, "#count")) == (["case-1999"], "1 of 2,000 cases")


def test_where_nothing_is_left_it_says_so(page, compared):
    choose(show(page, compared), "find", "nowhere")
    assert texts(page, "#nothing") == ["No case is like this. Change what is asked for above."]


def test_keys_lead_to_a_case_through_the_others_and_back(page, compared):
    show(page, compared)
    places = []
    for key in ("j", "j", "Enter", "j", "k", "k", "Escape"):
        page.press(key)
        places.append(
            page.value(
                "`${new URLSearchParams(location.hash.slice(1)).get('case') ?? ''}|${document.activeElement.innerText}`"
            )
        )
    assert places == ["|paris", "|kiev", "kiev|kiev", "quito|quito", "kiev|kiev", "paris|paris", "|paris"]


def test_a_slash_searches_and_a_question_mark_tells_the_keys(page, compared):
    show(page, compared).press("/")
    page.write("lima").press("Enter").press("Enter")
    page.until("document.querySelector('#case h2')?.innerText === 'lima'")
    page.press("?")
    assert texts(page, "#help dt") == ["/", "j k", "Enter", "Esc", "?"]
    page.press("Escape")
    assert page.value("document.getElementById('help').open") is False


def test_the_way_back_of_the_browser_closes_a_case(page, compared):
    show(page, compared).click("tr[data-id='oslo'] .asked")
    page.until("document.querySelector('#case h2')")
    page.value("history.back()")
    page.until("document.getElementById('detail').hidden")
    assert page.value("location.hash") == ""


def test_a_waterfall_tells_attempts_faults_waits_and_first_tokens(page, compared):
    show(page, compared, "#case=oslo")
    assert texts(page, "#case > .waterfall li") == [
        "call 1, attempt 1 RateLimited, 120 ms, then waited 500 ms",
        "call 1, attempt 2 does not fit, 300 ms",
        "call 1, attempt 3 410 ms, first token after 180 ms",
    ]
    bars = page.value(
        "[...document.querySelectorAll('#case > .waterfall li .track > *')].map((it) => "
        "[it.className, parseFloat(it.style.left).toFixed(1), parseFloat(it.style.width).toFixed(1)].join(' '))"
    )
    assert bars == [
        "bar fault 0.0 9.0",
        "bar wait 9.0 37.6",
        "bar misfit 46.6 22.6",
        "bar reply 69.2 30.8",
        "first 82.7 0.0",
    ]


def test_a_conversation_shows_each_message_once_with_what_became_of_the_reply(page, compared):
    show(page, compared, "#case=oslo")
    first, second, third = texts(page, "#case > .exchange")
    asked = "system Answer the question. user Which city is the capital of Norway?"
    said = f"fake · 120 ms · $0.000120 · then waited 500 ms {asked} reply RateLimited 429: slow down"
    assert first == f"qa, call 1, attempt 1 {said}"
    misfit = "reply Oslo, maybe It does not fit the signature There is no JSON in it."
    assert second.endswith(f"21 + 6 tokens · $0.000120 The same messages again. {misfit}")
    assert third.endswith('The same messages again. reply { "answer": "oslo" }')


def test_sessions_and_tools_are_told_turn_by_turn(page, compared):
    show(page, compared, "#case=trip")
    assert texts(page, "#case > .waterfall li .name") == [
        "turn 1: call 1, attempt 1",
        "turn 2: call 1, attempt 1",
        "turn 2: tool weather",
        "turn 2: call 2, attempt 1",
    ]
    assert texts(page, "#case > .exchange .message > h5") == [
        "system", "user", "reply", "user", "reply", "tool weather 40 ms", "tool call_1", "reply",
    ]  # fmt: skip


def test_a_repaired_reply_names_its_tier(page, compared):
    show(page, compared, "#case=paris")
    assert texts(page, ".repair") == ["Tier 4, repaired: it was almost JSON."]


def test_an_answer_is_held_against_what_was_expected_and_what_came_before(page, compared):
    show(page, compared, "#case=paris")
    marked = (
        "[...document.querySelectorAll('.difference')].map((it) => "
        "[...it.childNodes].map((part) => (part.tagName ?? '') + part.textContent))"
    )
    assert page.value(marked) == [
        ["DELparis", "INSthe city of Lyon, in the south"],
        ["the city of ", "DELParis", "INSLyon", ", in the ", "DELnorth", "INSsouth"],
    ]
    assert texts(page, ".scores tbody td") == ["0 failed", "1", "0 of the fields are right."]


def test_why_there_is_no_answer_is_told(page, compared):
    show(page, compared, "#case=bern").click("#case summary")
    assert texts(page, "#case > .message")[0] == "RateLimited 429: slow down Where a.py:1"


def test_each_trial_of_a_case_can_be_opened(page, tmp_path_factory):
    records = [record("a", outcome, repeat=n + 1) for n, outcome in enumerate(["passed", "failed", "timeout"])]
    file = written(tmp_path_factory, report(log([case("a")], records, repeats=3)))
    show(page, file, "#case=a")
    assert texts(page, ".trials a") == ["#1 passed", "#2 failed", "#3 timeout"]
    first = text(page, "#case .facts dd")
    page.click(".trials a:last-child")
    page.until("document.querySelector('#case .facts dd').innerText === 'timeout'")
    assert (first, texts(page, "#table td.outcome")) == ("failed", ["1 of 3 passed"])


def test_numbers_stand_as_python_wrote_them(page, tmp_path_factory):
    one = record("a", "failed", answer=answered({"answer": 12345678901234567890, "share": 1.0, "name": "1.0"}))
    show(page, written(tmp_path_factory, report(log([case("a")], [one]))), "#case=a")
    assert texts(page, ".field .code, .field .text")[0:1] + texts(page, ".field dd")[-2:] == [
        "12345678901234567890",
        "1.0",
        "1.0",
    ]
    assert texts(page, ".field dt .mark") == ["number", "number"]


def test_of_many_cases_only_those_in_sight_are_drawn_and_the_last_can_be_reached(page, many):
    show(page, many)
    drawn = page.value("document.querySelectorAll('#table tbody tr').length")
    page.value("scrollTo(0, 1e9)")
    last = page.until(f"{ROWS}.at(-1) === 'case-1999' && {ROWS}.length")
    assert (drawn < 80, last < 80, page.value("document.getElementById('table').ariaRowCount")) == (True, True, "2001")


def test_a_link_to_a_case_opens_it_with_its_row_in_sight(page, many):
    show(page, many, "#case=case-1500")
    box = page.until(
        "(({ top, bottom } = {}) => top > 0 && bottom < innerHeight)"
        "(document.querySelector('tr.selected')?.getBoundingClientRect())"
    )
    assert (box, text(page, "#case h2")) == (True, "case-1500")


def test_whatever_the_data_say_stays_text(page, evil):
    show(page, evil, f"#case={EVIL.replace('=', '%3D').replace('</', '%3C/').replace('>', '%3E')}")
    page.value("for (const fold of document.querySelectorAll('details')) fold.open = true")
    assert page.value("[document.title, document.images.length, document.scripts.length]") == [
        f"{EVIL}: {EVIL} - kaizen-eval".replace("\u2028\u202e", ""), 0, 3,
    ]  # fmt: skip
    assert (text(page, "#case h2"), text(page, "#title"), page.complaints) == (SHOWN_EVIL, SHOWN_EVIL, [])


def test_signs_that_turn_others_round_are_named_wherever_they_stand(page, evil):
    show(page, evil, f"#find={EVIL[-4:]}")
    page.click("tr[data-id] .asked").until("document.querySelector('#case h2')")
    hidden = "[...document.body.innerText].filter((sign) => /[\\u202a-\\u202e\\u2028]/.test(sign)).length"
    assert page.value(hidden) == 0


def test_a_huge_text_is_shown_whole_on_request(page, evil):
    show(page, evil, f"#find={EVIL[-4:]}")
    page.click("tr[data-id] .asked").until("document.querySelector('#case .more')")
    before = page.value("document.querySelector('#case .more').previousSibling.textContent.length")
    words = text(page, "#case .more")
    page.click("#case .more")
    assert (before, words, page.until("document.activeElement.textContent.length")) == (
        2000,
        "Show all 9,000 characters",
        9000,
    )


def test_the_page_can_reach_no_network(page, compared):
    show(page, compared)
    asked = "fetch('http://127.0.0.1:9/').then(() => 'asked', (error) => error.name)"
    written_in = (
        "(() => { try { document.body.innerHTML = '<b>'; return 'written' } catch (error) { return error.name } })()"
    )
    assert [page.value(asked), page.value(written_in)] == ["TypeError", "TypeError"]
    assert any("Content Security Policy" in told for told in page.complaints)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(page, compared, scheme):
    page.look_at(width=1900, scheme=scheme)
    for name in ("oslo", "paris", "rome", "trip"):
        show(page, compared, f"#case={name}")
        page.value("for (const fold of document.querySelectorAll('details')) fold.open = true")
        assert page.value(CONTRASTS) == []


def test_light_and_dark_are_the_readers_choice(page, compared):
    show(page.look_at(scheme="dark"), compared)
    backs = []
    for _ in range(3):
        backs.append(page.value("getComputedStyle(document.body).backgroundColor"))
        page.click("#theme")
    assert (backs, text(page, "#theme")) == (
        ["rgb(16, 21, 27)", "rgb(255, 255, 255)", "rgb(16, 21, 27)"],
        "Theme: system",
    )


@pytest.mark.parametrize("fragment", ["", "#case=oslo", "#case=trip"])
def test_a_narrow_page_is_not_wider_than_its_window(page, compared, fragment):
    show(page.look_at(width=400), compared, fragment)
    assert page.value("document.documentElement.scrollWidth") == 400


def test_in_a_narrow_page_the_reader_is_led_to_the_case_and_back(page, compared):
    show(page.look_at(width=400), compared).click("tr[data-id='kiev'] .asked")
    there = page.until("document.activeElement.id")
    page.press("Escape")
    assert (there, page.value("document.activeElement.innerText")) == ("detail", "kiev")


def test_paper_shows_rows_that_are_out_of_sight_and_no_empty_pages(page, many):
    show(page, many)
    pages = base64.b64decode(page.ask("Page.printToPDF")["data"]).count(b"/Type /Page\n")
    told = page.value("dispatchEvent(new Event('beforeprint')), document.getElementById('unprinted').textContent")
    assert (5 < pages < 20, page.value(f"{ROWS}.length"), told) == (True, 300, "1,700 more cases are not printed.")


def test_everything_that_is_used_has_a_name(page, compared):
    show(page, compared, "#case=oslo")
    tree = page.ask("Accessibility.getFullAXTree")["nodes"]
    used = [node for node in tree if node.get("role", {}).get("value") in USED and not node["ignored"]]
    assert len(used) > 20
    assert [node["role"]["value"] for node in used if not node["name"]["value"].strip()] == []


def test_the_parts_of_the_page_are_landmarks(page, compared):
    show(page, compared, "#case=oslo")
    roles = {node["role"]["value"] for node in page.ask("Accessibility.getFullAXTree")["nodes"] if not node["ignored"]}
    assert {"banner", "main", "search", "region", "table"} <= roles
