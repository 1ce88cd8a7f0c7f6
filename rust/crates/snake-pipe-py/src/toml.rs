//! TOML for Python.
//!
//! Belongs here: reading a TOML text as dicts, lists and scalars.
//! Does not: what the text says; that is the mapping language's.

use std::fmt;

use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};
use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};

/// Name under which the crate tells dates, which mappings do not have.
const DATE: &str = "$__toml_private_datetime";

/// Makes one value a Python object.
#[derive(Clone, Copy)]
struct Object<'py>(Python<'py>);

impl<'de, 'py> DeserializeSeed<'de> for Object<'py> {
    type Value = Bound<'py, PyAny>;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Self::Value, D::Error> {
        source.deserialize_any(self)
    }
}

fn failed<E: Error>(error: PyErr) -> E {
    E::custom(error)
}

impl<'py> Object<'py> {
    fn of<E: Error>(self, value: impl IntoPyObject<'py>) -> Result<Bound<'py, PyAny>, E> {
        value.into_bound_py_any(self.0).map_err(failed)
    }
}

impl<'de, 'py> Visitor<'de> for Object<'py> {
    type Value = Bound<'py, PyAny>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a TOML value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        self.of(value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        self.of(value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        self.of(value)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        self.of(value)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut source: A) -> Result<Self::Value, A::Error> {
        let list = PyList::empty(self.0);
        while let Some(value) = source.next_element_seed(self)? {
            list.append(value).map_err(failed)?;
        }
        Ok(list.into_any())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut source: A) -> Result<Self::Value, A::Error> {
        let table = PyDict::new(self.0);
        while let Some(key) = source.next_key::<String>()? {
            if key == DATE {
                return Err(A::Error::custom("dates have no meaning here"));
            }
            let value = source.next_value_seed(self)?;
            let key = PyString::intern(self.0, &key);
            table.set_item(key, value).map_err(failed)?;
        }
        Ok(table.into_any())
    }
}

/// The content of a TOML document; `ValueError` says what is wrong and where.
#[pyfunction]
pub(crate) fn parse_toml<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    let refused = |error: toml::de::Error| {
        let before = &text[..error.span().map_or(text.len(), |span| span.start)];
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
        let what = error.message().replace('\n', "; ");
        PyValueError::new_err(format!("{what} (at line {line}, column {column})"))
    };
    let document = toml::Deserializer::parse(text).map_err(refused)?;
    Object(py).deserialize(document).map_err(refused)
}
