"""The types of which generated signatures are made, beside Python's own."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass
from decimal import Decimal

from pydantic import BaseModel

__all__ = ["Address", "Color", "Line", "Order", "Person", "Point"]


class Color(enum.Enum):
    RED = "red"
    GREEN = "green"
    BLUE = "blue"


@dataclass
class Point:
    x: float
    y: float = 0.0


class Address(BaseModel):
    street: str
    city: str
    country: str = "NO"


class Person(BaseModel):
    name: str
    born: dt.date | None = None
    addresses: list[Address] = []


class Line(BaseModel):
    item: str
    count: int = 1


class Order(BaseModel):
    buyer: Person
    lines: list[Line]
    total: Decimal = Decimal(0)
