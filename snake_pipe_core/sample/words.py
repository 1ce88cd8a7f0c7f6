"""Words that pseudonyms leave alone, because the languages and dialects own them.

Belongs here: keywords, names that languages provide, and what a dialect's schema enumerates.
Does not: replacing other words.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from snake_pipe_core.dialects.base import Dialect
from snake_pipe_core.resolve.languages import LANGUAGES

_WORD = re.compile(r"\w+")

_KEYWORDS = ["abstract", "actual", "alignas", "alignof", "and", "any", "anyhow", "array", "arguments", "as", "asm", "assert", "associatedtype", "async", "auto", "await", "base", "bigint", "bool", "boolean", "borrowing", "break", "byte", "bytes", "calldata", "case", "catch", "chan", "char", "char16_t", "char32_t", "char8_t", "checked", "class", "cls", "co_await", "co_return", "co_yield", "companion", "compl", "concept", "const", "consteval", "constexpr", "constinit", "constant", "construct", "constructor", "consuming", "contract", "crate", "crossinline", "data", "decimal", "declare", "decltype", "default", "defer", "defined", "define", "deinit", "delegate", "delete", "dict", "did", "didSet", "do", "double", "dyn", "dynamic", "each", "echo", "elif", "else", "elseif", "elsif", "emit", "end", "endfor", "endforeach", "endif", "endswitch", "endwhile", "ensure", "enum", "error", "event", "expect", "explicit", "export", "exports", "extends", "extension", "extern", "external", "fallthrough", "false", "False", "field", "file", "fileprivate", "final", "finally", "fixed", "float", "fn", "fixed", "float32", "float64", "complex64", "complex128", "for", "foreach", "friend", "from", "fun", "func", "function", "get", "global", "go", "goto", "guard", "if", "immutable", "impl", "implements", "implicit", "import", "in", "include", "include_once", "indexed", "indirect", "infer", "init", "inline", "inout", "instanceof", "insteadof", "int", "int8", "int16", "int32", "int64", "int128", "interface", "internal", "into", "intrinsic", "is", "isset", "iota", "it", "keyof", "lambda", "lateinit", "lazy", "let", "library", "list", "lock", "long", "loop", "macro", "map", "mapping", "match", "memory", "meta", "mixed", "mod", "modifier", "module", "move", "mut", "mutable", "mutating", "namespace", "native", "never", "new", "next", "nil", "noexcept", "noinline", "none", "None", "nonisolated", "nonlocal", "nonmutating", "not", "null", "nullptr", "number", "object", "of", "open", "operator", "option", "or", "out", "override", "package", "panic", "parent", "pass", "payable", "postfix", "precedence", "prefix", "print", "private", "proc", "property", "protected", "protocol", "pub", "public", "pure", "raise", "range", "readonly", "receive", "redo", "ref", "register", "reified", "relational", "repeat", "require", "require_once", "required", "requires", "rescue", "restrict", "result", "rethrow", "retry", "return", "returns", "rune", "sbyte", "sealed", "select", "self", "Self", "sequence", "set", "setparam", "shared", "short", "signed", "sizeof", "some", "static", "static_assert", "storage", "strict", "string", "strong", "struct", "subscript", "super", "suspend", "switch", "symbol", "synchronized", "tailrec", "template", "then", "this", "thread_local", "throw", "throws", "trait", "transient", "transitive", "true", "True", "try", "tuple", "type", "typealias", "typedef", "typeid", "typename", "typeof", "u8", "u16", "u32", "u64", "u128", "i8", "i16", "i32", "i64", "i128", "f32", "f64", "usize", "isize", "uint", "uint8", "uint16", "uint32", "uint64", "uint128", "uint256", "int256", "bytes4", "bytes32", "uintptr", "ulong", "unchecked", "undef", "undefined", "union", "unique", "unknown", "unless", "unmanaged", "unowned", "unsafe", "unset", "unsigned", "until", "use", "using", "ushort", "val", "value", "var", "vararg", "vector", "view", "virtual", "void", "volatile", "wchar_t", "weak", "when", "where", "while", "willSet", "with", "xor", "yield", "strictfp", "record", "permits", "non", "sealed", "exports", "opens", "uses", "provides", "address", "nonpayable"]  # fmt: skip
"""Reserved and contextual words of all languages that are read, and their basic types."""

_PROVIDED = ["__all__", "__init__", "__new__", "__call__", "__construct", "__invoke", "__main__", "__name__", "__proto__", "prototype", "exports", "require", "define", "console", "window", "document", "globalThis", "undefined", "Object", "Function", "Array", "String", "Number", "Boolean", "Promise", "Error", "Symbol", "Map", "Set", "typing", "TYPE_CHECKING", "Optional", "Union", "Any", "Protocol", "Generic", "ABC", "dataclass", "classmethod", "staticmethod", "property", "setter", "getter", "abstractmethod", "overload", "override", "Enum", "NamedTuple", "TypedDict", "Override", "Deprecated", "Throwable", "Exception", "Iterable", "Comparable", "Record", "Iterator", "initialize", "attr_accessor", "attr_reader", "attr_writer", "module_function", "private_constant", "public_constant", "include", "extend", "prepend", "define_method", "private_class_method", "require_relative", "autoload", "load", "Struct", "String", "fmt", "errors", "iota", "append", "make", "len", "cap", "copy", "close", "delete", "std", "vec", "println", "format", "Some", "None", "Ok", "Err", "Box", "Rc", "Arc", "Vec", "Self", "Default", "derive", "cfg", "test", "path", "macro_use", "msg", "sender", "abi", "block", "tx", "usr", "include", "lib", "src", "source", "sources", "main", "index", "package", "mod", "tests", "spec", "py", "pyi", "pyw", "js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "json", "java", "rb", "php", "go", "rs", "kt", "kts", "swift", "sol", "hpp", "hxx", "hh", "cpp", "cxx", "cc", "cs"]  # fmt: skip
"""What programs in these languages are given, roots of sources, and endings of file names."""


def kept_words(dialect: Dialect) -> frozenset[str]:
    """Return the words that artifacts of `dialect` keep: nobody's secret, and needed to read them."""
    words = {*_KEYWORDS, *_PROVIDED, *keyword.kwlist, *dir(builtins)}
    for language in LANGUAGES.values():
        for each in fields(language):
            words.update(_words_of(getattr(language, each.name)))
    words.update(word for text in _enumerated(dialect.schema) for word in _WORD.findall(text))
    for mapping in dialect.mappings:
        words.update(_leaves(mapping.content))
    return frozenset(words)


def _words_of(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from _WORD.findall(value)
    elif isinstance(value, tuple | frozenset):
        for each in value:
            yield from _words_of(each)


def _enumerated(schema: Any) -> Iterator[str]:
    """Yield every text that a schema enumerates."""
    if isinstance(schema, Mapping):
        for key, value in schema.items():
            if key == "const" and isinstance(value, str):
                yield value
            elif key == "enum":
                yield from (each for each in value if isinstance(each, str))
            else:
                yield from _enumerated(value)
    elif isinstance(schema, list):
        for each in schema:
            yield from _enumerated(each)


def _leaves(value: Any) -> Iterator[str]:
    """Yield words that stand alone among a mapping's values."""
    if isinstance(value, str):
        words = _WORD.findall(value)
        if len(words) == 1:  # a sign may stand before or after it: `$_GET`, `self.`
            yield words[0]
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _leaves(each)
