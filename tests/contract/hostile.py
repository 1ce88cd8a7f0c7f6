"""A corpus of hostile artifacts, each with the outcome and the findings that it must get.

Belongs here: what bad input looks like. Does not: scanning it, or judging a mapping.

    python -m tests.contract.hostile DIRECTORY [--large]

Every artifact is derived from one small module that really went through a parser. `--large` adds
those of a hundred megabytes and more.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ast2json import ast2json

SOURCE = '''"""A shop."""

import os
from decimal import Decimal


class Till:
    def add(self, price: Decimal) -> str:
        return os.path.join("é", str(price))
'''
LOADED, WARNED = "loaded", "loaded_with_warnings"
QUARANTINED, UNSUPPORTED, SKIPPED = "quarantined", "unsupported", "skipped"


@dataclass(frozen=True)
class Case:
    """One artifact: how it is written, and what must come out."""

    path: str
    content: bytes | Callable[[Path], None]
    outcome: str
    codes: frozenset[str]
    why: str

    def write(self, root: Path) -> None:
        """Write the artifact below `root`."""
        target = root / self.path
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(self.content, bytes):
            target.write_bytes(self.content)
        else:
            self.content(target)


def module() -> dict[str, Any]:
    """Return the tree of the small module, as ast2json dumps it."""
    return parsed(SOURCE)


def parsed(source: str) -> dict[str, Any]:
    """Return a module's tree, as ast2json dumps it."""
    with warnings.catch_warnings():
        # It asks every node for everything, what the interpreter is about to drop, too.
        warnings.simplefilter("ignore", DeprecationWarning)
        tree: dict[str, Any] = ast2json(ast.parse(source))
    return tree


def dumped(tree: Any) -> bytes:
    """Return a tree as its producer would write it."""
    return json.dumps(tree, ensure_ascii=False).encode()


def with_constant(text: str) -> bytes:
    """Return `x = <constant>` whose value is this JSON text."""
    tree = parsed("x = 12345678")
    return dumped(tree).replace(b"12345678", text.encode("utf-8", "surrogatepass"))


def with_line(text: str, *, end: str = "1") -> bytes:
    """Return `x = 1` whose name stands on the line of this JSON text."""
    tree = parsed("x = 1")
    name = tree["body"][0]["targets"][0]
    name["lineno"], name["end_lineno"] = "FIRST", "LAST"
    return dumped(tree).replace(b'"FIRST"', text.encode()).replace(b'"LAST"', end.encode())


def small() -> Iterator[Case]:
    """Yield every artifact that is quick to write."""
    yield from _texts()
    yield from _truncated()
    yield from _encodings()
    yield from _lenient()
    yield from _numbers()
    yield from _shapes()
    yield from _deep()
    yield from _dialects()
    yield from _entries()


def _case(
    path: str, content: bytes | Callable[[Path], None], outcome: str, *codes: str, why: str
) -> Case:
    return Case(path, content, outcome, frozenset(codes), why)


