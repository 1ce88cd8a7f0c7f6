"""Payment by card."""

from ..money import Money
from .base import Receipt, Terminal


def luhn(number: str) -> bool:
    """Whether the check digit of a card number is right (ISO/IEC 7812)."""
    digits = [int(digit) for digit in reversed(number) if digit.isdigit()]
    odd = sum(digits[0::2])
    even = sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return bool(digits) and (odd + even) % 10 == 0


class CardTerminal(Terminal, method="card"):
    limit = Money(1000)

    def __init__(self, number: str = "4242 4242 4242 4242", ledger=None):
        super().__init__(ledger)
        self.number = number

    def _charge(self, amount: Money) -> Receipt:
        if not luhn(self.number):
            return Receipt(False, "invalid number")
        if amount > self.limit:
            return Receipt(accepted=False, reason=f"over {self.limit}")
        return Receipt(True)


create = CardTerminal
