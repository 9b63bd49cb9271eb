"""The live page in a headless Chromium: what it shows of a journal, and what its reader can do."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
import threading
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

import pytest
from browser import CHROMIUM, Browser, Page, chromium
from page_looks import CONTRASTS, USED
from server_talk import chat, control, get, until, wire

from kaizen_eval.fake import FakeLLM
from kaizen_eval.fake.reply import Reply
from kaizen_eval.fake.server.running import Serving

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is on the PATH")

ROWS = """[...document.querySelectorAll('#rows tr')].filter((row) => !row.hidden).map((row) => Object.fromEntries(
    [...row.children].map((cell) => [cell.classList[0], cell.innerText.replace(/\\s+/g, ' ')])))"""
NUMBERS = "[...document.querySelectorAll('#rows tr')].filter((row) => !row.hidden).map((row) => +row.dataset.number)"
TURNS = """[...document.querySelectorAll('#detail .turn, #detail > .message')].map((turn) =>
    (turn.matches('.message') ? [turn] : [...turn.querySelectorAll('h3 a, .message, :scope > .hint')]).map(
        (part) => part.innerText.replace(/\\s+/g, ' ')))"""
WEATHER = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}


@pytest.fixture(scope="module")
def browser(tmp_path_factory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture(scope="module")
def tab(browser) -> Page:
    return browser.page()


@pytest.fixture
def page(tab) -> Iterator[Page]:
    """Servers have other ports, so that nothing of theirs is left over in the tab."""
    yield tab.look_at()
    tab.open("about:blank")


def scripted() -> FakeLLM:
    fake = FakeLLM()
    fake.when(user="hello").reply("hi there")
    fake.when(user="busy").fail("rate_limit").times(1)
    fake.when(user="busy").reply("now there is room")
    fake.when(user="weather", tool="weather").steps(
        [Reply(tool_calls=[{"name": "weather", "arguments": {"city": "Oslo"}}]), "Take a coat."]
    )
    fake.when(user="data").reply({"nights": 3})
    fake.forgive_misses()
    return fake


@pytest.fixture
def server() -> Iterator[Serving]:
    with scripted().serve() as running:
        yield running


def ask(server: Serving, text: str, *headers: str, **fields: object) -> dict:
    with wire(server) as connection:
        return connection.send(chat(text, *headers, **fields)).response().json()


def session(name: str) -> str:
    return f"x-kaizen-session: {json.dumps(name)}"


def show(page: Page, server: Serving, fragment: str = "", *, rows: int | None = None) -> Page:
    page.open(f"{server.url}/_kaizen/{fragment}")
    page.until("document.getElementById('state').textContent !== 'connecting'")
    if rows is not None:
        page.until(f"{NUMBERS}.length === {rows}")
    return page


def text(page: Page, selector: str) -> str:
    return page.value(f"document.querySelector({json.dumps(selector)}).innerText")


def lines(page: Page, selector: str) -> list[list[str]]:
    """Of each element that is found."""
    texts = page.value(f"[...document.querySelectorAll({json.dumps(selector)})].map((it) => it.innerText)")
    return [[line for line in said.splitlines() if line] for said in texts]


def shown(page: Page) -> str:
    """The fragment of the page's address."""
    return page.value("decodeURIComponent(location.hash)")


EACH = """
5 embeddings  | e     | ~  | a text       | reply             | generated
4 chat stream | fake  | ~  | data         | reply             | when(user='data').reply(…)
3 chat        | other | ~  | nobody knows | miss              | -
2 chat        | fake  | ~  | busy         | fault: rate_limit | when(user='busy').fail('rate_limit')
1 chat        | fake  | s1 | hello        | reply             | when(user='hello').reply(…)
"""


