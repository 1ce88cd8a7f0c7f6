//! Scan AST JSON.
//!
//! Belongs here: bytes in, Arrow batches (nodes: also Parquet) out; nothing that knows Python.
//! Does not: finding files, joining across files, the lake.

pub mod batch;
mod budget;
mod clang;
mod encoding;
pub mod error;
pub mod finding;
pub mod frame;
pub mod hash;
pub mod intern;
pub mod json;
pub mod mapping;
mod modules;
mod nodes;
mod parquet;
pub mod path;
pub mod positions;
pub mod predicate;
pub mod rows;
pub mod scan;
mod schema;
pub mod semantics;
pub mod tape;
pub mod tree;

/// The version that every row of the ledger carries.
pub const ENGINE_VERSION: &str = env!("CARGO_PKG_VERSION");
