"""The agents under test: what a team would write with this package, and nothing that knows of tests."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, Literal

from pydantic import BaseModel

from kaizen_eval import BaseAgent, InputField, OutputField, Signature
from kaizen_eval.errors import RunError
from kaizen_eval.strategies import Strategy

__all__ = [
    "AnalysisAgent",
    "AnalysisSignature",
    "BatchAgent",
    "CalmAgent",
    "CalmStrategy",
    "ChatAgent",
    "ChatSignature",
    "Customer",
    "ForgivingAgent",
    "InsightAgent",
    "InsightSignature",
    "MemoryConfig",
    "MeteredAgent",
    "PersistentAgent",
    "QAAgent",
    "QASignature",
    "SearchAgent",
    "SearchSignature",
    "SortingSignature",
    "TicketSignature",
    "TimeBoxedAgent",
    "Urgency",
    "ValidatedAgent",
    "give_up_after",
]

Result = Mapping[str, Any]


# --- execution signatures ---------------------------------------------------------------------------------------------


class QASignature(Signature):
    """Answer in one sentence."""

    question: str = InputField(description="What somebody wants to know")
    answer: str = OutputField(description="One sentence")


class QAAgent(BaseAgent):
    signature = QASignature

    def ask(self, question: str) -> Result:
        return self.run(question=question)


class AnalysisSignature(Signature):
    """Say what the text is about."""

    text: str = InputField(description="What to read")
    context: str = InputField(description="Where it comes from", default="")
    mode: str = InputField(description="How deep to go", default="standard")
    analysis: str = OutputField(description="What it is about")


class AnalysisAgent(BaseAgent):
    signature = AnalysisSignature

    def analyze(self, text: str, context: str = "", mode: str = "standard") -> Result:
        return self.run(text=text, context=context, mode=mode)


class SearchSignature(Signature):
    """Suggest where to look."""

    query: str = InputField(description="What to look for")
    filters: dict = InputField(description="What to leave out", default=None)


class SearchAgent(BaseAgent):
    """Its signature declares no output: the whole reply is the `response`."""

    signature = SearchSignature

    def search(self, query: str, filters: dict[str, Any] | None = None) -> Result:
        if filters:
            return self.run(query=query, filters=filters)
        return self.run(query=query)


class Urgency(Enum):
    LOW = "low"
    HIGH = "high"


class Customer(BaseModel):
    name: str
    since: date | None = None


class TicketSignature(Signature):
    """Route a customer's message."""

    message: str = InputField(min_length=1)
    customer: Customer = InputField(default=None)
    attempts: int = InputField(ge=0, le=99, default=0)
    weights: dict[str, float] = InputField(default_factory=dict)

    queue: Literal["billing", "technical", "other"] = OutputField()
    urgency: Urgency = OutputField()
    confidence: float = OutputField(ge=0, le=1)
    tags: list[str] = OutputField(max_length=5)
    due: date = OutputField(default=None)


# --- result handling --------------------------------------------------------------------------------------------------


class InsightSignature(Signature):
    """Summarize the data, and say how sure you are."""

    data: str = InputField(description="What to summarize")
    summary: str = OutputField()
    confidence: float = OutputField(ge=0, le=1, default=0.5)
    keywords: list[str] = OutputField(default=[])


class InsightAgent(BaseAgent):
    signature = InsightSignature

    def process(self, data: str) -> Result:
        result = self.run(data=data)
        return {
            "summary": result["summary"],
            "confidence": result.get("confidence", 0.0),
            "keywords": self.extract_list(result, "keywords", default=[]),
            "sources": self.extract_list(result, "sources", default=["none"]),
        }


class ForgivingAgent(BaseAgent):
    """Turns what goes wrong into rows for its caller: bad input, out of time, anything else of the run."""

    signature = InsightSignature

    def process_with_errors(self, **inputs: Any) -> Result:
        try:
            return self.run(**inputs)
        except ValueError as error:
            return {"error": "bad input", "details": str(error)}
        except TimeoutError as error:
            return {"error": "out of time", "details": str(error)}
        except RunError as error:
            return {"error": "failed", "details": str(error)}


# --- memory -----------------------------------------------------------------------------------------------------------


