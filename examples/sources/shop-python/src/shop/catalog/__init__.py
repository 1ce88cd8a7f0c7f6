"""What the shop sells."""

from .product import Bundle, Product, Service
from .repository import Catalog
from .search import search as find

__all__ = ["Bundle", "Catalog", "Product", "Service", "find"]
