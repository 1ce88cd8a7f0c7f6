"""Which parser reads which source files.

Belongs here: one table of languages, wheels and file names. Does not: parsing, walking. To add a
language of tree-sitter, add a line to `PARSERS` and its wheel to the extra `parse` of pyproject.toml;
it is offered once the dialect `tree-sitter` has a mapping for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from snake_pipe_core.dialects.registry import load_registry
from snake_pipe_core.errors import TerminalError

INSTALL = "pip install 'snake-pipe[parse]'"


class ParserMissingError(TerminalError):
    """Parsers that are needed and not installed."""


class LanguageUnknownError(TerminalError):
    """A language that no parser of ours reads."""


@dataclass(frozen=True)
class SourceParser:
    """One parser: what it reads, and where it comes from.

    Attributes:
        name: the language as the artifact's wrapper says it; several may belong to one language.
        language: as in `documents.language`.
        suffixes: endings of file names, lower case.
        wheel: module of tree-sitter's grammar; empty for Python's own `ast`.
        entry: function of the wheel that gives the grammar.
        names: whole file names, where no ending tells.
        accepts: whether a file with an ambiguous ending is of this language, by its first bytes.
    """

    name: str
    language: str
    suffixes: tuple[str, ...]
    wheel: str = ""
    entry: str = "language"
    names: tuple[str, ...] = ()
    accepts: Callable[[bytes], bool] | None = field(default=None, compare=False)

    @property
    def distribution(self) -> str:
        """Name of the package to install."""
        return self.wheel.replace("_", "-")

    @property
    def is_installed(self) -> bool:
        """Whether the parser can be used here; nothing is imported."""
        return not self.wheel or (
            find_spec("tree_sitter") is not None and find_spec(self.wheel) is not None
        )

    @property
    def version(self) -> str:
        """The parser, its version and its grammar's: another one may give other trees."""
        if not self.wheel:
            from snake_pipe_core.parse.python_tree import PARSER

            return PARSER
        return (
            f"tree-sitter {metadata.version('tree-sitter')}, "
            f"{self.distribution} {metadata.version(self.distribution)}"
        )


_CPP = re.compile(
    rb"^\s*(?:template\s*<|(?:inline\s+)?namespace\b|using\s+\w|class\s+\w|"
    rb"(?:public|private|protected)\s*:|#\s*include\s*<(?:\w+|c\w+)>)|\bstd::|\bconstexpr\b",
    re.MULTILINE,
)


def _is_cpp(head: bytes) -> bool:
    """Whether a header is C++: it says something that C cannot."""
    return _CPP.search(head) is not None


PARSERS: tuple[SourceParser, ...] = (
    SourceParser("python", "python", (".py", ".pyi", ".pyw")),
    SourceParser("javascript", "javascript", (".js", ".jsx", ".mjs", ".cjs"), "tree_sitter_javascript"),
    SourceParser("typescript", "typescript", (".ts", ".mts", ".cts"), "tree_sitter_typescript", "language_typescript"),
    SourceParser("tsx", "typescript", (".tsx",), "tree_sitter_typescript", "language_tsx"),
    SourceParser("java", "java", (".java",), "tree_sitter_java"),
    SourceParser("go", "go", (".go",), "tree_sitter_go"),
    SourceParser("cpp", "cpp", (".cc", ".cpp", ".cxx", ".c++", ".hh", ".hpp", ".hxx", ".h++", ".ipp", ".tpp"), "tree_sitter_cpp"),
    SourceParser("cpp", "cpp", (".h",), "tree_sitter_cpp", accepts=_is_cpp),
    SourceParser("c", "c", (".c", ".h"), "tree_sitter_c"),
    SourceParser("csharp", "csharp", (".cs",), "tree_sitter_c_sharp"),
    SourceParser("kotlin", "kotlin", (".kt", ".kts"), "tree_sitter_kotlin"),
    SourceParser("php", "php", (".php",), "tree_sitter_php", "language_php"),
    SourceParser("ruby", "ruby", (".rb", ".rake", ".gemspec", ".ru"), "tree_sitter_ruby", names=("Gemfile", "Rakefile")),
    SourceParser("rust", "rust", (".rs",), "tree_sitter_rust"),
    SourceParser("swift", "swift", (".swift",), "tree_sitter_swift"),
)  # fmt: skip
"""Every parser, in the order in which they are asked for a file."""


@cache
def offered() -> tuple[SourceParser, ...]:
    """Return the parsers whose artifacts a dialect reads; Python's own is one of them."""
    mapped = load_registry()["tree-sitter"].languages
    return tuple(parser for parser in PARSERS if not parser.wheel or parser.language in mapped)


def languages() -> tuple[str, ...]:
    """Return the languages that are offered, each once."""
    return tuple(dict.fromkeys(parser.language for parser in offered()))


class ParserTable:
    """Finds the parser of a file."""

    def __init__(self, chosen: Collection[str] = ()) -> None:
        """Take the languages that are wanted; none means all.

        Raises:
            LanguageUnknownError: a language that is not offered.
        """
        for language in chosen:
            if language not in languages():
                raise LanguageUnknownError(
                    f"No parser reads {language!r}.",
                    remedy=f"Languages are {', '.join(languages())}.",
                    state="Nothing was read or written.",
                )
        self._wanted = {parser for parser in offered() if not chosen or parser.language in chosen}
        self._by_suffix: dict[str, list[SourceParser]] = {}
        self._by_name: dict[str, list[SourceParser]] = {}
        for parser in PARSERS:  # also those that are not wanted: an ambiguous file may be theirs
            for suffix in parser.suffixes:
                self._by_suffix.setdefault(suffix, []).append(parser)
            for name in parser.names:
                self._by_name.setdefault(name, []).append(parser)

    def parser_for(self, name: str, path: str | Path) -> SourceParser | None:
        """Return the parser for a file called `name`; `path` is opened only if that is ambiguous."""
        for parser in self._named(name):
            if parser.accepts is None or parser.accepts(_head(path)):
                return parser if parser in self._wanted else None
        return None

    def candidates(self, name: str) -> list[SourceParser]:
        """Return the wanted parsers that a file's name speaks for."""
        return [parser for parser in self._named(name) if parser in self._wanted]

    def _named(self, name: str) -> list[SourceParser]:
        if (found := self._by_name.get(name)) is not None:
            return found
        dot = name.rfind(".")
        return self._by_suffix.get(name[dot:].lower(), []) if dot > 0 else []


def _head(path: str | Path) -> bytes:
    try:
        with Path(path).open("rb") as stream:
            return stream.read(1 << 16)
    except OSError:
        return b""  # whoever reads the whole of it will tell


def require_installed(parsers: Iterable[SourceParser], counts: Mapping[str, int]) -> None:
    """Raise `ParserMissingError` if a parser is not installed; `counts` has files by language."""
    missing = [parser for parser in dict.fromkeys(parsers) if not parser.is_installed]
    if not missing:
        return
    wanted = dict.fromkeys(parser.language for parser in missing)
    files = ", ".join(f"{counts[language]:,} {language}" for language in wanted)
    wheels = sorted({parser.distribution for parser in missing})
    rest = [language for language in counts if language not in wanted]
    without = "".join(f" --language {language}" for language in rest)
    raise ParserMissingError(
        f"The parsers of {files} files are not installed ({', '.join(wheels)}).",
        remedy=f"Run `{INSTALL}`"
        + (f", or leave those files out with `{without.strip()}`." if rest else "."),
        state="Nothing was written.",
    )
