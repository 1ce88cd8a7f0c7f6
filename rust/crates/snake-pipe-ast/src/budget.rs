//! What an artifact costs in memory, and that only one enormous artifact is in work at a time.
//!
//! Belongs here: the estimate before anything is built from the bytes. Does not: what becomes of an
//! artifact that costs too much.
//!
//! Measured on 128 MB of Python modules in one artifact and on ten million empty nodes: a value
//! costs its entry on the tape, an object besides what a node has in the tree, in the rows and in
//! the Parquet pages.

use std::sync::{Mutex, MutexGuard};

use crate::tape::Entry;

/// Bytes that a node costs in the tree, its columns and their pages.
const NODE_BYTES: u64 = 240;
/// Artifacts smaller than this are not looked at: many fit beside each other.
const LARGE: usize = 16 << 20;

/// Bytes of memory that scanning `json` takes at most, itself included.
///
/// Punctuation inside texts counts too, so a text full of commas is taken for more than it is.
pub(crate) fn cost(json: &[u8]) -> u64 {
    let size = json.len() as u64;
    if json.len() < LARGE {
        return size;
    }
    let (mut values, mut objects) = (0_u64, 0_u64);
    // Counting in blocks lets the compiler keep the sums in bytes of a vector register.
    for block in json.chunks(255) {
        let (mut block_values, mut block_objects) = (0_u8, 0_u8);
        for &byte in block {
            block_objects += u8::from(byte == b'{');
            block_values += u8::from(byte == b',' || byte == b'{' || byte == b'[');
        }
        values += u64::from(block_values);
        objects += u64::from(block_objects);
    }
    size + values * size_of::<Entry>() as u64 + objects * NODE_BYTES
}

/// Lets one large artifact through at a time.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    busy: Mutex<()>,
}

impl Gate {
    /// Wait until no other large artifact is in work; `None` at once if `size` is not large.
    pub(crate) fn enter(&self, size: u64) -> Option<MutexGuard<'_, ()>> {
        // Whoever panicked inside has given its memory back all the same.
        (size >= LARGE as u64).then(|| {
            self.busy
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_artifact_costs_its_size() {
        assert_eq!(cost(b"{\"a\":[1,2]}"), 11);
    }

    #[test]
    fn values_and_objects_of_a_large_one_are_counted() {
        let items = 2 << 20;
        let json = format!("[{}0]", "{\"a\":1},".repeat(items));
        let entries = size_of::<Entry>() as u64;
        let wanted =
            json.len() as u64 + (2 * items as u64 + 1) * entries + items as u64 * NODE_BYTES;
        assert_eq!(cost(json.as_bytes()), wanted);
    }

    #[test]
    fn one_large_artifact_waits_for_another() {
        let gate = Gate::default();
        assert!(gate.enter(1).is_none());
        let first = gate.enter(1 << 30);
        assert!(first.is_some());
        assert!(gate.busy.try_lock().is_err());
        drop(first);
        assert!(gate.busy.try_lock().is_ok());
    }
}
