"""A synchronous event bus with a decorator to subscribe."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

type Handler = Callable[..., Any]


class Bus:
    """Calls the handlers of an event in the order of their subscription."""

    def __init__(self) -> None:
        self.handlers: dict[str, list[Handler]] = defaultdict(list)

    def on(self, event: str) -> Callable[[Handler], Handler]:
        def subscribe(handler: Handler) -> Handler:
            self.handlers[event].append(handler)
            return handler

        return subscribe

    def emit(self, event: str, **payload: Any) -> int:
        for handler in (handlers := self.handlers.get(event, [])):
            handler(**payload)
        return len(handlers)


bus = Bus()
on = bus.on
emit = bus.emit
