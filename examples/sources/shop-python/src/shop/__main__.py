"""`python -m shop`: prints what the shop sells."""

import sys

from shop import open_shop
from shop.report import render

if __name__ == "__main__":
    service = open_shop(*sys.argv[1:2])
    print(render(service.catalog))
