//! The native module of `snake_pipe_core`.
//!
//! Belongs here: conversion between Python and Rust values, and the error table.
//! Does not: any decision about AST JSON; those are in `snake-pipe-ast`.

mod batch;
mod engine;
mod toml;

/// The native module.
#[pyo3::pymodule]
mod _native {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::batch::Batch;
    #[pymodule_export]
    use super::engine::{Engine, MappingRefusedError, check_mapping};
    #[pymodule_export]
    use super::toml::merge_toml;

    /// The version that every row of the ledger carries.
    #[pyfunction]
    fn engine_version() -> &'static str {
        snake_pipe_ast::ENGINE_VERSION
    }
}
