"""Products in memory, read from a JSON file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import orjson as json
except ImportError:
    import json

from shop import errors
from shop.events import bus
from shop.money import Money

from . import product as products


class Catalog:
    """All products by SKU."""

    path: Path | None = None

    def __init__(self) -> None:
        self._by_sku: dict[str, products.Product] = {}
        self.default = products.Service("svc", "Gift wrapping", Money(3))

    @classmethod
    def load(cls, path: str | Path) -> Catalog:
        """Reads a catalog; a row that does not match any known shape is an error."""
        catalog = cls()
        catalog.path = Path(path)
        for row in json.loads(catalog.path.read_bytes()):
            catalog.add(catalog.read(row))
        return catalog

    def read(self, row: object) -> products.Product:
        match row:
            case {"sku": str(sku), "name": str(name), "hours": int(hours), "price": price}:
                service = products.Service(sku, name, Money.parse(price))
                service.hours = hours
                return service
            case {"sku": str(sku), "name": name, "parts": [*parts]}:
                return products.Bundle(sku, name, *(self.get(part) for part in parts))
            case {"sku": str(sku), "name": name, "price": price, **rest}:
                return products.Product(sku, name, Money.parse(price), rest.get("stock", 0))
            case [first, *_] | (first, *_) if first:
                return self.read(first)
            case _:
                raise errors.ShopError(f"unreadable row: {row!r}")

    def add(self, product: products.Product) -> None:
        self._by_sku[product.sku] = product
        bus.emit("product-added", product=product)

    def get(self, sku: str) -> products.Product:
        try:
            return self._by_sku[sku]
        except KeyError as missing:
            raise errors.UnknownProduct(sku) from missing

    def products(self) -> Iterator[products.Product]:
        yield from self._by_sku.values()
        yield self.default

    @contextmanager
    def reserved(self, sku: str, count: int):
        """Takes stock for the time of a block and gives it back when the block fails."""
        product = self.get(sku)
        if product.stock < count:
            raise errors.OutOfStock(sku, count, available=product.stock)
        product.stock -= count
        try:
            yield product
        except BaseException:
            product.stock += count
            raise

    def __len__(self) -> int:
        return len(self._by_sku)