def test_each_exchange_is_a_row_the_newest_first(page, server):
    ask(server, "hello", session("s1"))
    ask(server, "busy")
    ask(server, "nobody knows", model="other")
    with wire(server) as connection:
        connection.send(chat("data", stream=True)).response()
        body = b'{"model": "e", "input": "a\\n  text"}'
        connection.send(get("/v1/embeddings", "content-type: application/json", method="POST", body=body)).response()
    rows = show(page.look_at(width=1900), server, rows=5).value(ROWS)
    told = (text(page, "#state"), text(page, "#count"), page.complaints)
    measured = [" ".join(row.pop(name) for name in ("time", "duration")) for row in rows]
    tokens = [row.pop("tokens") for row in rows]
    usages = [exchange.usage for exchange in server.fake("").journal.exchanges[::-1]]
    lines = [
        [re.sub("^~[0-9a-f]{6}$", "~", cell) for cell in (row.pop("number") + " " + row.pop("endpoint"), *row.values())]
        for row in rows
    ]
    assert lines == [re.split(r" +\| ", line) for line in EACH.strip().splitlines()]
    assert tokens == ["-" if usage is None else f"{usage.prompt} + {usage.completion}" for usage in usages]
    assert all(re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3} [\d.]+ m?s", one) for one in measured)
    assert told == ("live", "5 exchanges", [])


def test_requests_are_shown_as_they_come(page, server):
    show(page, server, rows=0)
    page.until("document.getElementById('count').textContent")
    nothing = f"Nothing was asked yet. Point a client at {server.base_url}"
    assert (text(page, "#nothing"), text(page, "#count")) == (nothing, "0 exchanges")
    ask(server, "hello")
    page.until(f"{NUMBERS}.length === 1")
    ask(server, "busy")
    page.until(f"{NUMBERS}.length === 2")
    assert (page.value(NUMBERS), text(page, "#count")) == ([2, 1], "2 exchanges")


@pytest.fixture
def holding() -> Iterator[tuple[FakeLLM, Serving, threading.Event]]:
    may_end = threading.Event()

    async def held(request):
        await asyncio.get_running_loop().run_in_executor(None, may_end.wait)
        return "done"

    def broken(request):
        raise ZeroDivisionError

    fake = FakeLLM()
    fake.when(user="hold").reply(held)
    fake.when(user="broken").reply(broken)
    fake.forgive_misses()
    with fake.serve() as server:
        yield fake, server, may_end
        may_end.set()


def test_what_is_not_answered_yet_is_shown_waiting_and_then_as_what_came_of_it(page, holding):
    fake, server, may_end = holding
    with wire(server) as asking:
        asking.send(chat("hold"))
        until(fake.journal, len)
        show(page, server, "#exchange=1", rows=1)
        before = (page.value(ROWS)[0]["outcome"], text(page, "#detail .reply .hint"))
        may_end.set()
        page.until("document.querySelector('#detail .reply .text')")
    after = (page.value(ROWS)[0]["outcome"], text(page, "#detail .reply .text"))
    assert (before, after) == (("waiting", "The answer is not out yet."), ("reply", "done"))


def test_the_time_is_when_an_exchange_began(page, holding):
    fake, server, _ = holding
    with wire(server) as asking, wire(server) as asking_again:
        for connection, number in ((asking, 1), (asking_again, 2)):
            connection.send(chat("hold"))
            until(fake.journal, lambda exchanges, number=number: len(exchanges) == number)
        fake.journal.changed_since(0)[0][0].started_ns -= 3600 * 10**9
        show(page, server, rows=2)
        times = [row["time"] for row in page.value(ROWS)]
    late, early = (datetime.strptime(time, "%H:%M:%S.%f") for time in times)  # noqa: DTZ007 - as the reader sees it
    assert (late - early).seconds // 60 == 60


def test_a_client_that_left_and_a_script_that_failed_are_told_apart(page, holding):
    fake, server, _ = holding
    with wire(server) as leaving:
        leaving.send(chat("hold"))
        until(fake.journal, len)
    until(fake.journal, lambda exchanges: exchanges[0].ended_ns is not None)
    ask(server, "broken")
    show(page, server, rows=2)
    assert [row["outcome"] for row in page.value(ROWS)] == ["script failed: ZeroDivisionError", "cancelled"]


