"""What differs between languages, as data.

Belongs here: how modules are found, what is outside by definition, which of several definitions
counts. Does not: the joins that use it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace

_NODE_MODULES = frozenset(
    [
        "assert",
        "async_hooks",
        "buffer",
        "child_process",
        "cluster",
        "console",
        "constants",
        "crypto",
        "dgram",
        "diagnostics_channel",
        "dns",
        "domain",
        "events",
        "fs",
        "http",
        "http2",
        "https",
        "inspector",
        "module",
        "net",
        "os",
        "path",
        "perf_hooks",
        "process",
        "punycode",
        "querystring",
        "readline",
        "repl",
        "stream",
        "string_decoder",
        "sys",
        "timers",
        "tls",
        "trace_events",
        "tty",
        "url",
        "util",
        "v8",
        "vm",
        "wasi",
        "worker_threads",
        "zlib",
    ]
)

_SCRIPT = (".js", ".json", ".cjs", ".mjs", ".jsx", ".ts", ".tsx", ".d.ts", ".mts", ".cts")
_TYPED = (".ts", ".tsx", ".d.ts", ".mts", ".cts", ".js", ".jsx", ".json", ".mjs", ".cjs")


@dataclass(frozen=True)
class Language:
    """How one language finds and offers names.

    `modules`: `roots` (Python: dotted names below source roots), `paths` (JavaScript: relative
    specifiers), `packages` (Java: the package is stated), `directories` (Go: one directory is one
    package), `crates` (Rust: files that `mod` declares), `files` (C: a file's path, from the one that names it or by its end) or `stated` (a module is imported by the very name that its document has).
    """

    name: str
    modules: str
    extensions: tuple[str, ...] = ()
    """Tried in this order where a module is named without."""
    substitutes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Extension as written → extensions that stand for it (`./x.js` written for `x.ts`)."""
    index: str = ""
    """Stem of the file that stands for its directory."""
    outside: frozenset[str] = frozenset()
    """First segments of modules that are external unless the importer's own root has them."""
    builtin_prefix: str = ""
    """Written before names that the language itself provides."""
    offers: str = "all"
    """What a module offers: `all` its top-level names, or what it `exports`."""
    repeated: str = "last"
    """Which definition counts where one name is defined twice: `last`, or `all` (overloads)."""
    by_count: bool = True
    """Whether overloads differ by how many parameters they have. Where they do not, `all` means a
    property and a method of one name."""
    package_names: bool = False
    """Whether files of one package see each other's names."""
    inner_packages: bool = False
    """Whether a name may begin with a package that lies below the own one, or at the top with one."""
    implicit_self: bool = False
    """Whether a bare call may mean a member of the class around."""
    free_calls: bool = False
    """Whether a bare call in a class may mean what stands outside of all classes, too."""
    nested_packages: bool = False
    """Whether the files of a package see the names of the packages around it, too."""
    mixed_bases: bool = False
    """Whether one list names the base class and the interfaces: what a base is tells which."""
    types_apart: bool = False
    """Whether the name of a type is looked for past members that are no types (`Color Color`)."""
    global_imports: bool = False
    """Whether an import on demand of level 1 is one of all files (C#'s `global using`)."""
    module_roots: tuple[str, ...] = ()
    """Directories whose own directories are modules, each with all below it (Swift's `Sources`). What
    lies outside of these is one module."""
    module_extensions: bool = False
    """Whether what adds to a type (flag `extension`) may stand in another file of the module."""
    receiver: str = ""
    """What the functions extend that are flagged `extension`: the `first` type that they name, or
    that of their first `parameter`."""
    attribute_suffix: str = ""
    """What a decoration may leave out at the end of a name (`[Flags]` is `FlagsAttribute`)."""
    root: str = ""
    """The type that every other one inherits from, ..."""
    root_members: frozenset[str] = frozenset()
    """... and what it, and every enum, has."""
    separator: str = "."
    unwrap: frozenset[str] = frozenset()
    """Type names that stand for their argument."""
    aliases: bool = False
    """Whether a second name of a type has that type's members."""
    linkage: bool = False
    """Whether a name that is defined at the top of a file is the whole program's."""
    open_types: bool = False
    """Whether types of one name, wherever they are defined, are one type, and seen from everywhere."""
    naming_calls: bool = False
    """Whether a method that is named is called: what names it may look like a variable to a parser."""
    maker: str = ""
    """Member of every class that makes an object of it."""
    global_names: bool = False
    """Whether an unbound name is the environment's (`document`), not an error."""


_SUBSTITUTES = (
    (".js", (".ts", ".tsx", ".d.ts")),
    (".jsx", (".tsx", ".d.ts")),
    (".mjs", (".mts", ".d.mts")),
    (".cjs", (".cts", ".d.cts")),
)
_JAVASCRIPT = Language(
    "javascript",
    "paths",
    extensions=_SCRIPT,
    substitutes=_SUBSTITUTES,
    index="index",
    outside=_NODE_MODULES,
    offers="exports",
    separator="/",
    global_names=True,
)
LANGUAGES: dict[str, Language] = {
    language.name: language
    for language in (
        Language(
            "python", "roots", extensions=(".py", ".pyi", ".pyw"), index="__init__",
            outside=frozenset(sys.stdlib_module_names), builtin_prefix="builtins.",
            unwrap=frozenset(
                ["Optional", "Union", "Final", "ClassVar", "Annotated", "InitVar", "Required", "NotRequired"]
            ),
        ),
        _JAVASCRIPT,
        replace(_JAVASCRIPT, name="jsx"),
        replace(_JAVASCRIPT, name="typescript", extensions=_TYPED),
        replace(_JAVASCRIPT, name="tsx", extensions=_TYPED),
        Language(
            "java", "packages", extensions=(".java",), builtin_prefix="java.lang.",
            repeated="all", package_names=True, implicit_self=True, root="java.lang.Object",
            root_members=frozenset(
                ["getClass", "hashCode", "equals", "toString", "notify", "notifyAll", "wait",
                 "clone", "finalize", "name", "ordinal", "values", "valueOf", "compareTo"]
            ),
        ),
        Language("c", "files", extensions=(".h",), linkage=True, aliases=True),
        Language(
            "cpp", "files", extensions=(".h", ".hpp"), repeated="all", implicit_self=True,
            linkage=True, aliases=True,
            unwrap=frozenset(["unique_ptr", "shared_ptr", "weak_ptr", "optional"]), separator="::",
        ),
        Language("solidity", "files", extensions=(".sol",), repeated="all"),
        Language(
            "ruby", "files", extensions=(".rb",), implicit_self=True, open_types=True,
            naming_calls=True, maker="new",
        ),
        Language(
            "php", "packages", extensions=(".php",), repeated="all", by_count=False,
            package_names=True, inner_packages=True, separator="\\", global_names=True,
        ),
        Language(
            "kotlin", "packages", extensions=(".kt",), repeated="all", package_names=True,
            builtin_prefix="kotlin.", implicit_self=True, free_calls=True, mixed_bases=True,
            receiver="first", root="kotlin.Any",
            root_members=frozenset(
                ["equals", "hashCode", "toString", "copy", "name", "ordinal", "values", "valueOf",
                 "entries", "compareTo", "let", "also", "apply", "run", "takeIf", "takeUnless"]
            ),
        ),
        Language(
            "csharp", "packages", extensions=(".cs",), repeated="all", package_names=True,
            implicit_self=True, free_calls=True, nested_packages=True, mixed_bases=True,
            types_apart=True,
            attribute_suffix="Attribute", receiver="parameter", global_imports=True,
            unwrap=frozenset(["Task", "ValueTask", "Nullable", "Lazy"]), root="System.Object",
            root_members=frozenset(
                ["GetType", "ToString", "Equals", "GetHashCode", "MemberwiseClone",
                 "ReferenceEquals", "Finalize", "CompareTo", "HasFlag"]
            ),
        ),
        Language(
            "swift", "packages", extensions=(".swift",), repeated="all", package_names=True,
            builtin_prefix="Swift.", implicit_self=True, free_calls=True, mixed_bases=True,
            module_roots=("Sources", "Tests"), module_extensions=True, root="Swift.Any",
            root_members=frozenset(
                ["self", "Type", "Protocol", "rawValue", "allCases", "hashValue", "hash",
                 "description"]
            ),
        ),
        Language(
            "rust", "crates", extensions=(".rs",), builtin_prefix="std.", separator="::",
            unwrap=frozenset(["Box", "Rc", "Arc"]), global_names=True, aliases=True,
        ),
        Language(
            "go", "directories", extensions=(".go",), builtin_prefix="builtin.",
            package_names=True, separator="/",
        ),
    )
}  # fmt: skip
OTHER = Language("other", "stated")
"""For languages without rules of their own."""
