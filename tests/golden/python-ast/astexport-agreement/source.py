"""Definitions, imports and inheritance on which the Python parsers must agree."""

import json
import os.path as paths
from collections import OrderedDict, deque as queue
from . import sibling
from ..pricing.tax import add_tax as taxed
from .constants import *

RATE = 0.2
LOW, HIGH = 1, 10
limit: int = 3


class Item:
    """A priced thing."""

    kind = "item"

    def __init__(self, price: float, *tags: str, currency: str = "EUR", **extra) -> None:
        self.price = price
        self.currency = currency
        self.history: queue = queue()

    @property
    def gross(self) -> float:
        return taxed(self.price, RATE)

    @staticmethod
    def parse(text: str) -> "Item":
        return Item(**json.loads(text))

    class Builder:
        def build(self) -> "Item":
            return Item(0)


class Bundle(Item, OrderedDict):
    def total(self, factor=1):
        def scaled(item):
            return item.gross * factor

        return sum(scaled(item) for item in self.values())


class Special(sibling.Base, metaclass=type):
    pass


@sibling.register("describe")
def describe(item: Item, /, prefix="", *, suffix="") -> str:
    line = lambda label: f"{prefix}{label}{suffix}"
    return line(paths.join(item.kind, str(item.gross)))


async def load(path):
    import importlib

    async with sibling.open(path) as stream:
        return [Item.parse(row) async for row in stream if row]


if __name__ == "__main__":
    print(describe(Item.parse("{}")))