def test_an_exchange_is_shown_whole(page, server):
    first = ask(server, "weather", session("trip"), tools=[WEATHER], temperature=0.5)["choices"][0]["message"]
    history = [
        {"role": "system", "content": "Be\n  brief."},
        {"role": "user", "content": "weather"},
        first,
        {"role": "tool", "tool_call_id": first["tool_calls"][0]["id"], "content": '{"sky":"rain"}'},
    ]
    ask(server, "", session("trip"), tools=[WEATHER], temperature=0.5, messages=history)
    show(page, server, "#exchange=2", rows=2)
    call = first["tool_calls"][0]["id"]
    assert lines(page, "#detail > .message") == [
        ["system", "Be", "  brief."],
        ["user", "weather"],
        ["assistant", "calls", "weather", call, "{", '  "city": "Oslo"', "}"],
        ["tool", "weather", call, "JSON", "{", '  "sky": "rain"', "}"],
        ["reply", "Take a coat.", "finish reason: stop"],
    ]
    facts = page.value(
        "Object.fromEntries([...document.querySelectorAll('#detail dl div')].map((one) => "
        "[...one.children].map((part) => part.innerText)))"
    )
    measured = [facts.pop(name) for name in ("Time", "First byte", "Whole", "Bytes", "Tokens")]
    assert facts == {
        "Endpoint": "chat",
        "Model": "fake",
        "Conversation": "trip (2 exchanges)",
        "Rule": "when(user='weather', tool='weather').steps(…)",
        "Door": "server",
        "temperature": "0.5",
    }
    times, tokens = r"[\d:.]+ \d[\d.]* ms \d[\d.]* ms", r"\d+ prompt \+ \d+ completion = \d+ \(estimated\)"
    assert re.fullmatch(rf"{times} [\d.]+ \w+ in, [\d.]+ \w+ out {tokens}", " ".join(measured))
    folds = page.value("[...document.querySelectorAll('#detail summary')].map((fold) => fold.innerText)")
    assert folds == [
        "Rules that came near (3)",
        "Tools offered: weather",
        "Headers",
        "Ask it again with curl",
        "Raw request",
        "Raw journal entry",
    ]


def test_a_format_that_was_asked_for_is_shown_and_data_is_indented(page, server):
    schema = {"type": "object", "properties": {"nights": {"type": "integer"}}}
    asked = {"type": "json_schema", "json_schema": {"name": "stay", "schema": schema}}
    ask(server, "data", response_format=asked)
    show(page, server, "#exchange=1", rows=1)
    told = lines(page, "#detail .reply")
    fold = page.value("document.querySelector('[data-name=\"Format of the reply: json_schema\"] pre').textContent")
    said = ["reply", "JSON", "{", '  "nights": 3', "}", "finish reason: stop"]
    assert (told, json.loads(fold)) == ([said], schema)


def test_a_miss_names_the_rules_that_came_near_and_what_differed(page, server):
    server.fake("").when(user="Bergen", model="big").reply("x")
    ask(server, "Where to eat in Bergen?")
    show(page, server, "#exchange=1", rows=1)
    assert lines(page, "#detail .near li")[0] == [
        "when(user='Bergen', model='big').reply(…)",
        "model='big' was wanted, and the model is 'fake'",
    ]
    said = "No rule of the script is for this request: it was answered by a marked 501."
    assert lines(page, "#detail .reply") == [["reply,", "miss", said]]


MET = "The client met the fault rate_limit, for which kaizen-eval's provider raises RateLimited."


def test_a_conversation_is_read_as_one(page, server):
    first = ask(server, "weather", session("trip"), tools=[WEATHER])["choices"][0]["message"]
    ask(server, "hello", session("other"))
    result = {"role": "tool", "tool_call_id": first["tool_calls"][0]["id"], "content": "rain"}
    told = [{"role": "user", "content": "weather"}, first, result]
    for _ in range(2):
        ask(server, "", session("trip"), tools=[WEATHER], messages=told)
    ask(server, "busy", session("trip"))
    show(page, server, rows=5)
    page.click("tr[data-number='1'] .conversation a")
    page.until("document.querySelector('#detail h2')")
    call = first["tool_calls"][0]["id"]
    assert text(page, "#detail h2") == "Session trip"
    assert page.value(TURNS) == [
        [
            "Exchange 1",
            "user weather",
            f'reply calls weather {call} {{ "city": "Oslo" }} finish reason: tool_calls',
        ],
        ["Exchange 3", f"tool weather {call} rain", "reply Take a coat. finish reason: stop"],
        ["Exchange 4", "The same messages again.", "reply Take a coat. finish reason: stop"],
        [
            "Exchange 5",
            "It begins with other messages than the exchange before: all of them follow.",
            "user busy",
            f"reply, fault: rate_limit {MET}",
        ],
    ]


