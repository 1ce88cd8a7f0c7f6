"""Functions: parameters, decorators, closures, generators, comprehensions, control flow."""

import asyncio
import functools
from contextlib import contextmanager


def every(a, b=1, /, c: int = 2, *args: str, d, e: "int" = 3, **kwargs: object) -> tuple[int, ...]:
    """All parameter kinds."""
    return a, b, c, args, d, e, kwargs


def decorator(argument=None, *, key="x"):
    def wrap(function):
        @functools.wraps(function)
        def inner(*args, **kwargs):
            nonlocal argument
            argument = key
            return function(*args, **kwargs)

        return inner

    return wrap


@decorator
@decorator(1, key=lambda x, *y, z=1, **w: (x, y, z, w))
@functools.lru_cache(maxsize=None)
def decorated(): return every(1, d=2, *[5], **{"e": 4})


def control(values, limit=10):
    global counter
    counter = 0
    for index, value in enumerate(values):
        if value is None and index or not limit:
            continue
        elif isinstance(value, (int, float)):
            while (remaining := limit - value) > 0:
                limit -= 1
                if remaining == 3: break
            else:
                return -1
        else:
            try:
                assert value, f"no value at {index}"
            except (TypeError, ValueError) as error:
                raise RuntimeError("bad") from error
            except OSError: pass
            finally:
                counter += 1
    else:
        del values[0:1, ::2], limit
    return counter if counter else None


def groups():
    try:
        yield from range(3)
    except* (OSError, ValueError) as group:
        received = yield group
        return received


def comprehensions(rows):
    a = [x * y for x in rows if x for y in x if y if not x]
    b = {k: v for k, v in rows}
    c = {x for x in a}
    d = sum(x for x in c)
    e = [[inner for inner in outer] for outer in rows]
    return [a, b, c, d, e, (last := d), *a, {**b, "k": 1}, lambda: (yield)]


async def coroutine(queue: asyncio.Queue[int]) -> None:
    async with queue as q, open("x") as f:
        async for item in q:
            await asyncio.gather(*[every(i) async for i in item], return_exceptions=True)


@contextmanager
def managed():
    resource = Resource()
    alias = resource
    yield alias.start().stop(resource.name)[0].deep(key=1)


class Resource:
    name = "r"
    def start(self): return self
    def stop(self, name): return [self]


def matching(command):
    match command:
        case ["go", direction] | ["move", direction] if direction: return direction
        case {"name": str(name), "age": 18 | 19, **rest}: return name, rest
        case Resource(name="x", start=s) as whole: return whole, s
        case [1, -2.5, None, True, *others]: return others
        case functools.WRAPPER_UPDATES: return 0
        case _: return ...


managed.attribute = control([1, 2]) or decorated()
control.__doc__ += "x"
print(*[1], sep="", **{})
