"""Classes: inheritance, mixins, metaclasses, properties, slots, nested and generated classes."""

import abc
import enum
from abc import ABC, abstractmethod
from collections import namedtuple
from dataclasses import dataclass, field
from typing import ClassVar, Generic, NamedTuple, Protocol, TypeVar, overload

T = TypeVar("T", bound="Base")
Point = namedtuple("Point", "x y")


class Meta(type):
    def __new__(mcls, name, bases, namespace, **options):
        return super().__new__(mcls, name, bases, namespace)


class Base(ABC, metaclass=Meta, final=False):
    """The base.

    With a second paragraph.
    """

    __slots__ = ("_value", "__private")
    registry: ClassVar[dict[str, type["Base"]]] = {}
    limit: int
    low, high = 0, 10

    def __init__(self, value: int = 0, *args, other: "Base | None" = None, **kwargs) -> None:
        self._value = value
        self.other: Base | None = other
        self.child = Base.Inner(self)
        self.__private, (self.a, self.b) = 1, args

    @property
    def value(self) -> int:
        """The value."""
        return self._value

    @value.setter
    def value(self, value: int) -> None:
        self._value = value

    @value.deleter
    def value(self):
        del self._value

    @staticmethod
    def parse(text: str) -> "Base":
        return Derived(int(text))

    @classmethod
    def create(cls: type[T], *values: int) -> T:
        return cls(*values)

    @abstractmethod
    def area(self) -> float: ...

    @abc.abstractproperty
    def old(self): raise NotImplementedError

    async def load(self): return await self.child.fetch()

    def __add__(self, other): return self.value + other.value

    class Inner:
        class Deeper(object):
            def method(self): return self.method

        def __init__(self, owner):
            self.owner: Base = owner

        async def fetch(self):
            return self.owner.area()

    def _protected(self): return self.__mangled()

    def __mangled(self): return super().__repr__()


class Mixin:
    def describe(self): return f"{self.__class__.__name__}: {self.area()!r:>{10}}"


class Derived(Mixin, Base, Generic[T]):
    def area(self):
        result = super().area()
        return result + Mixin.describe(self).__len__()

    aliased = area


@dataclass(frozen=True, slots=True)
class Record:
    name: str
    tags: list[str] = field(default_factory=list)
    parent: "Record | None" = None


class Colour(enum.Enum):
    RED = 1
    GREEN = enum.auto()

    def lighter(self): return Colour.RED


class Pair(NamedTuple):
    left: int
    right: int = 0


class Closeable(Protocol):
    def close(self) -> None: ...


if Base:
    class Conditional(Base.Inner.Deeper): pass
else:
    class Conditional: pass


def make(base):
    class Local(base, __import__("abc").ABC):
        captured = base
    return Local


@overload
def pick(x: int) -> int: ...
@overload
def pick(x: str) -> str: ...
def pick(x): return x


Dynamic = type("Dynamic", (Base,), {"area": lambda self: 1})
