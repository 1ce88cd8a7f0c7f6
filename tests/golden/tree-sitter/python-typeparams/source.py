"""Type parameters and aliases of Python 3.12."""

from collections.abc import Callable
from typing import overload

type Alias = int | str
type Tree[T] = dict[str, "Tree[T]"] | T
type Handler[**P, *Ts, R: (int, str)] = Callable[P, tuple[R, *Ts]]


class Stack[T: object](list[T]):
    def push[U](self, item: T, extra: U) -> "Stack[T | U]":
        self.append(item)
        return self


def first[T](items: list[T], *rest: *tuple[T, ...]) -> T:
    return items[0]


async def gather[**P, R](function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    return function(*args, **kwargs)
