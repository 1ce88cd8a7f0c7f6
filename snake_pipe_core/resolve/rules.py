"""Resolution rules: what each one claims and how far it may be trusted.

Belongs here: rule ids, confidences, what ambiguity costs. Does not: how a rule finds its target.

A reference is resolved by steps (bind the first name, follow one member after the other); the edge
carries the weakest rule among them. Rules stand in order of trust, so that is the highest rank.
"""

from __future__ import annotations

from dataclasses import dataclass

MAXIMAL_CANDIDATES = 8
"""Edges that an ambiguous reference makes at most."""


@dataclass(frozen=True)
class Rule:
    """One resolution rule: `name` goes to `edges.rule`, `meaning` to the reference."""

    name: str
    resolution: str
    confidence: float
    meaning: str


RULES: tuple[Rule, ...] = (
    Rule("structure", "exact", 1.0, "Stated by the tree: containment, definition, parameters."),
    Rule("local", "exact", 1.0, "The name is bound in its own file."),
    Rule("module", "exact", 1.0, "An import names this module."),
    Rule("name", "exact", 1.0, "A name that the module offers, through re-exports if need be."),
    Rule("package", "exact", 1.0, "A name of the same package, visible without an import."),
    Rule("member", "exact", 1.0, "A member of a module, namespace or class, named through it."),
    Rule("producer", "exact", 1.0, "The producer of the AST resolved it itself."),
    Rule("embed", "exact", 1.0, "A type embedded in a struct: its methods are promoted."),
    Rule("wildcard", "exact", 0.95, "A name that a wildcard import brings."),
    Rule("other_root", "exact", 0.95, "The one such module, under another source root."),
    Rule("super", "inferred", 0.95, "A member of the next class in the resolution order."),
    Rule("self", "inferred", 0.95, "A member of the class around; a subclass may override it."),
    Rule("override", "inferred", 0.95, "The nearest base that has a member of this name."),
    Rule("inherited", "inferred", 0.9, "A member found in a base class."),
    Rule("linkage", "inferred", 0.9, "The definition of that name that the linker finds."),
    Rule("annotation", "inferred", 0.9, "A member of the receiver's declared type."),
    Rule("field", "inferred", 0.85, "A member of the type that a field or variable declares."),
    Rule("constructor", "inferred", 0.8, "A member of the class that the receiver was made of."),
    Rule("suffix", "inferred", 0.8, "The directory that shares the longest end with the path."),
    Rule("returns", "inferred", 0.75, "A member of what a function declares to return."),
    Rule("arguments", "inferred", 0.75, "The overload that takes as many arguments."),
    Rule("duplicate", "exact", 1.0, "Bodies whose trees are equal but for positions."),
    Rule("rollup", "exact", 1.0, "Edges between two modules, counted together."),
)
RANK: dict[str, int] = {rule.name: rank for rank, rule in enumerate(RULES)}
"""Place of a rule in `RULES`, by name."""
