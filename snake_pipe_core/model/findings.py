"""Every code that a finding can carry.

Belongs here: what a code means, how grave it is and what to do, once; `docs/reference/findings.md`
derives from here. Does not: emitting findings; whoever sees the trouble writes the message with its
particulars.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FindingCode:
    """One code.

    `severity` is the gravest that the code is emitted with: `error` keeps the artifact out,
    `warning` and `info` do not.
    """

    code: str
    severity: str
    meaning: str
    remedy: str


_ALL = (
    # The file, before anything is read.
    FindingCode(
        "FILE_UNREADABLE",
        "error",
        "The operating system does not let the file be read.",
        "Check that it still exists and its permissions.",
    ),
    FindingCode(
        "FILE_TOO_LARGE",
        "error",
        "Scanning the file would take more memory than the declared budget.",
        "Raise the memory budget, or export the source file by itself.",
    ),
    FindingCode(
        "FILE_CHANGED",
        "error",
        "The file changed between being found and being read.",
        "Run again; write artifacts beside their place and rename them into it.",
    ),
    FindingCode(
        "DIRECTORY_UNREADABLE",
        "warning",
        "A directory cannot be listed, so nothing below it is known.",
        "Check its permissions.",
    ),
    FindingCode(
        "LINK_BROKEN",
        "warning",
        "A symbolic link leads nowhere.",
        "Repair or remove the link.",
    ),
    FindingCode(
        "LINK_TO_DIRECTORY",
        "info",
        "A link to a directory is not followed, so that no walk can loop.",
        "Name the linked directory as a source of its own.",
    ),
    FindingCode(
        "NOT_A_FILE",
        "info",
        "A device, pipe or socket is not an artifact.",
        "Remove it.",
    ),
    FindingCode(
        "PATH_ENCODING",
        "warning",
        "The file's name is not valid UTF-8, so no table can hold it.",
        "Rename the file.",
    ),
    FindingCode(
        "PATTERN_EXCLUDED",
        "info",
        "The include and exclude patterns leave the file out.",
        "Change the patterns if it is an artifact.",
    ),
    FindingCode(
        "PATH_UNSAFE",
        "warning",
        "A name in an archive or table is absolute, leads upwards, or holds a backslash.",
        "Pack the files again with relative names and forward slashes.",
    ),
    FindingCode(
        "PATH_REPEATED",
        "warning",
        "The source holds more than one file of this name; one of them counts.",
        "Give every file a name of its own.",
    ),
    FindingCode(
        "LINK_IN_ARCHIVE",
        "info",
        "A link in an archive is not followed; it could lead anywhere.",
        "Pack the file itself (`tar --dereference --hard-dereference`).",
    ),
    FindingCode(
        "MEMBER_ENCRYPTED",
        "error",
        "A member of an archive is encrypted.",
        "Pack the archive again without a password.",
    ),
    FindingCode(
        "COMPRESSION_DAMAGED",
        "error",
        "Compressed bytes cannot be unfolded, or their checksum is wrong.",
        "Copy or compress the file again; it may have been cut off.",
    ),
    FindingCode(
        "COMPRESSION_SUSPECT",
        "error",
        "A few compressed bytes unfold to so many that reading was stopped.",
        "Raise the source's option `max_ratio` if it is an artifact.",
    ),
    FindingCode(
        "ROW_INVALID",
        "error",
        "A row of a bundle, table or API has no path or no content.",
        "Mend the row, or name other columns by the options `path` and `content`.",
    ),
    FindingCode(
        "DOCUMENT_CONFLICT",
        "warning",
        "Two different artifacts describe the same document; the first in path order is loaded.",
        "Remove one of the two, or put them in sources of their own.",
    ),
    # The bytes as JSON.
    FindingCode(
        "ENCODING_INVALID",
        "error",
        "The bytes are not UTF-8 (nor UTF-16 or UTF-32 with a byte order mark).",
        "Export again as UTF-8.",
    ),
    FindingCode(
        "JSON_EMPTY",
        "error",
        "The file holds nothing, or only white space.",
        "The producer probably failed: run it on this file by hand and read its messages.",
    ),
    FindingCode(
        "JSON_INVALID",
        "error",
        "The text is not JSON at the stated byte.",
        "Look for messages that the producer mixed into its output, and export again.",
    ),
    FindingCode(
        "JSON_TRUNCATED",
        "error",
        "The JSON ends before it is complete.",
        "Export again; check for a full disk or a producer that was ended.",
    ),
    FindingCode(
        "JSON_TRAILING",
        "error",
        "More text follows after a complete JSON value.",
        "Export one artifact per file.",
    ),
    FindingCode(
        "JSON_LENIENT",
        "warning",
        "The text goes beyond strict JSON (NaN, Infinity, lone surrogates, repeated keys) and was "
        "read all the same.",
        "Nothing has to be done; the first place is given.",
    ),
    # The JSON as a dialect.
    FindingCode(
        "DIALECT_UNKNOWN",
        "error",
        "No dialect claims the artifact.",
        "See the list of dialects; if it is an AST, add its dialect.",
    ),
    FindingCode(
        "DIALECT_AMBIGUOUS",
        "error",
        "More than one dialect claims the artifact.",
        "Two dialects must be told apart better; report it with the artifact.",
    ),
    FindingCode(
        "DIALECT_REFUSED",
        "error",
        "A dialect recognizes the artifact, and also that it cannot be used as it is.",
        "Export with the options that the dialect's page names.",
    ),
    FindingCode(
        "SCHEMA_VIOLATION",
        "error",
        "The artifact breaks the dialect's schema at the stated pointer.",
        "Export again with a producer version that the dialect's page names.",
    ),
    FindingCode(
        "ENGINE_PANIC",
        "error",
        "The engine itself failed on the artifact; the others were scanned.",
        "This is a fault of Snake-Pipe: report it with the artifact.",
    ),
    # The tree.
    FindingCode(
        "KIND_UNKNOWN",
        "warning",
        "The mapping does not name some native kinds; their nodes are kept as `unknown`.",
        "Add the kinds to the dialect's mapping if they matter.",
    ),
    FindingCode(
        "POSITION_INVALID",
        "warning",
        "Some positions are not whole numbers in range; they are null in the tables.",
        "Export with positions, or update the producer.",
    ),
    FindingCode(
        "POSITION_REVERSED",
        "warning",
        "Some nodes end before they begin.",
        "Report it to the producer; nothing else depends on it.",
    ),
    FindingCode(
        "PARSER_ERROR_NODE",
        "warning",
        "The parser itself could not read a part of the source file and says so in the tree.",
        "Check the source file, or parse with a newer grammar.",
    ),
)

FINDING_CODES: dict[str, FindingCode] = {finding.code: finding for finding in _ALL}
"""All codes by name."""
