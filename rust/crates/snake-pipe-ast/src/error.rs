//! Why the engine cannot work at all.
//!
//! Belongs here: faults of mappings and of the engine's surroundings. Does not: bad artifacts, which
//! are findings.

use std::fmt;

use arrow_schema::ArrowError;

/// An engine that cannot be made or a scan that cannot be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EngineError {
    /// A mapping or schema that cannot be compiled: a sentence naming dialect, table and key.
    Mapping(String),
    /// The operating system or a library refused.
    Environment(String),
    /// The file of nodes cannot be written: a sentence, and the operating system's number.
    Output(String, Option<i32>),
}

impl fmt::Display for EngineError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EngineError::Mapping(message)
            | EngineError::Environment(message)
            | EngineError::Output(message, _) => formatter.write_str(message),
        }
    }
}

impl std::error::Error for EngineError {}

impl From<ArrowError> for EngineError {
    fn from(error: ArrowError) -> Self {
        EngineError::Environment(error.to_string())
    }
}
