"""Amounts of money: exact, immutable, never mixed between currencies."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import total_ordering

from .errors import CurrencyMismatch


@dataclass(frozen=True)
class Currency:
    """An ISO 4217 currency."""

    code: str
    digits: int = 2
    symbol: str = ""

    def quantum(self) -> Decimal:
        return Decimal(1).scaleb(-self.digits)


EUR = Currency("EUR", symbol="€")
JPY = Currency("JPY", 0, "¥")
KNOWN = {currency.code: currency for currency in (EUR, JPY)}


@total_ordering
class Money:
    """An amount in one currency, rounded half to even."""

    __slots__ = ("amount", "currency")

    def __init__(self, amount: Decimal | int | str, currency: Currency = EUR) -> None:
        self.amount = Decimal(amount).quantize(currency.quantum(), ROUND_HALF_EVEN)
        self.currency = currency

    @classmethod
    def zero(cls, currency: Currency = EUR) -> Money:
        return cls(0, currency)

    @classmethod
    def parse(cls, text: str) -> Money:
        """Reads `"12.50 EUR"`."""
        amount, _, code = text.partition(" ")
        return cls(amount, KNOWN[code or EUR.code])

    def _check(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(self.currency.code, other.currency.code)

    def __add__(self, other: Money) -> Money:
        self._check(other)
        return Money(self.amount + other.amount, self.currency)

    def __mul__(self, factor: Decimal | int) -> Money:
        return Money(self.amount * factor, self.currency)

    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Money) and (self.amount, self.currency) == (other.amount, other.currency)

    def __lt__(self, other: Money) -> bool:
        self._check(other)
        return self.amount < other.amount

    def __hash__(self) -> int:
        return hash((self.amount, self.currency))

    def __str__(self) -> str:
        return f"{self.amount:,} {self.currency.symbol or self.currency.code}"


def total(amounts: list[Money]) -> Money:
    """The sum, or zero euro of nothing."""
    if not amounts:
        return Money.zero()
    result = Money.zero(amounts[0].currency)
    for amount in amounts:
        result = result + amount
    return result
