"""A catalog as text."""

from __future__ import annotations

import shop.catalog as catalog_package
from shop.catalog.product import Kind
from shop.money import total as sum_money


class Report:
    """Lines of text, at most `width` characters wide."""

    def __init__(self, width: int = 72) -> None:
        self.width = width
        self.lines: list[str] = []

    def row(self, left: str, right: str) -> Report:
        gap = max(1, self.width - len(left) - len(right))
        self.lines.append(left + "." * gap + right)
        return self

    def text(self) -> str:
        return "\n".join(self.lines)


def render(catalog: catalog_package.Catalog) -> str:
    report = Report()
    by_kind: dict[Kind, list] = {kind: [] for kind in Kind}
    for product in catalog.products():
        by_kind[product.kind].append(product)
    for kind, products in by_kind.items():
        if not products:
            continue
        report.row(kind.value.title(), f"{len(products)}")
        for product in sorted(products, key=lambda p: (p.gross(), p.sku)):
            report.row("  " + product.describe(), str(product.gross()))
    report.row("Total", str(sum_money([p.gross() for p in catalog.products()])))
    return report.text()
