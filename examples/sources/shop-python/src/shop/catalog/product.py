"""Things for sale."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from ..money import Money, total
from .mixins import Described, Tagged

if TYPE_CHECKING:
    from .repository import Catalog


class Kind(Enum):
    """How a product reaches the customer."""

    GOODS = "goods"
    DOWNLOAD = "download"
    SERVICE = "service"

    @property
    def ships(self) -> bool:
        return self is Kind.GOODS


@dataclass
class Product(Described, Tagged):
    """One article, identified by its SKU."""

    sku: str
    name: str
    price: Money
    stock: int = 0
    kind: Kind = Kind.GOODS
    tags: set[str] = field(default_factory=set)

    @property
    def available(self) -> bool:
        return not self.kind.ships or self.stock > 0

    def gross(self) -> Money:
        return self.price

    def related(self, catalog: Catalog) -> list[Product]:
        """Other products that share a tag."""
        return [other for other in catalog.products() if other is not self and self.shares(other)]


class Service(Product):
    """Work by the hour."""

    hours: int = 1

    def gross(self) -> Money:
        return super().gross() * self.hours

    @property
    def available(self) -> bool:
        return True


class Bundle(Product):
    """Several products under one price."""

    def __init__(self, sku: str, name: str, *parts: Product) -> None:
        super().__init__(sku, name, total([part.gross() for part in parts]))
        self.parts = parts

    def gross(self) -> Money:
        return total([part.gross() for part in self.parts])
