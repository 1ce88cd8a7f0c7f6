"""Optional parts, loaded by name."""

registry = {}


def plugin(name):
    """Registers a class under `name`."""

    def register(cls):
        registry[name] = cls
        return cls

    return register


from . import export, stock_alert  # noqa: E402  the registry must exist first