def _texts() -> Iterator[Case]:
    good = dumped(module())
    yield _case("good.py.json", good, LOADED, why="nothing is wrong with it")
    for name, content in {"empty": b"", "blank": b" \r\n\t", "mark": b"\xef\xbb\xbf"}.items():
        yield _case(f"{name}.json", content, QUARANTINED, "JSON_EMPTY", why="nothing in it")
    invalid = {
        "html": b"<!DOCTYPE html>\n<html><body><h1>502 Bad Gateway</h1></body></html>\n",
        "xml": b'<?xml version="1.0"?><Module/>',
        "python": b"import os\n",
        "message": b"SyntaxError: invalid syntax (a.py, line 3)\n",
        "message-first": b"warning: deprecated option\n" + good,
        "single-quotes": b"{'_type': 'Module', 'body': []}",
        "comment": b'{"_type": "Module", /* none */ "body": []}',
        "trailing-comma": b'{"_type": "Module", "body": [],}',
        "missing-comma": b'{"_type": "Module" "body": []}',
        "missing-colon": b'{"_type" "Module"}',
        "key-without-quotes": b'{_type: "Module"}',
        "leading-zero": with_constant("012"),
        "plus": with_constant("+1"),
        "hexadecimal": with_constant("0x10"),
        "bare-point": with_constant(".5"),
        "point-without-digits": with_constant("5."),
        "capital-true": with_constant("True"),
        "bad-escape": with_constant('"\\x41"'),
        "bad-unicode-escape": with_constant('"\\u12G4"'),
        "control-character": with_constant('"a\nb"'),
        "closed-wrongly": b'{"_type": "Module", "body": [}',
        "only-zeros": b"\0" * 64,
    }
    for name, content in invalid.items():
        yield _case(f"invalid/{name}.json", content, QUARANTINED, "JSON_INVALID", why="no JSON")
    for name, content in {
        "twice": good + good,
        "lines": good + b"\n" + good + b"\n",
        "message": good + b"\n1 error generated.\n",
        "python": SOURCE.encode(),
        "bracket": good + b"}",
        "zeros": good + b"\0\0\0",
    }.items():
        yield _case(f"trailing/{name}.json", content, QUARANTINED, "JSON_TRAILING",
                    why="more behind the value")  # fmt: skip


def _truncated() -> Iterator[Case]:
    """Cut behind every structural character, and inside every kind of scalar."""
    text = dumped(parsed('x = f("é", 1.5, None, True)'))
    cuts = {match.end() for match in re.finditer(rb'[{}\[\],:"]', text)}
    cuts |= {match.start() + 1 for match in re.finditer(rb"null|true|\d\.\d|\d\d|\xc3\xa9", text)}
    for cut in sorted(cuts - {len(text)}):
        yield _case(f"truncated/{cut:05}.json", text[:cut], QUARANTINED, "JSON_TRUNCATED",
                    why="a full disk or a killed producer")  # fmt: skip


def _encodings() -> Iterator[Case]:
    good = module()
    text = json.dumps(good, ensure_ascii=False)
    yield _case("encoding/utf-8-mark.json", b"\xef\xbb\xbf" + text.encode(), LOADED,
                why="a byte order mark is no content")  # fmt: skip
    for width in ("utf-16", "utf-32"):
        for order in ("-le", "-be"):
            encoded = text.encode(width + order)
            mark = "\ufeff".encode(width + order)
            yield _case(f"encoding/{width}{order}.json", encoded, WARNED, "JSON_LENIENT",
                        why="PowerShell's redirection writes it")  # fmt: skip
            yield _case(f"encoding/{width}{order}-mark.json", mark + encoded, WARNED,
                        "JSON_LENIENT", why="PowerShell's redirection writes it")  # fmt: skip
    for name, bad in {
        "latin-1": "é".encode("latin-1"),
        "overlong": b"\xc0\xaf",
        "surrogate": b"\xed\xa0\x80",
        "beyond-unicode": b"\xf5\x80\x80\x80",
        "lone-continuation": b"\x80",
    }.items():
        content = text.encode().replace("é".encode(), bad)
        yield _case(f"encoding/{name}.json", content, QUARANTINED, "ENCODING_INVALID",
                    why="the bytes are no text")  # fmt: skip
    compressed = b"\x1f\x8b\x08\x00" + bytes(range(200, 256))
    yield _case("encoding/compressed.json", compressed, QUARANTINED, "ENCODING_INVALID",
                why="gzip under a wrong name")  # fmt: skip


def _lenient() -> Iterator[Case]:
    texts = {
        "nan": "NaN",
        "infinity": "Infinity",
        "minus-infinity": "-Infinity",
        "surrogate-high": '"\\ud800"',
        "surrogate-low": '"\\udc00x"',
        "surrogates-turned": '"\\udc00\\ud800"',
        "duplicate-keys": '{"a": 1, "a": 2}',
    }
    for name, text in texts.items():
        yield _case(f"lenient/{name}.json", with_constant(text), WARNED, "JSON_LENIENT",
                    why="beyond strict JSON, yet its meaning is plain")  # fmt: skip
    for name, text in {
        "huge-float": "1e400",
        "tiny-float": "1e-400",
        "huge-integer": "9" * 5000,
        "ten-to-the-400": "1" + "0" * 400,
        "minus-zero": "-0",
        "zero-character": '"a\\u0000b"',
        "not-a-character": '"\\uffff\\ufdd0"',
    }.items():
        yield _case(f"numbers/{name}.json", with_constant(text), LOADED,
                    why="strict JSON that many readers refuse or round")  # fmt: skip