def test_the_steps_of_agents_with_tools_are_told_apart(page, server):
    editor = (session("trip"), "x-kaizen-agent: editor")
    first = ask(server, "weather", *editor, tools=[WEATHER])["choices"][0]["message"]
    given = {"role": "tool", "tool_call_id": first["tool_calls"][0]["id"], "content": "rain"}
    ask(server, "", *editor, tools=[WEATHER], messages=[{"role": "user", "content": "weather"}, first, given])
    show(page.look_at(width=1900), server, rows=2)
    assert [[row[name] for name in ("conversation", "asked", "outcome")] for row in page.value(ROWS)] == [
        ["trip editor", "weather → rain", "reply"],
        ["trip editor", "weather", "reply → weather"],
    ]
    page.click("tr[data-number='1'] .conversation a")
    page.until("document.querySelector('#detail h2')")
    assert text(page, "#detail .hint") == "2 exchanges of agent editor, in the order asked."


def test_many_tools_in_one_reply_leave_room_for_the_other_columns(page, server):
    calls = [{"name": f"a_tool_with_a_long_name_{n}", "arguments": {}} for n in range(9)]
    server.fake("").when(user="many").reply(Reply(tool_calls=calls))
    ask(server, "many")
    show(page.look_at(), server, "#exchange=1", rows=1)
    page.until("document.querySelector('#detail .reply')")
    assert (
        page.value("(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.getElementById('list'))")
        == 0
    )
    assert page.value("document.querySelector('td.outcome').title") == ", ".join(call["name"] for call in calls)


def test_a_stream_that_was_left_shows_what_came_and_no_end(page, holding):
    fake, server, _ = holding
    fake.when(user="slowly").reply(Reply("one two three", latency={"first": 0, "per_token": 5}))
    with wire(server) as leaving:
        leaving.send(chat("slowly", stream=True))
        until(fake.journal, lambda exchanges: exchanges and exchanges[0].first_byte_ns is not None)
    until(fake.journal, lambda exchanges: exchanges[0].ended_ns is not None)
    show(page, server, "#exchange=1", rows=1)
    assert lines(page, "#detail .reply") == [["reply,", "cancelled", "one ", "Here the client left."]]
    assert control(server, "/journal").json()["exchanges"][0]["reply"]["finish_reason"] is None


def test_a_stream_that_broke_off_has_the_fault_at_its_end(page, server):
    server.fake("").when(user="cut").fail("stream_cut", after=3)
    with wire(server) as connection:
        connection.send(chat("cut", stream=True))
        until(server.fake("").journal, lambda exchanges: exchanges and exchanges[0].ended_ns is not None)
    show(page, server, "#exchange=1", rows=1)
    said = "The client met the fault stream_cut, for which kaizen-eval's provider raises ConnectionLost."
    assert lines(page, "#detail .reply")[0][-1] == said


ODD = {"tools": 3, "response_format": "x", "messages": [None, {"role": 7, "content": [[]]}]}


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"shape": "round"}, "400: Unknown parameter: 'shape'."),
        (ODD, None),
        ({"tools": [None, {}], "messages": "", "model": [1]}, None),
    ],
)
def test_a_request_that_is_refused_is_shown_with_the_reason(page, server, sent, said):
    error = ask(server, "hello", **sent)["error"]
    show(page, server, "#exchange=1", rows=1)
    page.until("document.querySelector('#detail .reply')")
    row = page.value(ROWS)[0]
    assert (row["asked"], row["outcome"]) == ("POST /v1/chat/completions", "refused: 400")
    assert lines(page, "#detail .reply")[0][-1].startswith(said or f"400: {error['message']}")


def test_a_conversation_goes_on_while_it_is_read(page, server):
    ask(server, "hello", session("s"))
    digest = control(server, "/journal").json()["exchanges"][0]["conversation"]
    show(page, server, f"#conversation={digest}", rows=1)
    ask(server, "data", session("s"))
    page.until("document.querySelectorAll('#detail .turn').length === 2")


EVIL = '"><script>document.title="owned"</script><img src=x onerror="document.title=1">\'{{1}}'


