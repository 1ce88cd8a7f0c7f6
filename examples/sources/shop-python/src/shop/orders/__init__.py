from .models import Line, Order, Status
from .service import OrderService

__all__ = ["Line", "Order", "OrderService", "Status"]
