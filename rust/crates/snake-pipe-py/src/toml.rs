//! TOML for Python.
//!
//! Belongs here: conversion. Does not: what the texts say together (`snake_pipe_ast::mapping`).

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use snake_pipe_ast::mapping::layers;

/// What TOML texts say together, each laid over those before it, as JSON; `ValueError` says what is
/// wrong and where.
#[pyfunction]
#[allow(clippy::needless_pass_by_value, reason = "arguments of Python")]
pub(crate) fn merge_toml(py: Python<'_>, layers: Vec<String>) -> PyResult<String> {
    let merged = py.detach(|| layers::merged(&layers).map(serde_json::Value::Object));
    let merged = merged.map_err(PyValueError::new_err)?;
    Ok(merged.to_string())
}