def test_whatever_a_client_sends_stays_text(page, server):
    takes = {"type": "object", "title": EVIL, "properties": {}}
    evil = {"type": "function", "function": {"name": "e", "description": EVIL, "parameters": takes}}
    call = {"id": "<b>", "type": "function", "function": {"name": "e", "arguments": EVIL}}
    messages = [
        {"role": "system", "content": EVIL},
        {"role": "user", "content": EVIL},
        {"role": "assistant", "content": EVIL, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "<b>", "content": json.dumps({EVIL: EVIL})},
    ]
    server.fake("").otherwise(EVIL)
    headers = (session(EVIL), f"x-other: {EVIL}")
    answer = ask(server, EVIL, *headers, messages=messages, model=EVIL, user=EVIL, tools=[evil])
    assert answer["choices"][0]["message"]["content"] == EVIL
    digest = control(server, "/journal").json()["exchanges"][0]["conversation"]
    for fragment in ("#exchange=1", f"#conversation={digest}"):
        show(page, server, fragment, rows=1)
        page.until("document.querySelector('#detail .message')")
        assert page.value("document.querySelectorAll('#main img, #main script').length") == 0
        assert page.value("document.querySelector('#detail [data-role=user] .text').innerText") == EVIL
        assert page.value(ROWS)[0]["asked"] == f"e → {messages[-1]['content']}"
        assert (page.value("document.title"), page.complaints) == ("kaizen-eval: the fake LLM's journal", [])


@pytest.fixture
def mixed(server) -> Serving:
    for asked in ("hello", "busy", "nobody knows", "hello again"):
        ask(server, asked)
    with wire(server) as connection:
        connection.send(get("/v1/models")).response()
    return server


@pytest.mark.parametrize(
    ("fragment", "numbers", "count"),
    [
        ("#outcome=fault", [2], "1 shown of 5 exchanges"),
        ("#outcome=reply&endpoint=chat", [4, 1], "2 shown of 5 exchanges"),
        ("#endpoint=models", [5], "1 shown of 5 exchanges"),
        ("#find=HELLO", [4, 1], "2 shown of 5 exchanges"),
        ("#find=hi+there", [4, 1], "2 shown of 5 exchanges"),
        ("#outcome=miss&find=knows", [3], "1 shown of 5 exchanges"),
        ("#find=nothing+like+this", [], "0 shown of 5 exchanges"),
    ],
)
def test_an_address_says_which_exchanges_are_shown(page, mixed, fragment, numbers, count):
    show(page, mixed, fragment)
    page.until(f"document.getElementById('count').textContent === {count!r}")
    assert page.value(NUMBERS) == numbers


def test_what_is_asked_for_can_be_changed_and_stands_in_the_address(page, mixed):
    show(page, mixed, rows=5)
    page.press("/").write("hello")
    page.until(f"{NUMBERS}.length === 2")
    page.value(
        "(it => { it.value = 'miss'; it.dispatchEvent(new Event('input')) })(document.getElementById('outcome'))"
    )
    page.until(f"{NUMBERS}.length === 0")
    assert (shown(page), text(page, "#nothing")) == (
        "#outcome=miss&find=hello",
        "None of the exchanges is like this. Change what is asked for above.",
    )


def test_the_keyboard_leads_through_the_exchanges(page, mixed):
    show(page, mixed, "#endpoint=chat", rows=4)
    places = []
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "ArrowUp", "End", "ArrowDown", "Home", "Escape"):
        page.press(key)
        focused = page.value("document.activeElement.innerText")
        heading = page.value("document.querySelector('#detail:not([hidden]) h2')?.firstChild.textContent.trim()")
        places.append((key, shown(page), focused, heading))
    assert places == [
        ("ArrowDown", "#exchange=4&endpoint=chat", "4", "Exchange 4"),
        ("ArrowDown", "#exchange=3&endpoint=chat", "3", "Exchange 3"),
        ("ArrowUp", "#exchange=4&endpoint=chat", "4", "Exchange 4"),
        ("ArrowUp", "#exchange=4&endpoint=chat", "4", "Exchange 4"),
        ("End", "#exchange=1&endpoint=chat", "1", "Exchange 1"),
        ("ArrowDown", "#exchange=1&endpoint=chat", "1", "Exchange 1"),
        ("Home", "#exchange=4&endpoint=chat", "4", "Exchange 4"),
        ("Escape", "#endpoint=chat", "4", None),
    ]


def test_a_row_is_opened_by_the_mouse_and_left_by_the_way_back(page, mixed):
    show(page, mixed, rows=5)
    page.click("tr[data-number='3'] .asked")
    page.until("document.querySelector('#detail h2')")
    there = shown(page)
    page.value("history.back()")
    page.until("document.getElementById('detail').hidden")
    assert (there, shown(page)) == ("#exchange=3", "")


