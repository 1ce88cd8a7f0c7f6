//! Any bytes through the whole of scan, with all built-in dialects.
//!
//! Belongs here: what must hold whatever the bytes are. Does not: what a dialect makes of them; the
//! oracle's tests say that.
//!
//! `SNAKE_PIPE_MAPPINGS` names the file that holds the dialects as one JSON text.

#![no_main]

use std::sync::OnceLock;

use arrow_array::RecordBatch;
use libfuzzer_sys::fuzz_target;
use snake_pipe_ast::scan::{Data, Engine, Input, Options};

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let path = std::env::var("SNAKE_PIPE_MAPPINGS").expect("SNAKE_PIPE_MAPPINGS names a file");
        let text = std::fs::read_to_string(path).expect("the mappings can be read");
        Engine::new(&text).expect("the mappings compile")
    })
}

fuzz_target!(|bytes: &[u8]| {
    let input = Input {
        path: "folder/artifact.py.json",
        data: Data::Bytes(bytes),
    };
    let options = Options {
        workers: 1,
        max_bytes: u64::MAX,
    };
    let tables = engine().scan("fuzz", &[input], options).expect("scan never fails on input");
    let rows = |name: &str| -> usize {
        let batches = tables.iter().find(|(table, _)| *table == name);
        batches.map_or(0, |(_, batches)| batches.iter().map(RecordBatch::num_rows).sum())
    };
    assert_eq!(rows("artifacts"), 1, "every artifact has one row in the ledger");
    if rows("documents") == 0 {
        assert_eq!(rows("nodes"), 0, "nodes without a document");
        assert!(rows("findings") > 0, "nothing was loaded and nothing says why");
    } else {
        assert!(rows("nodes") > 0, "a document has at least its root");
    }
});