@dataclass
class MemoryConfig:
    llm_provider: str = "openai"
    model: str = "gpt-4"
    max_turns: int = 10


class ChatSignature(Signature):
    """Talk with the user."""

    message: str = InputField()
    reply: str = OutputField()


class ChatAgent(BaseAgent):
    signature = ChatSignature

    def chat(self, message: str, session_id: str) -> Result:
        return self.run(message=message, session_id=session_id)

    def conversation(self, messages: list[str], session_id: str) -> list[Result]:
        return [self.chat(message, session_id) for message in messages]


# --- strategies and batches -------------------------------------------------------------------------------------------


class CalmStrategy(Strategy):
    """Lowers the voice of the question and of the answer."""

    async def execute(self, signature: type[Signature], inputs: Result, config: Any) -> dict[str, Any]:
        outputs = await self.llm_call(signature, self.preprocess(inputs), config)
        return self.postprocess(outputs)

    def preprocess(self, inputs: Result) -> dict[str, Any]:
        return {**inputs, "question": inputs["question"].lower()}

    def postprocess(self, result: Result) -> dict[str, Any]:
        return {**result, "answer": result["answer"].lower()}


class CalmAgent(BaseAgent):
    def __init__(self, config: object = None) -> None:
        super().__init__(config=config, signature=QASignature(), strategy=CalmStrategy())

    def ask(self, question: str) -> Result:
        return self.run(question=question)


class SortingSignature(Signature):
    """Give the item a label."""

    item: str = InputField()
    label: str = OutputField()


class BatchAgent(BaseAgent):
    signature = SortingSignature

    def batch_process(self, items: list[str]) -> list[Result]:
        return [self.run(item=item) for item in items]

    async def batch_process_async(self, items: list[str]) -> list[Result]:
        return await asyncio.gather(*map(self._process_one_async, items))

    async def _process_one_async(self, item: str) -> Result:
        return await self.strategy.execute(self.signature, {"item": item}, self.config)


# --- performance tracking ---------------------------------------------------------------------------------------------


class MeteredAgent(BaseAgent):
    signature = InsightSignature

    def process_with_metrics(self, data: str) -> Result:
        result = self.run(data=data)
        print(f"{result['_timing']} ms, {result['_tokens']['total']} tokens, ${result['_cost']:.4f}")  # noqa: T201 - the guide's agent prints
        return result

    def process_with_custom_tracking(self, data: str, *, clock: Callable[[], float] = time.time) -> Result:
        """`clock` gives seconds; a test hands in the virtual one."""
        started = clock()
        result = self.run(data=data)
        result["custom_duration_ms"] = (clock() - started) * 1000
        self._log_metrics({"duration_ms": result["custom_duration_ms"], "success": True, "data_size": len(data)})
        return result


# --- common patterns --------------------------------------------------------------------------------------------------


class PersistentAgent(BaseAgent):
    """Tries a whole run again, around the attempts that every run makes by itself."""

    signature = InsightSignature

    def process_with_retry(
        self, data: str, max_retries: int = 3, *, sleep: Callable[[float], None] = time.sleep
    ) -> Result:
        """`sleep` takes seconds; a test hands in one that does not wait."""
        for attempt in range(max_retries - 1):
            try:
                return self.run(data=data)
            except RunError:
                sleep(2**attempt)
        return self.run(data=data)


@contextmanager
def give_up_after(seconds: int) -> Iterator[None]:
    """Raise TimeoutError in the main thread when the block takes longer."""

    def ring(number: int, frame: object) -> None:
        raise TimeoutError(f"not done after {seconds} s")

    previous = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)


class TimeBoxedAgent(BaseAgent):
    signature = InsightSignature

    def process_with_timeout(self, data: str, timeout_sec: int = 30) -> Result:
        with give_up_after(timeout_sec):
            return self.run(data=data)


class ValidatedAgent(BaseAgent):
    """Looks at its input before the run and at its output after it."""

    signature = InsightSignature

    def process_with_validation(self, data: str) -> Result:
        if len(data) < 10:
            raise ValueError(f"data needs at least 10 characters, not {len(data)}.")
        result = self.run(data=data)
        if result["confidence"] < 0.5:
            result["warning"] = "low confidence"
        return result
