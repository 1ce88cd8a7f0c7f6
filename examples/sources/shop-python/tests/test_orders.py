from shop.catalog import Catalog, Product
from shop.money import Money
from shop.orders import OrderService, Status
from shop.payments.voucher import create


def make_service(stock=5):
    catalog = Catalog()
    catalog.add(Product("tea", "Grüner Tee 🍵", Money("4.50"), stock))
    return OrderService(catalog, create())


def test_paid_order_takes_stock():
    service = make_service()
    order = service.open("DE", tea=2)
    assert service.pay(order) and order.status is Status.PAID
    assert service.catalog.get("tea").stock == 3
