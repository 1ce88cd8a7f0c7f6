"""Writes the catalog as CSV."""

import csv
import io

from . import plugin


@plugin("csv")
class CsvExport:
    header = "sku", "name", "price"

    def export(self, catalog) -> str:
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        writer.writerow(self.header)
        for product in catalog.products():
            writer.writerow([product.sku, product.name, product.gross()])
        return buffer.getvalue()
