"""Prices: tax, shipping and discounts."""

from abc import ABC, abstractmethod
from decimal import Decimal

from .constants import *
from .money import Money, total


def add_tax(net: Money, country: str) -> Money:
    """The gross price in `country`; unknown countries pay no tax."""
    return net * (1 + VAT.get(country, Decimal(0)))


def shipping(subtotal: Money, country: str) -> Money:
    if subtotal.amount >= FREE_SHIPPING_FROM:
        return Money.zero(subtotal.currency)
    return Money(4 * ZONES.get(country, 5), subtotal.currency)


class Discount(ABC):
    """A rule that lowers a price."""

    @abstractmethod
    def apply(self, price: Money) -> Money:
        """The price after this discount."""

    def __or__(self, other: "Discount") -> "Chain":
        return Chain(self, other)


class Percentage(Discount):
    def __init__(self, percent: int):
        self.percent = percent

    def apply(self, price: Money) -> Money:
        return price * (Decimal(100 - self.percent) / 100)


class Chain(Discount):
    def __init__(self, *parts: Discount):
        self.parts = parts

    def apply(self, price):
        for part in self.parts:
            price = part.apply(price)
        return price


def quote(prices: list[Money], country: str, discount: Discount = Percentage(0)) -> Money:
    """What a customer pays for `prices`, all included."""

    def discounted(price: Money) -> Money:
        return discount.apply(price)

    subtotal = total([discounted(price) for price in prices])
    return add_tax(subtotal, country) + shipping(subtotal, country)
