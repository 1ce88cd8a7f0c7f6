"""Full-text search over the catalog, good enough for a few thousand products."""

import re
import unicodedata

from .product import Product
from .repository import Catalog

_WORD = re.compile(r"\w+")


def fold(text: str) -> str:
    """Lower case without accents: `Käse` finds `kase`."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def score(product: Product, words: set[str]) -> float:
    名前 = set(_WORD.findall(fold(product.name)))
    étiquettes = {fold(tag) for tag in product.tags}
    return 2 * len(words & 名前) + len(words & étiquettes)


def search(catalog: Catalog, text: str, limit: int = 10) -> list[Product]:
    words = set(_WORD.findall(fold(text)))
    ranked = sorted(catalog.products(), key=lambda product: -score(product, words))
    return [product for product in ranked[:limit] if score(product, words) > 0]
