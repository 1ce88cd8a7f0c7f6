//! JSON text to tape.
use crate::intern::Key;

/// A container whose end has not been read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open {
    pub(crate) index: u32,
    pub(crate) count: u32,
    pub(crate) seen: u64,
    pub(crate) key: Key,
}