def test_one_stop_of_the_tabulator_leads_into_the_table(page, mixed):
    show(page, mixed, rows=5)
    assert page.value("[...document.querySelectorAll('#rows a')].filter((link) => link.tabIndex === 0).length") == 1
    page.value("document.getElementById('reset').focus()")
    page.press("Tab").press("Enter")
    page.until("document.querySelector('#detail h2')")
    assert shown(page) == "#exchange=5"


def test_an_exchange_that_is_not_there_is_told(page, server):
    show(page, server, "#exchange=99")
    page.until("document.querySelector('#detail .hint')")
    assert text(page, "#detail .hint") == "Exchange 99 is not here: it has not come yet, or is too old to be kept."


def test_a_test_has_a_journal_of_its_own(page, server):
    ask(server, "hello")
    for name in "ab":
        ask(server, f"hello {name}", f"x-kaizen-test: {name}")
    show(page, server, rows=1)
    page.until("document.getElementById('test').options.length === 3")
    options = page.value("[...document.getElementById('test').options].map((option) => option.innerText)")
    page.value("(it => { it.value = 'b'; it.dispatchEvent(new Event('input')) })(document.getElementById('test'))")
    page.until(f"{ROWS}[0]?.asked === 'hello b'")
    assert (options, shown(page), len(page.value(NUMBERS))) == (["none: the server itself", "a", "b"], "#test=b", 1)


def test_journals_of_tests_are_pointed_out_where_there_is_nothing_else(page, server):
    ask(server, "hello", "x-kaizen-test: mine")
    show(page, server, rows=0)
    page.until("document.getElementById('nothing').textContent.endsWith(': choose one above.')")
    assert text(page, "#nothing").endswith(" 1 test has a journal of its own: choose one above.")


def test_a_page_that_is_paused_stays_as_it_is_until_it_goes_on(page, server):
    ask(server, "hello")
    show(page, server, rows=1).value(
        "{ window.asked = []; const real = fetch; window.fetch = (...of) => { asked.push(of[0]); return real(...of) } }"
    )
    page.until("asked.some((path) => path.includes('wait='))")
    page.click("#pause")
    ask(server, "hello")
    ask(server, "data")
    page.value("fetch('journal').then((answer) => answer.text()).then(() => new Promise(requestAnimationFrame))")
    paused = (page.value(NUMBERS), text(page, "#state"), text(page, "#pause"))
    page.click("#pause")
    page.until(f"{NUMBERS}.length === 3")
    assert (paused, text(page, "#state"), text(page, "#pause")) == (([1], "paused", "Resume"), "live", "Pause")


def test_a_reset_is_asked_about_and_then_done(page, server):
    ask(server, "busy")
    show(page, server, "#exchange=1", rows=1).click("#reset").click("#really button[value=no]")
    page.until("!document.getElementById('really').open")
    kept = len(server.fake("").journal)
    page.click("#reset").click("#really button[value=yes]")
    page.until(f"{NUMBERS}.length === 0")
    assert (kept, len(server.fake("").journal), shown(page)) == (1, 0, "")
    ask(server, "busy")
    page.until(f"{NUMBERS}.length === 1")
    assert page.value(ROWS)[0]["outcome"] == "fault: rate_limit"


def test_a_reset_is_of_the_journal_that_is_shown(page, server):
    ask(server, "hello")
    ask(server, "hello", "x-kaizen-test: mine")
    show(page, server, "#test=mine", rows=1).click("#reset")
    whose = text(page, "#really-whose")
    page.click("#really button[value=yes]").until(f"{NUMBERS}.length === 0")
    kept = [len(server.fake(name).journal) for name in ("", "mine")]
    assert (whose, kept, shown(page)) == ("Those of the test mine.", [1, 0], "#test=mine")


def test_a_reset_by_somebody_else_is_seen(page, server):
    ask(server, "hello")
    ask(server, "data")
    show(page, server, rows=2)
    control(server, "/reset", method="POST")
    page.until(f"{NUMBERS}.length === 0")


