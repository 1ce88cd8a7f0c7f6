"""Run by another interpreter: import every module of a package and tell what its names are.

Belongs here: facts of live objects, as JSON on standard output. Does not: anything of this project.
"""

import importlib
import inspect
import json
import pkgutil
import sys


def main(package: str, path: str) -> None:
    """Print `names` (module, name, target), `bases` (class, base) and `classes`."""
    sys.path.insert(0, path)
    root = importlib.import_module(package)
    modules = [root]
    for found in pkgutil.walk_packages(root.__path__, package + "."):
        if found.name.endswith("__main__"):
            continue
        try:
            modules.append(importlib.import_module(found.name))
        except ImportError:  # an optional dependency is absent
            continue
    names, bases, classes = [], set(), set()
    for module in modules:
        for name, value in vars(module).items():
            if not (inspect.isclass(value) or inspect.isfunction(value)):
                continue
            home = value.__module__
            if home.split(".")[0] != package or "<locals>" in value.__qualname__:
                continue
            if home != module.__name__:
                names.append((module.__name__, name, f"{home}:{value.__qualname__}"))
            if inspect.isclass(value):
                classes.add(value)
    for value in classes:
        for base in value.__bases__:
            if base.__module__.split(".")[0] == package:
                bases.add((_name(value), _name(base)))
    print(json.dumps({"names": names, "bases": sorted(bases),
                      "classes": sorted(map(_name, classes))}))  # fmt: skip


def _name(value: type) -> str:
    return f"{value.__module__}:{value.__qualname__}"


if __name__ == "__main__":
    main(*sys.argv[1:])
