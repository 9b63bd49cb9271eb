"""The agents with tools under test: a travel desk, and a newsroom in which agents ask agents."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel

from kaizen_eval import BaseAgent, InputField, OutputField, Signature, Tool

__all__ = [
    "ArticleSignature",
    "Desk",
    "EditorAgent",
    "FactSignature",
    "Flight",
    "Passenger",
    "ReporterAgent",
    "TravelAgent",
    "TripSignature",
    "newsroom",
]


# --- a travel desk ----------------------------------------------------------------------------------------------------


class Passenger(BaseModel):
    name: str
    age: int


@dataclass(frozen=True)
class Flight:
    number: str
    day: dt.date
    seats: int


class TripSignature(Signature):
    """Book what the traveller wants, and say what was booked."""

    wish: str = InputField(description="What the traveller wants")
    answer: str = OutputField(description="What was done, in one sentence")
    booked: bool = OutputField()


@dataclass
class Desk:
    """Where flights are looked up and booked; it keeps what it was asked."""

    asked: list[str] = field(default_factory=list)
    booked: list[tuple[str, str]] = field(default_factory=list)
    seconds: float = 0.0
    """How long a search takes."""

    async def search_flights(self, to: str, day: dt.date, cabin: Literal["economy", "business"] = "economy") -> Any:
        """Find flights.

        Args:
            to: the airport's code.
            day: of departure.
            cabin: where to sit.
        """
        self.asked.append(f"{to} {day:%d.%m.} {cabin}")
        await asyncio.sleep(self.seconds)
        return [Flight(f"{to}-1", day, 3), Flight(f"{to}-2", day, 0)]

    def book(self, flight: str, passenger: Passenger) -> str:
        """Book one seat."""
        if flight.endswith("-2"):
            raise ValueError(f"{flight} is full")
        self.booked.append((flight, passenger.name))
        return f"booked {flight} for {passenger.name}"

    def weather(self, city: str) -> dict[str, Any]:
        """Say how the weather is."""
        self.asked.append(f"weather in {city}")
        return {"city": city, "degrees": 21, "windy": False}


class TravelAgent(BaseAgent):
    """Its tools are the desk's, of which booking is done once at most for each call."""

    signature = TripSignature

    def __init__(self, desk: Desk, config: object = None, **parts: Any) -> None:
        self.desk = desk
        tools = [desk.search_flights, Tool(desk.book, idempotent=False), desk.weather]
        super().__init__(config, **{"tools": tools, **parts})

    def travel(self, wish: str, session_id: str | None = None) -> Mapping[str, Any]:
        return self.run(wish=wish, session_id=session_id)


# --- a newsroom -------------------------------------------------------------------------------------------------------


class ArticleSignature(Signature):
    """Write the article. Ask the reporter for facts."""

    subject: str = InputField()
    article: str = OutputField()


class FactSignature(Signature):
    """Find one fact."""

    topic: str = InputField(description="What it shall be about")
    fact: str = OutputField()


class ReporterAgent(BaseAgent):
    signature = FactSignature


class EditorAgent(BaseAgent):
    signature = ArticleSignature

    def write(self, subject: str, session_id: str | None = None) -> Mapping[str, Any]:
        return self.run(subject=subject, session_id=session_id)


def newsroom(config: Mapping[str, Any] | None = None, reporter: Mapping[str, Any] | None = None) -> EditorAgent:
    """An editor whose tool is a reporter, each with its own settings."""
    asked = ReporterAgent({"model": "gpt-4", **(reporter or {})}, agent_id="reporter")
    return EditorAgent({"model": "gpt-4", **(config or {})}, tools=[asked.as_tool()], agent_id="editor")
