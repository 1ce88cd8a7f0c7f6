"""Names that other modules take with a star."""

__all__ = ["FREE_SHIPPING_FROM", "VAT", "ZONES"]

from decimal import Decimal

VAT = {"DE": Decimal("0.19"), "FR": Decimal("0.20"), "JP": Decimal("0.10")}
ZONES = {"DE": 1, "FR": 1, "JP": 3}
FREE_SHIPPING_FROM = 50
_hidden = "not exported"