def test_a_server_with_a_key_is_shown_to_those_who_have_it(page):
    with FakeLLM().otherwise("hi").serve(api_key="sk-the-right-key") as server:
        ask(server, "hello", "authorization: Bearer sk-the-right-key")
        show(page, server)
        without = [text(page, part) for part in ("#state", "#count", "#nothing", "#why-locked")]
        focused = page.value("document.activeElement.id")
        page.write("wrong").press("Enter")
        page.until("document.getElementById('why-locked').textContent === 'The server refuses this key.'")
        page.write("sk-the-right-key").press("Enter")
        page.until(f"{NUMBERS}.length === 1")
        page.value("location.hash = '#exchange=1'")
        page.until("document.querySelector('#detail h2')")
        everything = page.value("document.documentElement.outerHTML + location + JSON.stringify(localStorage)")
        kept, state = page.value("JSON.stringify(sessionStorage)"), text(page, "#state")
    assert without == ["needs a key", "", "", "This server needs the key that it was started with."]
    assert focused == "key"
    assert (state, "right-key" in everything) == ("live", False)
    assert json.loads(kept) == {"kaizen-api-key": "sk-the-right-key"}


def test_a_server_that_is_gone_is_told_and_found_again(page):
    with scripted().serve() as first:
        for _ in range(3):
            ask(first, "hello")
        show(page, first, rows=3)
        port = urlsplit(first.url).port
    page.until("document.getElementById('state').textContent === 'disconnected, trying again'")
    assert page.value(NUMBERS) == [3, 2, 1]
    other = scripted()
    with other.serve() as elsewhere:
        for _ in range(5):
            ask(elsewhere, "data")
    with other.serve(port=port):
        page.until(f"document.getElementById('state').dataset.state === 'live' && {NUMBERS}.length === 5")
        assert {row["asked"] for row in page.value(ROWS)} == {"data"}


def test_the_page_keeps_the_last_500_and_says_so(page, server):
    with wire(server) as connection:
        for _ in range(505):
            connection.send(chat("hello")).response()
    show(page, server, rows=500)
    assert (page.value(NUMBERS), text(page, "#count")) == (
        list(range(505, 5, -1)),
        "the last 500 of 505 exchanges",
    )
    ask(server, "data")
    page.until(f"{NUMBERS}[0] === 506")
    assert (page.value(NUMBERS)[-1], text(page, "#count")) == (7, "the last 500 of 506 exchanges")


def test_what_has_not_changed_is_not_drawn_again(page, server):
    with wire(server) as connection:
        for _ in range(50):
            connection.send(chat("hello")).response()
    show(page, server, rows=50)
    page.value(
        "window.touched = []; new MutationObserver((all) => touched.push(...all.map((one) => one.target.nodeName + "
        "(one.target.dataset?.number ?? '')))).observe(document.getElementById('rows'), "
        "{subtree: true, childList: true, characterData: true, attributeFilter: ['hidden', 'data-kind']})"
    )
    ask(server, "data")
    page.until(f"{NUMBERS}.length === 51")
    assert page.value("touched.filter((name) => name !== 'TBODY')") == []
    assert page.value("touched.length") <= 2


def line_for_the_shell(page: Page) -> list[str]:
    line = page.until("document.querySelector('[data-name=\"Ask it again with curl\"] pre')?.textContent")
    return shlex.split(line)


def test_a_request_can_be_asked_again_from_the_shell_without_its_key(page, server):
    asked = 'it\'s $HOME `x` \\ "quoted"\nhello'
    ask(server, asked, session("s"), "authorization: Bearer sk-secret")
    show(page, server, "#exchange=1", rows=1)
    body = {"model": "fake", "messages": [{"role": "user", "content": asked}]}
    command, url, *flags, data = line_for_the_shell(page)
    assert (command, url, flags, json.loads(data)) == (
        "curl",
        f"{server.base_url}/chat/completions",
        ["-H", "content-type: application/json", "-H", 'x-kaizen-session: "s"', "-d"],
        body,
    )


def test_a_line_for_the_shell_names_the_test_and_where_the_key_goes(page):
    key = "sk-the-right-key"
    with FakeLLM().serve(api_key=key) as server:
        ask(server, "hello", f"authorization: Bearer {key}", "x-kaizen-test: mine")
        show(page, server, "#exchange=1&test=mine").write(key).press("Enter")
        flags = [word for word in line_for_the_shell(page)[2:-2] if word != "-H"]
    assert flags == [
        "content-type: application/json",
        "x-kaizen-test: mine",
        "authorization: Bearer $OPENAI_API_KEY",
    ]


