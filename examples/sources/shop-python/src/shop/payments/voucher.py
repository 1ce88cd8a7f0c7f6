"""Payment by voucher: a balance that only shrinks."""

from .base import Money, Receipt, Terminal


class VoucherTerminal(Terminal, method="voucher"):
    def __init__(self, balance: Money = Money(25)):
        Terminal.__init__(self)
        self.balance = balance

    def _charge(self, amount: Money) -> Receipt:
        if self.balance < amount:
            return Receipt(False, "balance too low")
        self.balance += amount * -1
        return Receipt(True)


def create() -> VoucherTerminal:
    return VoucherTerminal()
