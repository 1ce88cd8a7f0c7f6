//! What is wrong with an artifact.
//!
//! Belongs here: the codes that scan emits, their severity and what to do about each.
//! Does not: seeing the trouble.

/// A code of the reference.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(
    missing_docs,
    reason = "each is described in the reference of findings"
)]
pub enum Code {
    FileUnreadable,
    FileTooLarge,
    FileChanged,
    EncodingInvalid,
    JsonEmpty,
    JsonInvalid,
    JsonTruncated,
    JsonTrailing,
    JsonLenient,
    DialectUnknown,
    DialectAmbiguous,
    DialectRefused,
    SchemaViolation,
    KindUnknown,
    PositionInvalid,
    PositionReversed,
    ParserErrorNode,
    EnginePanic,
}

impl Code {
    /// As in `findings.code`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Code::FileUnreadable => "FILE_UNREADABLE",
            Code::FileTooLarge => "FILE_TOO_LARGE",
            Code::FileChanged => "FILE_CHANGED",
            Code::EncodingInvalid => "ENCODING_INVALID",
            Code::JsonEmpty => "JSON_EMPTY",
            Code::JsonInvalid => "JSON_INVALID",
            Code::JsonTruncated => "JSON_TRUNCATED",
            Code::JsonTrailing => "JSON_TRAILING",
            Code::JsonLenient => "JSON_LENIENT",
            Code::DialectUnknown => "DIALECT_UNKNOWN",
            Code::DialectAmbiguous => "DIALECT_AMBIGUOUS",
            Code::DialectRefused => "DIALECT_REFUSED",
            Code::SchemaViolation => "SCHEMA_VIOLATION",
            Code::KindUnknown => "KIND_UNKNOWN",
            Code::PositionInvalid => "POSITION_INVALID",
            Code::PositionReversed => "POSITION_REVERSED",
            Code::ParserErrorNode => "PARSER_ERROR_NODE",
            Code::EnginePanic => "ENGINE_PANIC",
        }
    }

    /// As in `findings.severity`: an error keeps the artifact out.
    #[must_use]
    pub fn severity(self) -> &'static str {
        match self {
            Code::JsonLenient
            | Code::KindUnknown
            | Code::PositionInvalid
            | Code::PositionReversed
            | Code::ParserErrorNode => "warning",
            _ => "error",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Code::FileUnreadable => "Check that the file still exists and its permissions.",
            Code::FileTooLarge => "Raise the memory budget, or export the source file by itself.",
            Code::FileChanged => {
                "Run again; write artifacts beside their place and rename them into it."
            }
            Code::EncodingInvalid => "Export again as UTF-8.",
            Code::JsonEmpty => {
                "The producer probably failed: run it on this file by hand and read its messages."
            }
            Code::JsonInvalid => {
                "Look for messages that the producer mixed into its output, and export again."
            }
            Code::JsonTruncated => {
                "Export again; check for a full disk or a producer that was ended."
            }
            Code::JsonTrailing => "Export one artifact per file.",
            Code::JsonLenient => "Nothing has to be done; the first place is given.",
            Code::DialectUnknown => "See the list of dialects; if it is an AST, add its dialect.",
            Code::DialectAmbiguous => {
                "The two dialects must be told apart better; report it with the artifact."
            }
            Code::DialectRefused => "Export with the options that the dialect's page names.",
            Code::SchemaViolation => {
                "Export again with a producer version that the dialect's page names."
            }
            Code::KindUnknown => "Add the kinds to the dialect's mapping if they matter.",
            Code::PositionInvalid => "Export with positions, or update the producer.",
            Code::PositionReversed => "Report it to the producer; nothing else depends on it.",
            Code::ParserErrorNode => "Check the source file, or parse with a newer grammar.",
            Code::EnginePanic => "This is a fault of Snake-Pipe: report it with the artifact.",
        }
    }
}

/// One row of `findings`, without source and path.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What kind of trouble.
    pub code: Code,
    /// JSON Pointer into the artifact; empty for the whole.
    pub pointer: String,
    /// What is wrong and why, and what state was left, in sentences.
    pub message: String,
    /// What to do, where the code's own hint does not say it.
    pub hint: Option<String>,
    /// First byte of the trouble and the byte after it, in the artifact.
    pub span: Option<(usize, usize)>,
}

impl Finding {
    /// A finding about the whole artifact.
    #[must_use]
    pub fn new(code: Code, message: String) -> Self {
        Finding {
            code,
            pointer: String::new(),
            message,
            hint: None,
            span: None,
        }
    }
}