def _numbers() -> Iterator[Case]:
    for name, text in {
        "negative": "-5",
        "zero": "0",
        "ten-to-the-400": "1" + "0" * 400,
        "five-thousand-digits": "7" * 5000,
        "beyond-32-bits": "4294967297",
    }.items():
        yield _case(f"positions/{name}.json", with_line(text), WARNED, "POSITION_INVALID",
                    why="no line of any file")  # fmt: skip
    yield _case("positions/reversed.json", with_line("9", end="2"), WARNED, "POSITION_REVERSED",
                why="ends before it begins")  # fmt: skip
    yield _case("positions/null.json", with_line("null", end="null"), LOADED,
                why="a producer that knows no position")  # fmt: skip


def _shapes() -> Iterator[Case]:
    for name, text in {
        "body-is-text": '{"_type": "Module", "body": "x", "type_ignores": []}',
        "body-is-missing": '{"_type": "Module", "type_ignores": []}',
        "kind-is-a-number": '{"_type": "Module", "body": [{"_type": 7}], "type_ignores": []}',
        "line-is-a-fraction": with_line("1.5").decode(),
        "names-are-a-number": '{"_type": "Module", "type_ignores": [], "body": '
        '[{"_type": "Global", "names": 3, "lineno": 1, "col_offset": 0}]}',
    }.items():
        yield _case(f"schema/{name}.json", text.encode(), QUARANTINED, "SCHEMA_VIOLATION",
                    why="JSON, but not of the dialect's shape")  # fmt: skip
    wide = {"_type": "Module", "type_ignores": [], "body": [{"_type": 7} for _ in range(20_000)]}
    yield _case("schema/twenty-thousand-violations.json", dumped(wide), QUARANTINED,
                "SCHEMA_VIOLATION", why="a finding must not outgrow its artifact")  # fmt: skip


def _deep() -> Iterator[Case]:
    depth = 100_000
    yield _case("deep/arrays.json", b"[" * depth + b"]" * depth, UNSUPPORTED, "DIALECT_UNKNOWN",
                why="recursion would end the process")  # fmt: skip
    yield _case("deep/objects.json", b'{"a":' * depth + b"1" + b"}" * depth, UNSUPPORTED,
                "DIALECT_UNKNOWN", why="recursion would end the process")  # fmt: skip
    yield _case("deep/open-arrays.json", b"[" * depth, QUARANTINED, "JSON_TRUNCATED",
                why="recursion would end the process")  # fmt: skip
    yield _case("deep/value.json", with_constant("[" * depth + "]" * depth), LOADED,
                why="a value below a node may have any depth")  # fmt: skip
    open_, close = '{"_type": "UnaryOp", "op": {"_type": "Not"}, "operand": ', "}"
    nodes = open_ * depth + '{"_type": "Name", "id": "x", "ctx": {"_type": "Load"}}' + close * depth
    tree = f'{{"_type": "Module", "type_ignores": [], "body": [{{"_type": "Expr", "value": {nodes}}}]}}'
    yield _case("deep/nodes.json", tree.encode(), LOADED, why="a tree may have any depth")
    inner = parsed("def f():\n    pass")
    open_, close = (part.decode() for part in dumped(inner["body"][0]).split(b'{"_type": "Pass"'))
    close = close[close.index("}") + 1 :]
    nodes = open_ * 5000 + '{"_type": "Pass"}' + close * 5000
    tree = f'{{"_type": "Module", "type_ignores": [], "body": [{nodes}]}}'
    yield _case("deep/functions.json", tree.encode(), LOADED, why="names grow with depth")


