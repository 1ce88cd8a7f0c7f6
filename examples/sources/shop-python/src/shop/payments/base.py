"""The contract of a payment method."""

import abc
from typing import ClassVar, NamedTuple, Protocol

from shop.money import Money


class Receipt(NamedTuple):
    accepted: bool
    reason: str = ""


class Ledger(Protocol):
    def record(self, amount: Money, reference: str) -> None: ...


class Terminal(abc.ABC):
    """Charges an amount once per reference."""

    method: ClassVar[str]
    _registry: ClassVar[dict[str, type["Terminal"]]] = {}

    def __init_subclass__(cls, /, method: str, **options: object) -> None:
        super().__init_subclass__(**options)
        cls.method = method
        Terminal._registry[method] = cls

    def __init__(self, ledger: Ledger | None = None) -> None:
        self.ledger = ledger
        self.__seen: set[str] = set()

    def charge(self, amount: Money, *, reference: str) -> Receipt:
        if reference in self.__seen:
            return Receipt(True, "already charged")
        receipt = self._charge(amount)
        if receipt.accepted:
            self.__seen.add(reference)
            if self.ledger is not None:
                self.ledger.record(amount, reference)
        return receipt

    @abc.abstractmethod
    def _charge(self, amount: Money) -> Receipt:
        raise NotImplementedError
