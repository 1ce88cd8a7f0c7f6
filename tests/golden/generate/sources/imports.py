"""Every form of import, and what binds a module's names."""

from __future__ import annotations

import os, sys as system
import os.path
import xml.etree.ElementTree as ET
from . import sibling
from .. import parent as up
from ...far.away import (
    thing,
    other as renamed,
)
from .wild import *
from package.module import name
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .types import OnlyAType
    import decimal
try:
    import ujson as json
except ImportError:
    import json
else:
    from ujson import loads
finally:
    import atexit

if sys.version_info >= (3, 12):
    from . import modern as implementation
else:
    from . import legacy as implementation

__all__ = ["name", "renamed", *sibling.__all__]
__all__ += ["late"]
__all__.extend(up.__all__)


def late():
    global cached
    import importlib

    from .plugins import registry

    cached = importlib.import_module(".dynamic", package=__name__)
    return cached or __import__("dynamic_too")


def __getattr__(attribute):
    return getattr(implementation, attribute)


class Namespace:
    from .methods import method
    import math

    tau = math.tau


with open(os.path.devnull) as first, open("b") as (second, third):
    del first
for index, (key, value) in enumerate({}.items()):
    pass
