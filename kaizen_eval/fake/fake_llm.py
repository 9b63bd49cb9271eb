"""FakeLLM: the deterministic model that tests script, ask and look at."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self, Unpack

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.desk.desk import Desk
from kaizen_eval.fake.faults.base import Fault
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.journal.exchange import Exchange
from kaizen_eval.fake.journal.journal import Journal
from kaizen_eval.fake.limits.rate_limits import NO_LIMITS, RateLimits
from kaizen_eval.fake.real_clock import RealClock
from kaizen_eval.fake.script.matchers import Matchers, NameMatcher
from kaizen_eval.fake.script.matching import ANY, conditions
from kaizen_eval.fake.script.script import Per, Rule, Script, action_of
from kaizen_eval.fake.script.text_match import TextMatcher
from kaizen_eval.fake.timing.latency import NO_LATENCY, AnyLatency, Latency
from kaizen_eval.llm.wire import check_whole
from kaizen_eval.messages import ChatDelta, ChatReply, ChatRequest
from kaizen_eval.resilience.clock import VirtualClock, current_clock

if TYPE_CHECKING:
    from kaizen_eval.fake.doors.sdk import SdkDoor
    from kaizen_eval.fake.doors.transport import FakeTransport
    from kaizen_eval.fake.front.front import Front
    from kaizen_eval.fake.journal.wanted_calls import Order, ToolMatcher
    from kaizen_eval.fake.script.builder import Handle, When
    from kaizen_eval.fake.server.running import Serving

__all__ = ["FakeLLM"]

_MODEL = "fake"


class FakeLLM:
    """A Provider without a network; may be shared by threads and event loops.

    Without any rule it makes replies that fit the request's JSON Schema. Once a rule replies, a request that no rule
    is for raises ScriptMiss.

    What a conversation asks again gets another made reply; after 100,000 other questions, its first one again.

    Args:
        seed: of generated replies.
        model: the name it goes by where a request names none.
        latency: a Latency, seconds to a reply, or a profile such as "typical"; on the event loop's clock.
        keep: how many exchanges the journal keeps, the latest; None keeps all.
        rate_limits: what each model may be asked per minute, on the event loop's clock.
        real_ids: whether replies have other ids each time and the real time, as a service's have.
    """

    name = "fake"

    def __init__(  # noqa: PLR0913 - all that makes one fake another
        self,
        *,
        seed: int = 0,
        model: str | None = None,
        latency: AnyLatency | None = None,
        keep: int | None = None,
        rate_limits: RateLimits = NO_LIMITS,
        real_ids: bool = False,
    ) -> None:
        self.model = model or _MODEL
        pace = NO_LATENCY if latency is None else Latency.of(latency)
        self._desk = Desk(seed=seed, latency=pace, keep=keep, rate_limits=rate_limits)
        self._desk.real_ids = real_ids
        self._real_clock = RealClock()

    def __repr__(self) -> str:
        rules, exchanges = len(self._desk.script.rules), len(self.journal)
        return f"FakeLLM(seed={self._desk.seed}, {rules} rules, {exchanges} exchanges)"

    async def complete(self, request: ChatRequest) -> ChatReply:
        """One attempt, through the door "direct"."""
        from kaizen_eval.fake.doors import direct  # noqa: PLC0415 - a server starts without it

        check_whole(request)
        asked = direct.as_sent(request, model=self.model)
        direct.check(asked, self._desk)
        opened = self._desk.open(Inquiry(request=asked))
        opened.door = "direct"
        try:
            return await direct.receive(await self._desk.outcome(opened), opened)
        except BaseException as error:
            self._desk.close(opened, error)
            raise
        finally:
            self._desk.close(opened)

    def stream(self, request: ChatRequest) -> AsyncGenerator[ChatDelta, None]:
        """One attempt, part by part, through the door "direct"."""
        from kaizen_eval.fake.doors import direct  # noqa: PLC0415 - a server starts without it

        return direct.stream(self._desk, request, model=self.model)

    async def aclose(self) -> None:
        """There is nothing to free."""

    def sdk(self) -> SdkDoor:
        """The door "sdk": the same fake under the real OpenAI SDK."""
        from kaizen_eval.fake.doors.sdk import SdkDoor  # noqa: PLC0415 - loads the SDK

        return SdkDoor(self._desk, model=self.model)

    def transport(self) -> FakeTransport:
        """For an OpenAI client, or any other httpx2 client, of one's own."""
        from kaizen_eval.fake.doors.transport import FakeTransport  # noqa: PLC0415 - loads the HTTP client

        return FakeTransport(self._desk, model=self.model)

    def front(self, *, api_key: str | None = None) -> Front:
        """For a door of one's own: HTTP requests in, what the client meets out."""
        from kaizen_eval.fake.front.front import Front  # noqa: PLC0415 - loads all endpoints

        return Front(self._desk, model=self.model, api_key=api_key)

    def serve(self, *, host: str = "127.0.0.1", port: int = 0, **settings: Any) -> Serving[FakeLLM]:
        """The door "server": `with fake.serve() as server:` answers at `server.base_url` clients in any language.

        Args:
            host: where to listen; anything but a loopback address needs an `api_key`.
            port: 0 takes a free one.
            settings: as in `ServerSettings`: api_key, speed, max_body …
        """
        from kaizen_eval.fake.server.running import serving  # noqa: PLC0415 - loads the HTTP parser

        return serving(self, host=host, port=port, **settings)

    def like_new(self) -> FakeLLM:
        """Another fake that begins with the same rules, none of them used, and with an empty journal."""
        fake = FakeLLM(model=self.model)
        fake._desk = self._desk.like_new()
        return fake

    def when(self, **matchers: Unpack[Matchers]) -> When[Self]:
        """A rule for requests that meet all of these; `.reply(…)`, `.steps(…)` or `.fail(…)` says what comes of them.

        Args:
            **matchers: `user`, `system`, `model`, `endpoint`, `turn`, `nth`, `tool`, `tool_result`, `session`, `state`,
                `stream`, `header`, `json`, `probability`, `predicate`; what each takes stands in `Matchers`. An
                agent's user message holds each input as a line "name: value", so that a field's name is in every
                request.

        Raises:
            ScriptError: an unknown one, with a suggestion; or what can never match.
        """
        from kaizen_eval.fake.script.builder import When  # noqa: PLC0415 - a server without a script starts without it

        return When(self, self._script(), conditions(matchers))

    def fail(self, fault: Fault | type[Fault] | str, **details: Any) -> Handle[Self]:
        """Do this wrong with any request; as `.when().fail(…)`."""
        return self.when().fail(fault, **details)

    def script(self, sayings: Iterable[Any], *, per: Per = "all") -> Self:
        """One after the other, each once, whatever is asked: what `.reply()` takes, or faults.

        Args:
            sayings: in order.
            per: "all" says them once in all, "conversation" to each conversation.
        """
        if isinstance(sayings, str | bytes | dict) or not isinstance(sayings, Iterable):
            raise ScriptError(f".script() takes a list of replies and faults, not {sayings!r}.")
        actions = [action_of(saying, where=f".script()[{place}]") for place, saying in enumerate(sayings)]
        script = self._script()
        for place, action in enumerate(actions):
            script.limit(script.add(Rule(ANY, action, f"script[{place}]")), 1, per)
        return self

    def otherwise(self, reply: Any) -> Self:
        """What comes of requests that no rule is for: what `.reply()` takes, or a fault. The last one given counts."""
        self._script().say_otherwise(action_of(reply, where=".otherwise()"))
        return self

    def load(self, path: str | Path) -> Self:
        """Append the rules of a script file, YAML or JSON; its seed, latency and `otherwise`, if it has them, count.

        Raises:
            ScriptError: naming the place of everything that is wrong in it.
            OSError: it cannot be read.
        """
        from kaizen_eval.fake.script_file.loading import load  # noqa: PLC0415 - loads the reader of YAML

        loaded = load(path)
        script = self._script()
        loaded.add_to(script)
        self._desk.use(script, seed=loaded.seed, latency=loaded.latency)
        return self

    @classmethod
    def from_file(
        cls,
        path: str | Path,
        *,
        seed: int | None = None,
        model: str | None = None,
        latency: AnyLatency | None = None,
        keep: int | None = None,
    ) -> Self:
        """A fake with the script of a file; what is given here goes before what the file says.

        Raises:
            ScriptError: naming the place of everything that is wrong in it.
            OSError: it cannot be read.
        """
        from kaizen_eval.fake.script_file.loading import load  # noqa: PLC0415 - loads the reader of YAML

        loaded = load(path)
        first_seed = 0 if loaded.seed is None else loaded.seed
        fake = cls(
            seed=first_seed if seed is None else seed,
            model=model,
            latency=loaded.latency if latency is None else latency,
            keep=keep,
        )
        loaded.add_to(fake._desk.script)
        return fake

    def check_script(self) -> None:
        """Refuse, with a ScriptError, a `.when(…)` that says nothing; the next rule and the next request do so, too."""
        self._script()

    def reset(self) -> None:
        """Forget rules, exchanges and misses: as new, also behind doors that are open."""
        self._desk.reset()
        self._real_clock = RealClock()

    def forgive_misses(self) -> None:
        """Misses are expected, and requests that it does not speak: none so far or to come fails the test by itself."""
        self._desk.forgive()

    @property
    def clock(self) -> VirtualClock | RealClock:
        """`.now` and `.elapsed` in seconds: of the virtual clock in use, else really since this fake was made."""
        return current_clock() or self._real_clock

    @property
    def journal(self) -> Journal:
        return self._desk.journal

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The journal's."""
        return self.journal.exchanges

    @property
    def requests(self) -> tuple[ChatRequest, ...]:
        """The journal's."""
        return self.journal.requests

    @property
    def waits(self) -> tuple[float, ...]:
        """The journal's: seconds between attempts."""
        return self.journal.waits

    def assert_calls(self, number: int) -> None:
        """So many calls were made; the attempts of one call count once."""
        __tracebackhide__ = True
        _assertions().calls(self.journal, number)

    def assert_attempts(self, number: int) -> None:
        """So many requests came, those that failed included and those that were refused left out."""
        __tracebackhide__ = True
        _assertions().attempts(self.journal, number)

    def assert_outcomes(self, *outcomes: str) -> None:
        """These are the outcomes of all exchanges, in order: "reply", a fault's name, "miss", "refused" and so on."""
        __tracebackhide__ = True
        _assertions().outcomes(self.journal, outcomes)

    def assert_asked(self, wanted: TextMatcher, *, session: str | None = None) -> None:
        """Some request's last user message holds this: a part, a pattern, or a predicate on the text."""
        __tracebackhide__ = True
        _assertions().asked(self.journal, wanted, session)

    def assert_not_asked(self, unwanted: TextMatcher, *, session: str | None = None) -> None:
        """No message of any request holds this, whoever speaks."""
        __tracebackhide__ = True
        _assertions().not_asked(self.journal, unwanted, session)

    def assert_waited(self, *seconds: float) -> None:
        """These are the waits between attempts, all of them, in order, exact to the microsecond."""
        __tracebackhide__ = True
        _assertions().waited(self.journal, seconds)

    def assert_sessions_isolated(self) -> None:
        """No request holds a text that another session asked, was answered or was told by a tool."""
        __tracebackhide__ = True
        _assertions().sessions_isolated(self.journal)

    def assert_tools_called(
        self,
        calls: Iterable[ToolMatcher],
        *,
        order: Order = "exact",
        session: NameMatcher | None = None,
        agent: NameMatcher | None = None,
    ) -> None:
        """The model called these tools; attempts that failed do not count, nor does it matter what came of the calls.

        Args:
            calls: names, patterns, or (name, arguments).
            order: "exact": these, in this order, and no others. "subset": these, in this order; others may stand
                before, between and after them. "any": each of these, in whatever order; others may be there.
            session: in this session alone, agents that its runs ask as tools included.
            agent: of the agent with this id alone.
        """
        __tracebackhide__ = True
        _assertions().tools_called(self.journal, calls, order, session, agent)

    def assert_tool_not_called(
        self, call: ToolMatcher, *, session: NameMatcher | None = None, agent: NameMatcher | None = None
    ) -> None:
        """The model did not call this tool, or not with such arguments."""
        __tracebackhide__ = True
        _assertions().tool_not_called(self.journal, call, session, agent)

    def assert_not_called_before(
        self,
        call: ToolMatcher,
        first: ToolMatcher,
        *,
        session: NameMatcher | None = None,
        agent: NameMatcher | None = None,
    ) -> None:
        """In no session, and no run without one, the model called `call` before it had called `first`."""
        __tracebackhide__ = True
        _assertions().not_called_before(self.journal, call, first, session, agent)

    def _script(self) -> Script:
        """The script, fit to go on with."""
        self._desk.script.check()
        return self._desk.script


def _assertions() -> ModuleType:
    from kaizen_eval.fake.journal import assertions  # noqa: PLC0415 - a server that nobody judges starts without them

    return assertions