def test_what_cannot_be_asked_again_has_no_line_for_the_shell(page, server):
    with wire(server) as connection:
        connection.send(get("/v1/models")).response()
    show(page, server, "#exchange=1", rows=1)
    assert lines(page, "#detail summary") == [["Rules that came near (3)"], ["Headers"], ["Raw journal entry"]]


SENT = {"model": "fake", "messages": [{"role": "user", "content": "hello"}]}


def copied(page: Page) -> str:
    """What the button says."""
    page.click("[data-name='Raw request'] summary").click("[data-name='Raw request'] button")
    return page.until("document.querySelector('[data-name=\"Raw request\"] [role=status]').textContent")


def test_a_request_is_copied_by_a_button(page, server):
    ask(server, "hello")
    show(page, server, "#exchange=1", rows=1)
    page.value("navigator.clipboard.writeText = async (text) => { window.clipped = text }")
    assert (copied(page), json.loads(page.value("clipped"))) == ("Copied.", SENT)


def test_where_a_page_may_not_copy_the_text_is_selected(page, server):
    ask(server, "hello")
    show(page, server, "#exchange=1", rows=1)
    page.value("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    assert copied(page) == "Selected: press Ctrl+C or ⌘C."
    assert json.loads(page.value("String(getSelection())")) == SENT


def test_what_was_unfolded_stays_so_when_the_exchange_goes_on(page, holding):
    fake, server, may_end = holding
    with wire(server) as asking:
        asking.send(chat("hold"))
        until(fake.journal, len)
        show(page, server, "#exchange=1", rows=1).click("[data-name='Raw request'] summary")
        may_end.set()
        page.until("document.querySelector('#detail .reply .text')")
    open_ = page.value("[...document.querySelectorAll('#detail details[open]')].map((fold) => fold.dataset.name)")
    assert open_ == ["Raw request"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(page, mixed, scheme):
    page.look_at(width=1900, scheme=scheme)
    for number in range(1, 6):
        show(page, mixed, f"#exchange={number}", rows=5)
        page.until(f"document.querySelector('#detail h2')?.innerText.startsWith('Exchange {number} ')")
        page.value("for (const fold of document.querySelectorAll('details')) fold.open = true")
        assert page.value(CONTRASTS) == []


def test_light_and_dark_are_the_readers(page, server):
    show(page, server)
    backs = [
        page.look_at(scheme=scheme).value("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    ]
    assert backs == ["rgb(255, 255, 255)", "rgb(16, 21, 27)"]


def test_a_narrow_page_is_not_wider_than_its_window(page, mixed):
    widths = []
    for fragment, part in (("", "list"), ("#exchange=2", "detail")):
        show(page.look_at(width=400), mixed, fragment, rows=5)
        page.until(f"document.getElementById('{part}').checkVisibility()")
        widths.append(
            page.value(
                "[document.documentElement, ...document.querySelectorAll('#list, #detail')]"
                ".filter((it) => it.checkVisibility()).map((it) => it.id + it.scrollWidth)"
            )
        )
    assert widths == [["400", "list400"], ["400", "detail400"]]


def test_in_a_narrow_page_the_reader_is_led_to_the_exchange_and_back(page, mixed):
    show(page.look_at(width=400), mixed, rows=5).click("tr[data-number='2'] .asked")
    there = page.until("document.activeElement.id")
    page.press("Escape")
    assert (there, page.value("document.activeElement.innerText")) == ("detail", "2")


def test_everything_that_is_used_has_a_name(page, mixed):
    show(page, mixed, "#exchange=1", rows=5)
    page.until("document.querySelector('#detail h2')")
    tree = page.ask("Accessibility.getFullAXTree")["nodes"]
    used = [node for node in tree if node.get("role", {}).get("value") in USED and not node["ignored"]]
    assert len(used) > 20
    assert [node["role"]["value"] for node in used if not node["name"]["value"].strip()] == []


def test_what_changes_is_announced_without_haste(page, server):
    show(page, server)
    tree = {node["nodeId"]: node for node in page.ask("Accessibility.getFullAXTree")["nodes"] if not node["ignored"]}
    live = [
        next(one["value"]["value"] for one in node["properties"] if one["name"] == "live")
        for node in tree.values()
        if any(one["name"] == "live" for one in node.get("properties", []))
    ]
    assert set(live) == {"polite"}
