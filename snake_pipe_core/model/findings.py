"""Every code that a finding can carry, and the page that explains it.

Belongs here: what a code means, where it arises, how grave it is, what becomes of the artifact, an
example that really gives it and what to do, once; `docs/reference/findings.md`, the pages below it
and `snake-pipe explain` derive from here, and a test runs the examples. Does not: emitting
findings; whoever sees the trouble writes the message with its particulars.
"""

from __future__ import annotations

from dataclasses import dataclass

_PYTHON_AST = '{"_type": "Module", "body": [], "type_ignores": []}'
_SCAN = "Scan, reading the artifact"
_DISCOVERY = "Extract, listing the source"
_DIRECTORY = "Extract, walking a directory"
_UNFOLDING = "Scan, unfolding what is compressed"


@dataclass(frozen=True)
class Example:
    """A source that really gives the finding.

    `make` are shell commands that make it in an empty directory; `location` is what is then run.
    The finding is on `path` of the source, at `pointer`.
    """

    make: tuple[str, ...]
    path: str
    pointer: str = ""
    location: str = "asts"
    remark: str = ""


@dataclass(frozen=True)
class FindingCode:
    """One code.

    `severity` is the gravest that the code is emitted with: `error` keeps the artifact out,
    `warning` and `info` do not. `outcome` is the artifact's terminal outcome in the example, empty
    if what has the finding is no artifact. `example` is None only where nothing is known to give
    the finding; `without_example` then says why.
    """

    code: str
    severity: str
    meaning: str
    remedy: str
    arises: str
    cause: str
    outcome: str
    example: Example | None
    without_example: str = ""

    @property
    def page(self) -> str:
        """The code's page in Markdown, as `docs/reference/findings/<code>.md` has it."""
        parts = [
            f"# {self.code}",
            f"`{self.severity}`. {self.meaning}",
            f"## Where it arises\n\n{self.arises}. {self.cause}",
            f"## What becomes of the artifact\n\n{_BECOMES[self.outcome]}",
            f"## Example\n\n{self._example()}",
            f"## What to do\n\n{self.remedy}",
        ]
        if self.outcome in ("quarantined", "unsupported"):
            parts.append(
                "Then `snake-pipe quarantine replay --source NAME` reads it once more; so does the "
                "next run, if the file has changed."
            )
        return "\n\n".join(parts) + "\n"

    def _example(self) -> str:
        if self.example is None:
            return self.without_example
        run = f"snake-pipe run {self.example.location} --scan-only"
        shown = "\n".join(f"$ {line}" for line in (*self.example.make, run))
        place = f" at `{self.example.pointer}`" if self.example.pointer else ""
        what = "`snake-pipe quarantine show` prints it." if self.outcome else ""
        told = f"The finding is on `{self.example.path}`{place}. {what}".rstrip()
        parts = [f"```console\n{shown}\n```", told]
        return "\n\n".join([self.example.remark, *parts] if self.example.remark else parts)


_BECOMES = {
    "quarantined": (
        "Its outcome is `quarantined`: it has a row in the ledger and this finding, and no rows in "
        "any other table. It counts against the quality gate (999 of 1000 artifacts that should be "
        "valid must be), since it should have been valid. The run goes on with the others."
    ),
    "unsupported": (
        "Its outcome is `unsupported`: it has a row in the ledger and this finding, and no rows in "
        "any other table. The quality gate does not count it, since nothing says that it should "
        "have been valid. The run goes on with the others."
    ),
    "skipped": (
        "Its outcome is `skipped`: it has a row in the ledger and this finding, and is not loaded. "
        "The quality gate does not count it."
    ),
    "loaded_with_warnings": (
        "It is loaded whole, with the outcome `loaded_with_warnings`, and counts as valid."
    ),
    "": (
        "There is none: what has the finding is no file of the ledger. Artifacts that can be seen "
        "are not affected."
    ),
}


def _made(content: str, *, path: str = "a.py.json", pointer: str = "") -> Example:
    """Return an example of one artifact with this content, which holds no single quote."""
    return Example(("mkdir asts", f"printf '%s' '{content}' > asts/{path}"), path, pointer)


