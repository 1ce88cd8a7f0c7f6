"""Canonical kinds, outcomes and edge words, as SCIP and LSP name them.

Belongs here: closed vocabularies that tables, dialects and checks share. Does not: how a parser
names its nodes (that is a dialect's mapping).
"""

from __future__ import annotations

from enum import StrEnum

NODE_KINDS: tuple[str, ...] = (
    # containers
    "repository", "package", "directory", "file", "module", "namespace",
    # types
    "class", "interface", "trait", "struct", "union", "enum", "enum_member", "type_alias",
    "type_parameter", "contract",
    # callables
    "function", "method", "constructor", "lambda", "macro", "modifier",
    # values
    "variable", "constant", "field", "property", "parameter", "event",
    # syntax
    "block", "control_structure", "call", "identifier", "literal", "return", "import",
    "annotation", "comment", "type", "operator", "expression", "statement", "pattern", "token",
    # nothing is dropped
    "unknown",
)  # fmt: skip
"""Every canonical kind. The design's list plus five syntax words (`operator`, `expression`,
`statement`, `pattern`, `token`), so that `unknown` can mean "the mapping does not name it"."""

TYPE_KINDS: frozenset[str] = frozenset(
    {"class", "interface", "trait", "struct", "union", "enum", "type_alias", "contract"}
)
CALLABLE_KINDS: frozenset[str] = frozenset(
    {"function", "method", "constructor", "lambda", "macro", "modifier"}
)


class Outcome(StrEnum):
    """The one terminal outcome of an artifact (design promise 1)."""

    LOADED = "loaded"
    LOADED_WITH_WARNINGS = "loaded_with_warnings"
    DUPLICATE = "duplicate"
    SKIPPED = "skipped"
    UNSUPPORTED = "unsupported"
    QUARANTINED = "quarantined"

    @property
    def is_valid(self) -> bool:
        """Whether the artifact counts as valid for the quality gate."""
        return self in (Outcome.LOADED, Outcome.LOADED_WITH_WARNINGS, Outcome.DUPLICATE)


EDGE_KINDS: tuple[str, ...] = (
    "CONTAINS", "DEFINES", "IMPORTS", "INCLUDES", "EXPORTS", "CALLS", "INSTANTIATES",
    "REFERENCES", "READS", "WRITES", "INHERITS", "IMPLEMENTS", "OVERRIDES", "MIXES_IN",
    "HAS_TYPE", "RETURNS", "HAS_PARAMETER", "THROWS", "ALIAS_OF", "ANNOTATED_BY", "DECLARES",
    "DEPENDS_ON", "SIMILAR_TO", "DUPLICATE_OF",
)  # fmt: skip

RESOLUTIONS: tuple[str, ...] = ("exact", "inferred", "ambiguous")
UNRESOLVED_REASONS: tuple[str, ...] = ("external", "dynamic", "ambiguous", "missing")
IMPORT_KINDS: tuple[str, ...] = (
    "module", "symbol", "wildcard", "re_export", "dynamic", "include", "type", "side_effect",
)  # fmt: skip
REFERENCE_ROLES: tuple[str, ...] = (
    "call", "instantiate", "read", "write", "inherit", "implement", "mixin", "type", "returns",
    "throws", "decorate",
)  # fmt: skip
EXPORT_KINDS: tuple[str, ...] = ("symbol", "default", "wildcard", "namespace", "equals")
BINDINGS: tuple[str, ...] = (
    "import", "symbol", "self", "super", "local", "parameter", "builtin", "unbound", "dynamic",
    "wildcard", "global",
)  # fmt: skip
POSITION_ENCODINGS: tuple[str, ...] = ("utf8", "utf16", "utf32")
