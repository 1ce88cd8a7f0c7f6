//! Record batches for Python.
//!
//! Belongs here: the Arrow `PyCapsule` interface, so that any Arrow library takes a batch without a
//! copy. <https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html>

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, to_ffi};
use arrow_array::{Array, RecordBatch, StructArray};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

/// Rows of one table.
#[pyclass(frozen, module = "snake_pipe_core._native")]
pub struct Batch {
    batch: RecordBatch,
}

impl From<RecordBatch> for Batch {
    fn from(batch: RecordBatch) -> Self {
        Batch { batch }
    }
}

type Capsules<'py> = (Bound<'py, PyCapsule>, Bound<'py, PyCapsule>);

#[pymethods]
impl Batch {
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Capsules<'py>> {
        // A schema asked for may be answered with the own one; the caller casts.
        drop(requested_schema);
        let failed = |error: arrow_schema::ArrowError| PyRuntimeError::new_err(error.to_string());
        let rows = StructArray::from(self.batch.clone());
        let (array, _) = to_ffi(&rows.to_data()).map_err(failed)?;
        let schema = FFI_ArrowSchema::try_from(self.batch.schema().as_ref()).map_err(failed)?;
        let schema = PyCapsule::new_with_value::<FFI_ArrowSchema>(py, schema, c"arrow_schema")?;
        let array = PyCapsule::new_with_value::<FFI_ArrowArray>(py, array, c"arrow_array")?;
        Ok((schema, array))
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let schema = FFI_ArrowSchema::try_from(self.batch.schema().as_ref())
            .map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
        PyCapsule::new_with_value::<FFI_ArrowSchema>(py, schema, c"arrow_schema")
    }

    fn __len__(&self) -> usize {
        self.batch.num_rows()
    }
}
