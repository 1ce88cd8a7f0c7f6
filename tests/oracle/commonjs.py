"""CommonJS (chapter 8), the named procedure `commonjs`.

Belongs here: `require`, `module.exports` and members that define functions. Does not: ES modules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.oracle.semantics import Semantics
    from tests.oracle.tree import Node


def declare(semantics: Semantics, node: Node) -> None:
    """Imports and symbols of one node."""


def exports(semantics: Semantics) -> None:
    """Exports of one document."""