def _dialects() -> Iterator[Case]:
    for name, text in {
        "object": "{}", "array": "[]", "number": "7", "text": '"Module"', "null": "null",
        "type-of-nothing-known": '{"type": "Feature", "geometry": {"type": "Point"}}',
        "error-of-an-api": '{"message": "Not Found", "status": "404"}',
    }.items():  # fmt: skip
        yield _case(f"dialect/{name}.json", text.encode(), UNSUPPORTED, "DIALECT_UNKNOWN",
                    why="JSON, but no tree")  # fmt: skip
    yield _case("dialect/package-json.json", b'{"name": "left-pad", "version": "1.3.0", "dependencies": {}}', UNSUPPORTED,
                "DIALECT_REFUSED", why="configuration among the artifacts")  # fmt: skip
    both = {**module(), "type": "Program", "sourceType": "module", "start": 0, "end": 9}
    yield _case("dialect/two-dialects.json", dumped(both), UNSUPPORTED, "DIALECT_AMBIGUOUS",
                why="marks of two dialects in one artifact")  # fmt: skip
    newer = module()
    newer["body"].append({"_type": "SelectStmt", "lineno": 12, "col_offset": 0, "cases": []})
    yield _case("dialect/newer-version.json", dumped(newer), WARNED, "KIND_UNKNOWN",
                why="a producer of a version that nobody has seen")  # fmt: skip


def _entries() -> Iterator[Case]:
    """Yield what stands in a directory and is no file that can be read."""
    yield _case("notes.txt", b"{}", SKIPPED, "PATTERN_EXCLUDED", why="another extension")
    yield _case("links/broken.json", lambda path: path.symlink_to("nowhere"), SKIPPED,
                "LINK_BROKEN", why="leads nowhere")  # fmt: skip
    yield _case("links/loop.json", lambda path: path.symlink_to("loop.json"), SKIPPED,
                "LINK_BROKEN", why="leads to itself")  # fmt: skip
    yield _case("links/around.json", lambda path: path.symlink_to(".."), SKIPPED,
                "LINK_TO_DIRECTORY", why="a walk that follows it never ends")  # fmt: skip
    yield _case("pipe.json", os.mkfifo, SKIPPED, "NOT_A_FILE",
                why="reading it would wait for ever")  # fmt: skip


def large() -> Iterator[Case]:
    """Yield what is large: a gigabyte, a hundred megabytes of text, ten million siblings.

    The outcomes are those under the default memory budget of 1 GiB.
    """
    yield _case("large/hole.json", _hole, QUARANTINED, "FILE_TOO_LARGE",
                why="two gigabytes that cost no disk")  # fmt: skip
    yield _case("large/gigabyte.json", partial(_siblings, times=630), QUARANTINED, "FILE_TOO_LARGE",
                why="a gigabyte, most of it nodes")  # fmt: skip
    yield _case("large/siblings.json", partial(_siblings, times=100), QUARANTINED,
                "FILE_TOO_LARGE", why="ten million children of one node")  # fmt: skip
    yield _case("large/text.json", _text, LOADED, why="one string of 100 MB")
    yield _case("large/blanks.json", _blanks, LOADED, why="pretty-printed, as clang does")


def _text(path: Path) -> None:
    path.write_bytes(with_constant('"' + "x" * 33_333_333 + '"'))  # ast2json says it three times


def _blanks(path: Path) -> None:
    with path.open("wb") as file:
        file.write(dumped(module()))
        for _ in range(900):
            file.write(b" " * 1_000_000)


def _hole(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2 << 30)


def _siblings(path: Path, *, times: int) -> None:
    child = b'{"_type":"Pass"},' * 100_000
    with path.open("wb") as file:
        file.write(b'{"_type":"Module","type_ignores":[],"body":[')
        for _ in range(times):
            file.write(child)
        file.write(b'{"_type":"Pass"}]}')


def main() -> None:
    """Write the corpus."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--large", action="store_true", help="also those of 100 MB and more")
    arguments = parser.parse_args()
    for case in [*small(), *(large() if arguments.large else ())]:
        case.write(arguments.directory)
        print(case.path, case.outcome, *sorted(case.codes), sep="\t")


if __name__ == "__main__":
    main()
