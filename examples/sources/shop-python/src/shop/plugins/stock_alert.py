"""Warns when a product runs low."""

from ..events import on
from . import plugin


@plugin("stock-alert")
class StockAlert:
    def __init__(self, threshold: int = 3) -> None:
        self.threshold = threshold
        self.low: list[str] = []

    def check(self, product) -> None:
        if product.stock < self.threshold:
            self.low.append(product.sku)


alert = StockAlert()


@on("product-added")
def check_stock(product):
    alert.check(product)
