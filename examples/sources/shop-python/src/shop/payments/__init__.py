"""Ways to pay, found by name."""

from importlib import import_module

from .base import Receipt, Terminal

__all__ = ["Receipt", "Terminal", "terminal_for"]


def terminal_for(method: str) -> Terminal:
    """The terminal of a payment method; its module is imported when first asked for."""
    module = import_module(f".{method}", __package__)
    return module.create()


def __getattr__(name: str):
    if name == "CardTerminal":
        from .card import CardTerminal

        return CardTerminal
    raise AttributeError(name)