def _assignment(target: str) -> str:
    """Return an artifact that says `x = 1`, with these members of the name's position."""
    return (
        '{"_type": "Module", "type_ignores": [], "body": [{"_type": "Assign", "lineno": 1, '
        '"col_offset": 0, "targets": [{"_type": "Name", "id": "x", "ctx": {"_type": "Store"}, '
        f'{target}}}], "value": {{"_type": "Constant", "value": 1, "lineno": 1, "col_offset": 4}}}}]}}'
    )


def _tree_sitter(path: str, children: str = "") -> str:
    """Return an artifact of tree-sitter that describes `path`."""
    return (
        f'{{"dialect": "tree-sitter", "language": "python", "path": "{path}", "root": {{"type": '
        '"module", "named": true, "field": null, "start_byte": 0, "end_byte": 3, "start_point": '
        f'[0, 0], "end_point": [0, 3]{children}}}}}'
    )


_WRITE_ONE = ("mkdir asts", f"printf '%s' '{_PYTHON_AST}' > asts/a.py.json")

_ALL = (
    # The file, before anything is read.
    FindingCode(
        "FILE_UNREADABLE",
        "error",
        "The operating system does not let the file be read.",
        "Check that it still exists and its permissions.",
        _SCAN,
        "The file lacks the permission to be read, was removed after it was found, or lies on a "
        "disk that fails; the message holds what the system said. An object store or API that "
        "refuses one item says so with this code, too.",
        "quarantined",
        Example(
            (*_WRITE_ONE, "chmod 000 asts/a.py.json"), "a.py.json",
            remark="As a user who is not the superuser:",
        ),
    ),
    FindingCode(
        "FILE_TOO_LARGE",
        "error",
        "Scanning the file would take more memory than the declared budget.",
        "Raise the memory budget, or export the source file by itself.",
        _SCAN,
        "The file is larger than the budget (`memory_budget_bytes` of the settings, 1 GiB unless "
        "said otherwise), or a look at its bytes tells that its nodes would take more. Compressed "
        "artifacts also end at their source's option `max_bytes`.",
        "quarantined",
        Example(("mkdir asts", "truncate -s 2G asts/a.py.json"), "a.py.json"),
    ),
    FindingCode(
        "FILE_CHANGED",
        "error",
        "The file changed between being found and being read.",
        "Run again; write artifacts beside their place and rename them into it.",
        _SCAN,
        "Its size when it was opened and the bytes that came of it differ: a producer is still "
        "writing it.",
        "quarantined",
        Example(
            ("mkdir asts", "ln -s /proc/version asts/a.py.json"), "a.py.json",
            remark="On Linux, a file whose stated size is never what is read stands for one that "
            "is being written:",
        ),
    ),
    FindingCode(
        "DIRECTORY_UNREADABLE",
        "error",
        "A directory cannot be listed, so nothing below it is known.",
        "Grant read and execute permission on the directory, then run again.",
        _DIRECTORY,
        "The directory lacks the permission to be listed, or vanished meanwhile. Artifacts that an "
        "earlier run found in it count as removed.",
        "",
        Example(
            (*_WRITE_ONE, "mkdir asts/closed", "chmod 000 asts/closed"), "closed",
            remark="As a user who is not the superuser:",
        ),
    ),
    FindingCode(
        "LINK_BROKEN",
        "warning",
        "A symbolic link leads nowhere.",
        "Repair or remove the link.",
        _DIRECTORY,
        "The link's target does not exist, or links lead to each other.",
        "skipped",
        Example(("mkdir asts", "ln -s nowhere.json asts/a.py.json"), "a.py.json"),
    ),
    FindingCode(
        "LINK_TO_DIRECTORY",
        "info",
        "A link to a directory is not followed, so that no walk can loop.",
        "Name the linked directory as a source of its own.",
        _DIRECTORY,
        "A symbolic link stands for a directory. Links to files are followed.",
        "skipped",
        Example(("mkdir asts", "ln -s .. asts/around"), "around"),
    ),
    FindingCode(
        "NOT_A_FILE",
        "info",
        "A device, pipe or socket is not an artifact.",
        "Remove it.",
        _DISCOVERY,
        "Opening it could wait for ever, so nothing but its kind is looked at.",
        "skipped",
        Example(("mkdir asts", "mkfifo asts/pipe.json"), "pipe.json"),
    ),
    FindingCode(
        "PATH_ENCODING",
        "warning",
        "The file's name is not valid UTF-8, so no table can hold it.",
        "Rename the file.",
        _DISCOVERY,
        "Names from before UTF-8, or from an archive that was packed elsewhere. The ledger shows "
        "the name with `\\ufffd` in place of what cannot be read.",
        "skipped",
        Example(
            ("mkdir asts", f"printf '%s' '{_PYTHON_AST}' > $'asts/caf\\xe9.py.json'"),
            "caf\ufffd.py.json",
        ),
    ),
    FindingCode(
        "PATTERN_EXCLUDED",
        "info",
        "The include and exclude patterns leave the file out.",
        "Change the patterns if it is an artifact.",
        _DISCOVERY,
        "No pattern of `--include` (`*.json`, unless said otherwise) matches its name, or one of "
        "`--exclude` does.",
        "skipped",
        Example((*_WRITE_ONE, "echo 'see a.py' > asts/notes.txt"), "notes.txt"),
    ),
    FindingCode(
        "PATH_UNSAFE",
        "warning",
        "A name in an archive or table is absolute, leads upwards, or holds a backslash.",
        "Pack the files again with relative names and forward slashes.",
        "Extract, listing an archive, bundle, table or API",
        "Whoever unpacked such a name would write outside of the directory meant for it. Nothing "
        "is unpacked here, yet such a name has no place within the source.",
        "skipped",
        Example(
            (
                'printf \'%s\\n\' \'{"path": "../a.py.json", "content": "{}"}\' > asts.ndjson',
            ),
            "../a.py.json",
            location="asts.ndjson",
        ),
    ),
    FindingCode(
        "PATH_REPEATED",
        "warning",
        "The source holds more than one file of this name; one of them counts.",
        "Give every file a name of its own.",
        _DISCOVERY,
        "An archive was appended to, a table has two rows of one path, or an artifact lies beside "
        "its own compressed copy. The message says which one counts.",
        "skipped",
        Example((*_WRITE_ONE, "gzip --keep asts/a.py.json"), "a.py.json.gz"),
    ),
    FindingCode(
        "LINK_IN_ARCHIVE",
        "info",
        "A link in an archive is not followed; it could lead anywhere.",
        "Pack the file itself (`tar --dereference --hard-dereference`).",
        "Extract, listing an archive",
        "The member is a symbolic or hard link, and holds no bytes of its own.",
        "skipped",
        Example(
            (*_WRITE_ONE, "ln -s a.py.json asts/b.py.json", "tar -cf asts.tar asts"),
            "asts/b.py.json",
            location="asts.tar",
        ),
    ),
    FindingCode(
        "MEMBER_ENCRYPTED",
        "error",
        "A member of an archive is encrypted.",
        "Pack the archive again without a password.",
        _UNFOLDING,
        "There is no way to give a password: it would have to be kept in the settings.",
        "quarantined",
        Example(
            (*_WRITE_ONE, "zip --quiet --recurse-paths --password secret asts.zip asts"),
            "asts/a.py.json",
            location="asts.zip",
        ),
    ),
    FindingCode(
        "COMPRESSION_DAMAGED",
        "error",
        "Compressed bytes cannot be unfolded, or their checksum is wrong.",
        "Copy or compress the file again; it may have been cut off.",
        _UNFOLDING,
        "A copy that was broken off, a bad disk, or bytes of another format under this name.",
        "quarantined",
        Example(
            (*_WRITE_ONE, "gzip asts/a.py.json", "truncate -s -4 asts/a.py.json.gz"), "a.py.json"
        ),
    ),
    FindingCode(
        "COMPRESSION_SUSPECT",
        "error",
        "A few compressed bytes unfold to so many that reading was stopped.",
        "Raise the source's option `max_ratio` if it is an artifact.",
        _UNFOLDING,
        "More than 64 MiB came of it, and more than `max_ratio` (500) times the compressed bytes "
        "read so far. A bomb looks like this.",
        "quarantined",
        Example(
            ("mkdir asts", "head -c 100M /dev/zero | gzip > asts/a.py.json.gz"), "a.py.json"
        ),
    ),
    FindingCode(
        "ROW_INVALID",
        "error",
        "A row of a bundle, table or API has no path or no content.",
        "Mend the row, or name other columns by the options `path` and `content`.",
        "Scan, taking a row of a bundle, table or API",
        "The column is absent or null, or its value is neither text nor JSON.",
        "quarantined",
        Example(
            ('printf \'%s\\n\' \'{"path": "a.py.json"}\' > asts.ndjson',),
            "a.py.json",
            location="asts.ndjson",
        ),
    ),
    FindingCode(
        "DOCUMENT_CONFLICT",
        "warning",
        "Two different artifacts describe the same document; the first in path order is loaded.",
        "Remove one of the two, or put them in sources of their own.",
        "Validate, after all artifacts were scanned",
        "One source file was exported twice, by two producers or before and after an edit. The "
        "message names the artifact that counts. Equal bytes are no conflict but a `duplicate`.",
        "skipped",
        Example(
            (
                "mkdir asts",
                f"printf '%s' '{_tree_sitter('a.py')}' > asts/first.json",
                f"printf '%s\\n' '{_tree_sitter('a.py')}' > asts/second.json",
            ),
            "second.json",
        ),
    ),
    # The bytes as JSON.
    FindingCode(
        "ENCODING_INVALID",
        "error",
        "The bytes are not UTF-8 (nor UTF-16 or UTF-32 with a byte order mark).",
        "Export again as UTF-8.",
        _SCAN,
        "Text in an encoding of one region, compressed bytes without the ending that says so, or a "
        "binary file. The message names the first byte that is wrong.",
        "quarantined",
        Example(
            ("mkdir asts", "printf '{\"_type\": \"caf\\351\"}' > asts/a.py.json"), "a.py.json"
        ),
    ),
    FindingCode(
        "JSON_EMPTY",
        "error",
        "The file holds nothing, or only white space.",
        "The producer probably failed: run it on this file by hand and read its messages.",
        _SCAN,
        "A shell makes the file before the producer starts, and keeps it when that fails.",
        "quarantined",
        Example(("mkdir asts", ": > asts/a.py.json"), "a.py.json"),
    ),
    FindingCode(
        "JSON_INVALID",
        "error",
        "The text is not JSON at the stated byte.",
        "Look for messages that the producer mixed into its output, and export again.",
        _SCAN,
        "Warnings on standard output, an HTML error page saved under the name, a dump of a "
        "programming language's own notation, comments or trailing commas.",
        "quarantined",
        _made("<html><body>502 Bad Gateway</body></html>"),
    ),
    FindingCode(
        "JSON_TRUNCATED",
        "error",
        "The JSON ends before it is complete.",
        "Export again; check for a full disk or a producer that was ended.",
        _SCAN,
        "Everything up to the end is right, and the end comes too early.",
        "quarantined",
        _made('{"_type": "Module", "body": ['),
    ),
    FindingCode(
        "JSON_TRAILING",
        "error",
        "More text follows after a complete JSON value.",
        "Export one artifact per file.",
        _SCAN,
        "Artifacts written one after the other into one file, or a message behind the tree. "
        "Dialects whose producer writes trees one after the other (clang) are read all the same; "
        "lines of artifacts are a bundle (`.ndjson`).",
        "quarantined",
        _made(f"{_PYTHON_AST} 1 warning generated."),
    ),
    FindingCode(
        "JSON_LENIENT",
        "warning",
        "The text goes beyond strict JSON (NaN, Infinity, lone surrogates, repeated keys) and was "
        "read all the same.",
        "Nothing has to be done; the first place is given.",
        _SCAN,
        "Producers write what their language's JSON library lets through. Of repeated keys the "
        "last one counts.",
        "loaded_with_warnings",
        _made(
            _PYTHON_AST.replace(
                "[]", '[{"_type": "Expr", "value": {"_type": "Constant", "value": NaN}}]', 1
            ),
            pointer="/body/0/value/value",
        ),
    ),
    # The JSON as a dialect.
    FindingCode(
        "DIALECT_UNKNOWN",
        "error",
        "No dialect claims the artifact.",
        "See the list of dialects; if it is an AST, add its dialect.",
        "Scan, telling the dialect from the content",
        "It is JSON, and nothing in it marks a tree that a dialect knows; names and endings do not "
        "count. `docs/reference/dialects.md` lists the dialects, and "
        "`docs/guides/add-a-dialect.md` says how to add one.",
        "unsupported",
        _made('{"type": "Feature", "geometry": {"type": "Point"}}'),
    ),
    FindingCode(
        "DIALECT_AMBIGUOUS",
        "error",
        "More than one dialect claims the artifact.",
        "Two dialects must be told apart better; report it with the artifact.",
        "Scan, telling the dialect from the content",
        "The marks of two dialects are in one artifact. None is preferred silently.",
        "unsupported",
        _made(
            '{"_type": "Module", "type": "Program", "sourceType": "module", "start": 0, "end": 9, '
            '"body": [], "type_ignores": []}'
        ),
    ),
    FindingCode(
        "DIALECT_REFUSED",
        "error",
        "A dialect recognizes the artifact, and also that it cannot be used as it is.",
        "Export with the options that the dialect's page names.",
        "Scan, telling the dialect from the content",
        "The format is known, and is no tree, lacks what is needed, or has a better alternative; "
        "the message says which. `docs/reference/dialects.md` lists all that are refused.",
        "unsupported",
        _made('{"name": "left-pad", "version": "1.3.0", "dependencies": {}}'),
    ),
    FindingCode(
        "SCHEMA_VIOLATION",
        "error",
        "The artifact breaks the dialect's schema at the stated pointer.",
        "Export again with a producer version that the dialect's page names.",
        "Validate, in the same pass as scan",
        "A member is missing or has another type than the dialect's JSON Schema states. The "
        "message says which and why, as the reference validator on the same schema puts it.",
        "quarantined",
        _made('{"_type": "Module", "body": "x", "type_ignores": []}', pointer="/body"),
    ),
    FindingCode(
        "ENGINE_PANIC",
        "error",
        "The engine itself failed on the artifact; the others were scanned.",
        "This is a fault of Snake-Pipe: report it with the artifact.",
        "Scan",
        "A fault in the engine was caught at the border of the artifact; the rows it had made so "
        "far were taken back.",
        "quarantined",
        None,
        "No artifact is known that gives it. The engine's own tests let a made-up fault happen "
        "inside, and hold that the rows of all other artifacts are as without it.",
    ),
    # The tree.
    FindingCode(
        "KIND_UNKNOWN",
        "warning",
        "The mapping does not name some native kinds; their nodes are kept as `unknown`.",
        "Add the kinds to the dialect's mapping if they matter.",
        "Normalize, in the same pass as scan",
        "The producer is newer than the mapping, or a plug-in added kinds. Their native kind, "
        "place and children are in `nodes` as those of any other.",
        "loaded_with_warnings",
        _made(
            _PYTHON_AST.replace("[]", '[{"_type": "SelectStmt", "lineno": 1, "col_offset": 0}]', 1),
            pointer="/body/0",
        ),
    ),
    FindingCode(
        "POSITION_INVALID",
        "warning",
        "Some positions are not whole numbers in range; they are null in the tables.",
        "Export with positions, or update the producer.",
        "Normalize, in the same pass as scan",
        "A line below one, a column below zero, or a number that no file can reach. One finding "
        "stands for all such places of the artifact; its pointer is the first one.",
        "loaded_with_warnings",
        _made(_assignment('"lineno": -5, "col_offset": 0'), pointer="/body/0/targets/0/lineno"),
    ),
    FindingCode(
        "POSITION_REVERSED",
        "warning",
        "Some nodes end before they begin.",
        "Report it to the producer; nothing else depends on it.",
        "Normalize, in the same pass as scan",
        "Some producers give such spans to nodes that they made up. One finding stands for all "
        "such nodes of the artifact; its pointer is the first one.",
        "loaded_with_warnings",
        _made(
            _assignment('"lineno": 9, "col_offset": 0, "end_lineno": 2, "end_col_offset": 1'),
            pointer="/body/0/targets/0",
        ),
    ),
    FindingCode(
        "PARSER_ERROR_NODE",
        "warning",
        "The parser itself could not read a part of the source file and says so in the tree.",
        "Check the source file, or parse with a newer grammar.",
        "Normalize, in the same pass as scan",
        "The tree has nodes that stand for an error or for something missing (`ERROR` and "
        "`MISSING` of tree-sitter, for example). What surrounds them is right.",
        "loaded_with_warnings",
        _made(
            _tree_sitter(
                "a.py",
                ', "children": [{"type": "ERROR", "named": true, "field": null, "start_byte": 0, '
                '"end_byte": 3, "start_point": [0, 0], "end_point": [0, 3], "text": "x ="}]',
            ),
            pointer="/root/children/0",
        ),
    ),
)  # fmt: skip

FINDING_CODES: dict[str, FindingCode] = {finding.code: finding for finding in _ALL}
"""All codes by name."""
