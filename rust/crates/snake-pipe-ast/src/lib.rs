//! Scan AST JSON.
//!
//! Belongs here: bytes in, Arrow batches out; nothing that knows Python.
//! Does not: finding files, joining across files, writing tables.

pub mod hash;
pub mod intern;
pub mod json;
pub mod mapping;
pub mod path;
pub mod positions;
pub mod rows;
mod schema;
pub mod tape;
pub mod tree;

/// The version that every row of the ledger carries.
pub const ENGINE_VERSION: &str = env!("CARGO_PKG_VERSION");
