//! Time of each phase of a scan over a directory of artifacts, on one core.
//!
//! `cargo run --release --example phases -- MAPPINGS.json DIR [ROUNDS]`

use std::path::{Path, PathBuf};
use std::time::Instant;

use snake_pipe_ast::intern::Keys;
use snake_pipe_ast::json;
use snake_pipe_ast::scan::{Data, Engine, Input, Options};
use snake_pipe_ast::tape::Buffers;

fn files(folder: &Path, into: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files(&path, into)?;
        } else {
            into.push(path);
        }
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [mappings, folder, rest @ ..] = arguments.as_slice() else {
        return Err("phases MAPPINGS.json DIR [ROUNDS]".into());
    };
    let rounds: u32 = rest.first().map_or(Ok(5), |text| text.parse())?;
    let mut paths = Vec::new();
    files(Path::new(folder), &mut paths)?;
    paths.sort();
    let mappings = std::fs::read_to_string(mappings)?;
    let engine = Engine::new(&mappings)?;
    let started = Instant::now();
    let contents: Vec<Vec<u8>> = paths.iter().map(std::fs::read).collect::<Result<_, _>>()?;
    let size: usize = contents.iter().map(Vec::len).sum();
    println!(
        "{} files, {} bytes; read in {:?}",
        paths.len(),
        size,
        started.elapsed()
    );
    for _ in 0..rounds {
        let started = Instant::now();
        std::hint::black_box(Engine::new(&mappings)?);
        let compiled = started.elapsed();
        let started = Instant::now();
        for content in &contents {
            std::hint::black_box(snake_pipe_ast::hash::content(content));
        }
        let hashed = started.elapsed();
        let started = Instant::now();
        let mut keys = Keys::default();
        let mut buffers = Buffers::default();
        let mut values = 0;
        for content in &contents {
            let text = std::str::from_utf8(content)?;
            let (tape, outcome) = json::decode(text, &mut keys, buffers);
            outcome.map_err(|error| error.expected)?;
            values += tape.len();
            buffers = tape.into_buffers();
        }
        let decoded = started.elapsed();
        let names: Vec<String> = paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        let inputs: Vec<Input<'_>> = names
            .iter()
            .zip(&contents)
            .map(|(path, content)| Input {
                path,
                data: Data::Bytes(content),
            })
            .collect();
        let started = Instant::now();
        std::hint::black_box(engine.inspect(
            &inputs,
            Options {
                workers: 1,
                max_bytes: u64::MAX,
            },
        )?);
        let inspected = started.elapsed();
        let started = Instant::now();
        let tables = engine.scan(
            "s",
            &inputs,
            Options {
                workers: 1,
                max_bytes: u64::MAX,
            },
        )?;
        println!(
            "compile {compiled:?}; hash {hashed:?}; decode {decoded:?} ({values} values); detect to tree {inspected:?}; \
             scan {:?} ({} tables)",
            started.elapsed(),
            tables.len()
        );
    }
    Ok(())
}
