//! Scan AST JSON.
//!
//! Belongs here: bytes in, Arrow batches out; nothing that knows Python.
//! Does not: finding files, joining across files, writing tables.

pub mod batch;
mod encoding;
pub mod error;
pub mod finding;
pub mod frame;
pub mod hash;
pub mod intern;
pub mod json;
pub mod mapping;
#[cfg(feature = "semantics")]
pub mod modules;
pub mod path;
pub mod positions;
pub mod rows;
pub mod scan;
mod schema;
#[cfg(feature = "semantics")]
pub mod semantics;
pub mod tape;
pub mod tree;

/// The version that every row of the ledger carries.
pub const ENGINE_VERSION: &str = env!("CARGO_PKG_VERSION");

/// Until the semantics are there: no symbols.
#[cfg(not(feature = "semantics"))]
#[allow(missing_docs)]
pub mod semantics {
    #[derive(Default, Debug)]
    pub struct Scratch;

    pub fn extract(
        _: &crate::mapping::Mapping,
        _: &crate::tree::Context<'_>,
        _: &mut Scratch,
        _: &mut impl crate::rows::Rows,
    ) -> crate::rows::Facts {
        crate::rows::Facts::default()
    }
}
