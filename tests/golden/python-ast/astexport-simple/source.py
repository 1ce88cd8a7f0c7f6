"""No bytes and no ellipsis: astexport cannot write either."""

import os
from .base import Base as B, other


class Thing(B, metaclass=type):
    """A thing."""

    size: int = 1

    def __init__(self, name="é 😀", *args, key=None, **rest):
        self.name = name
        super().__init__(*args, key=key, **rest)

    @property
    def upper(self):
        return self.name.upper() if self.name else other(1e999, None, True, 2**70)

    async def walk(self):
        async for part in self:
            yield [x for x in part if x is not None]


def build(kind, /, *, root=os.curdir):
    try:
        return Thing(kind), {**{"root": root}}
    except (KeyError, ValueError) as error:
        raise RuntimeError(f"{error!r:>10}") from error
