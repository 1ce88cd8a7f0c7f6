"""What goes wrong in a shop."""


class ShopError(Exception):
    """The root of every error of this package."""

    code = "shop"

    def describe(self) -> str:
        return f"[{self.code}] {self}"


class CurrencyMismatch(ShopError):
    code = "currency"

    def __init__(self, left: str, right: str) -> None:
        super().__init__(f"cannot combine {left} with {right}")
        self.currencies = (left, right)


class UnknownProduct(ShopError, KeyError):
    code = "unknown-product"


class OutOfStock(ShopError):
    code = "out-of-stock"

    def __init__(self, sku: str, wanted: int, *, available: int = 0) -> None:
        super().__init__(f"{sku}: wanted {wanted}, have {available}")
        self.sku, self.wanted, self.available = sku, wanted, available


class PaymentRefused(ShopError):
    code = "refused"
