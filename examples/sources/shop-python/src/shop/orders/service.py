"""Taking, paying and shipping orders."""

import asyncio
import logging
from contextlib import ExitStack

from ..catalog import Catalog
from ..errors import PaymentRefused
from ..events import emit, on
from ..payments.base import Terminal
from .models import Order, Status

log = logging.getLogger(__name__)


class OrderService:
    """The one place that changes orders."""

    def __init__(self, catalog: Catalog, terminal: Terminal) -> None:
        self.catalog = catalog
        self.terminal = terminal
        self.orders: dict[int, Order] = {}

    def open(self, country: str, **wanted: int) -> Order:
        order = Order(country)
        for sku, count in wanted.items():
            order.add(self.catalog.get(sku), count)
        self.orders[order.number] = order
        return order

    def pay(self, order: Order) -> bool:
        """Reserves every line, then charges; a refused payment releases the stock."""
        with ExitStack() as stack:
            for line in order.lines:
                stack.enter_context(self.catalog.reserved(line.product.sku, line.count))
            receipt = self.terminal.charge(order.total, reference=str(order.number))
            if not receipt.accepted:
                raise PaymentRefused(receipt.reason)
            order.advance()
        emit("order-paid", order=order, receipt=receipt)
        return order.status is Status.PAID

    async def pay_all(self) -> list[bool]:
        async def pay(order: Order) -> bool:
            return await asyncio.to_thread(self.pay, order)

        waiting = [order for order in self.orders.values() if order.status is Status.OPEN]
        results = await asyncio.gather(*(pay(order) for order in waiting), return_exceptions=True)
        return [result is True for result in results]

    def cancel(self, number: int) -> None:
        order = self.orders.pop(number, None)
        if order is not None and order.status is Status.OPEN:
            order.status = Status.CANCELLED
        elif order:
            log.warning("order %d is %s", number, order.status)


@on("order-paid")
def announce(order: Order, receipt: object) -> None:
    log.info("order %d paid: %s (%s)", order.number, order.total, receipt)
