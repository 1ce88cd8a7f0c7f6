"""Orders and their life."""

from __future__ import annotations

import enum
import itertools
from dataclasses import dataclass, field

from ..catalog import Product
from ..money import Money
from ..pricing import Discount, Percentage, quote

_numbers = itertools.count(1)


class Status(enum.StrEnum):
    OPEN = enum.auto()
    PAID = enum.auto()
    SHIPPED = enum.auto()
    CANCELLED = enum.auto()

    def next(self) -> Status:
        return {Status.OPEN: Status.PAID, Status.PAID: Status.SHIPPED}.get(self, self)


@dataclass(frozen=True, slots=True)
class Line:
    product: Product
    count: int = 1

    def price(self) -> Money:
        return self.product.gross() * self.count


@dataclass
class Order:
    """What one customer wants; its number is given at creation."""

    country: str
    lines: list[Line] = field(default_factory=list)
    status: Status = Status.OPEN
    discount: Discount = field(default_factory=lambda: Percentage(0))
    number: int = field(default_factory=lambda: next(_numbers))

    def add(self, product: Product, count: int = 1) -> Order:
        line = Line(product, count)
        self.lines.append(line)
        return self

    @property
    def total(self) -> Money:
        return quote([line.price() for line in self.lines], self.country, self.discount)

    def advance(self) -> None:
        self.status = self.status.next()
