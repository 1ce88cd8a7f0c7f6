"""A small shop: the catalog, its prices, orders and payments."""

from .catalog import Catalog, Product
from .money import EUR, Money
from .orders import Order, OrderService
from .version import __version__

__all__ = ["EUR", "Catalog", "Money", "Order", "OrderService", "Product", "__version__", "open_shop"]


def open_shop(path: str = "catalog.json") -> OrderService:
    """Wires the shop together: the catalog at `path`, a card terminal, and the default tax rules."""
    from .payments import terminal_for

    catalog = Catalog.load(path)
    terminal = terminal_for("card")
    return OrderService(catalog, terminal)
