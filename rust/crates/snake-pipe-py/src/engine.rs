//! The engine for Python.
//!
//! Belongs here: arguments and results of the engine's calls, with the GIL released meanwhile.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use pyo3::exceptions::{PyOSError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyDict, PyList};
use snake_pipe_ast::error::EngineError;
use snake_pipe_ast::scan::{self, Data, Input, Options};

use crate::batch::Batch;

pyo3::create_exception!(
    snake_pipe_core._native,
    MappingRefusedError,
    PyValueError,
    "A mapping or schema that cannot be compiled."
);

fn raise(error: &EngineError) -> PyErr {
    match error {
        EngineError::Mapping(message) => MappingRefusedError::new_err(message.clone()),
        EngineError::Environment(message) => PyRuntimeError::new_err(message.clone()),
        EngineError::Output(message, code) => PyOSError::new_err((*code, message.clone())),
    }
}

/// All mappings.
#[pyclass(frozen, module = "snake_pipe_core._native")]
pub struct Engine {
    engine: scan::Engine,
}

/// What the data of inputs is.
struct Inputs {
    paths: Vec<String>,
    files: Option<Vec<PathBuf>>,
    contents: Option<Vec<PyBackedBytes>>,
}

impl Inputs {
    fn new(
        paths: Vec<String>,
        files: Option<Vec<PathBuf>>,
        contents: Option<Vec<PyBackedBytes>>,
    ) -> PyResult<Self> {
        let count = match (&files, &contents) {
            (Some(files), None) => files.len(),
            (None, Some(contents)) => contents.len(),
            _ => return Err(PyValueError::new_err("Give either files or contents.")),
        };
        if count != paths.len() {
            let message = format!(
                "There are {} paths but {count} files or contents.",
                paths.len()
            );
            return Err(PyValueError::new_err(message));
        }
        Ok(Inputs {
            paths,
            files,
            contents,
        })
    }

    fn list(&self) -> Vec<Input<'_>> {
        let data: Vec<Data<'_>> = match (&self.files, &self.contents) {
            (Some(files), _) => files
                .iter()
                .map(|file| Data::File(Path::new(file)))
                .collect(),
            (_, Some(contents)) => contents.iter().map(|bytes| Data::Bytes(bytes)).collect(),
            _ => Vec::new(),
        };
        self.paths
            .iter()
            .zip(data)
            .map(|(path, data)| Input { path, data })
            .collect()
    }
}

#[pymethods]
impl Engine {
    #[new]
    fn new(py: Python<'_>, mappings_json: &str) -> PyResult<Self> {
        let engine = py
            .detach(|| scan::Engine::new(mappings_json))
            .map_err(|e| raise(&e))?;
        Ok(Engine { engine })
    }

    #[getter]
    fn digest(&self) -> &str {
        self.engine.digest()
    }

    #[getter]
    fn version(&self) -> String {
        self.engine.version()
    }

    #[pyo3(signature = (source, paths, files=None, contents=None, *, workers=0, max_bytes=u64::MAX, node_file=None, nodes=true))]
    #[allow(
        clippy::too_many_arguments,
        clippy::needless_pass_by_value,
        reason = "arguments of Python"
    )]
    fn scan<'py>(
        &self,
        py: Python<'py>,
        source: &str,
        paths: Vec<String>,
        files: Option<Vec<PathBuf>>,
        contents: Option<Vec<PyBackedBytes>>,
        workers: usize,
        max_bytes: u64,
        node_file: Option<PathBuf>,
        nodes: bool,
    ) -> PyResult<Bound<'py, PyDict>> {
        let inputs = Inputs::new(paths, files, contents)?;
        let options = Options { workers, max_bytes };
        let tables = py
            .detach(|| match &node_file {
                None if nodes => self.engine.scan(source, &inputs.list(), options),
                None => self.engine.scan_but_nodes(source, &inputs.list(), options),
                Some(file) => self.engine.scan_to(file, source, &inputs.list(), options),
            })
            .map_err(|error| raise(&error))?;
        let result = PyDict::new(py);
        for (name, batches) in tables {
            let batches = batches
                .into_iter()
                .map(|batch| Py::new(py, Batch::from(batch)));
            let batches = PyList::new(py, batches.collect::<PyResult<Vec<_>>>()?)?;
            result.set_item(name, batches)?;
        }
        Ok(result)
    }

    #[pyo3(signature = (paths, files=None, contents=None, *, max_bytes=u64::MAX))]
    fn inspect<'py>(
        &self,
        py: Python<'py>,
        paths: Vec<String>,
        files: Option<Vec<PathBuf>>,
        contents: Option<Vec<PyBackedBytes>>,
        max_bytes: u64,
    ) -> PyResult<Bound<'py, PyList>> {
        let inputs = Inputs::new(paths, files, contents)?;
        let options = Options {
            workers: 1,
            max_bytes,
        };
        let inspections = py
            .detach(|| self.engine.inspect(&inputs.list(), options))
            .map_err(|error| raise(&error))?;
        let result = PyList::empty(py);
        for inspection in inspections {
            let entry = PyDict::new(py);
            entry.set_item("path", inspection.path)?;
            entry.set_item("dialect", inspection.dialect)?;
            entry.set_item("producer", inspection.producer)?;
            entry.set_item("language", inspection.language)?;
            entry.set_item("document_path", inspection.document_path)?;
            entry.set_item("node_count", inspection.node_count)?;
            let kinds: HashMap<String, usize> = inspection.kinds.into_iter().collect();
            entry.set_item("kinds", kinds)?;
            entry.set_item("findings", inspection.findings)?;
            result.append(entry)?;
        }
        Ok(result)
    }
}

/// Sentences about what of a unit (`{"mappings": […], "schema": …}` as JSON) cannot be compiled.
#[pyfunction]
pub(crate) fn check_mapping(py: Python<'_>, unit_json: &str) -> Vec<String> {
    py.detach(|| scan::check(unit_json))
}
