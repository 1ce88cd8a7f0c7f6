//! Artifacts to tables.
//!
//! Belongs here: compiling an engine, reading files, the order of the steps for one artifact, and
//! spreading artifacts over threads.
//! Does not: any step itself.
//!
//! Memory: a call holds the tables of all its inputs, and per worker one artifact with its tape
//! (about three times its size). The caller bounds a call by the inputs it gives.

use std::collections::HashSet;
use std::fs::File;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use serde::Deserialize;
use serde_json::Value as Json;
use serde_json::value::RawValue;

use crate::batch::{ArtifactRow, DocumentRow, FindingRow, Named, SymbolRows, Tables};
use crate::budget::{self, Gate};
use crate::error::EngineError;
use crate::finding::{Code, Finding};
use crate::frame::{Detect, DetectSection, Frame, FrameSection, relative};
use crate::intern::{Keys, KindId, Kinds};
use crate::json::{self, DecodeError, Reason};
use crate::mapping::{Mapping, layers};
use crate::nodes::Nodes;
use crate::parquet::{self, RowGroup};
use crate::positions::PositionsSection;
use crate::rows;
use crate::tape::{Buffers, Tag, Tape};
use crate::tree::{ABSENT, Context, Layout, NodesSection, Remarks, Stacks, Tally, Tree};
use crate::{ENGINE_VERSION, encoding, hash};

/// A mapping: what tells its artifacts, and the rest as soon as one has come.
#[derive(Debug)]
struct Claimant {
    dialect: String,
    version: String,
    detect: Detect,
    mapping: Box<RawValue>,
    schema: Arc<RawValue>,
    compiled: OnceLock<Result<Compiled, String>>,
}

/// Everything that an artifact of a mapping needs.
#[derive(Debug)]
struct Compiled {
    /// Among the engine's mappings.
    number: usize,
    dialect: String,
    version: String,
    frame: Frame,
    layout: Layout,
    mapping: Mapping,
    kinds: Kinds,
    error_kinds: Vec<KindId>,
    /// How many of the engine's keys a thread must know.
    keys: usize,
}

/// Documents of one artifact; tiny ones must not fill the memory.
const MOST_DOCUMENTS: usize = 10_000;

impl Compiled {
    /// The path of one of several documents of an artifact: below the artifact's, so that no other has it.
    fn path_in_sequence(
        &self,
        tape: &Tape<'_>,
        artifact: &str,
        seen: &mut HashSet<String>,
    ) -> String {
        let main = self.layout.positions.clang.and_then(|words| {
            let main = words.main_file(tape, self.frame.root(tape)?)?;
            relative(main)
        });
        let path = main
            .map(|main| format!("{artifact}/{main}"))
            .filter(|path| !seen.contains(path))
            .unwrap_or_else(|| format!("{artifact}/{}", seen.len()));
        seen.insert(path.clone());
        path
    }
}

#[derive(Debug)]
struct Refusal {
    detect: Detect,
    message: String,
    hint: String,
}

/// All mappings; scans artifacts.
#[derive(Debug)]
pub struct Engine {
    /// Those of all that is compiled, more with each mapping: numbers once given stay.
    keys: Mutex<Keys>,
    mappings: Vec<Claimant>,
    refusals: Vec<Refusal>,
    digest: String,
    scratches: Mutex<Vec<Scratch>>,
    gate: Gate,
    threads: Mutex<Option<Threads>>,
}

/// Threads that outlive a call.
#[derive(Debug)]
struct Threads {
    /// The process that has them.
    process: u32,
    workers: usize,
    pool: Arc<ThreadPool>,
}

/// An element of what the engine compiles.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unit {
    /// Those of one dialect, with one schema: a mapping whole, or what every artifact is held
    /// against and the TOML texts that make it up (`layers`).
    #[serde(default)]
    mappings: Vec<Box<RawValue>>,
    schema: Option<Box<RawValue>>,
    /// Whether its mappings are known to compile: each is compiled when an artifact of it comes.
    #[serde(default)]
    is_trusted: bool,
    refuse: Option<Json>,
}

/// What of a mapping every artifact is held against.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    name: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    detect: Json,
}

/// The one mapping that claims an artifact, and the producer that it tells.
#[derive(Clone, Copy)]
struct Claim<'e> {
    number: usize,
    producer: Option<&'e str>,
}

/// Why an artifact has no rows.
enum Stop {
    /// It is at fault itself.
    Artifact(Finding),
    /// The mapping that claims it cannot be compiled.
    Engine(EngineError),
}

impl Stop {
    /// What is wrong with the artifact, if it is that.
    fn finding(self) -> Result<Finding, EngineError> {
        match self {
            Stop::Artifact(finding) => Ok(finding),
            Stop::Engine(error) => Err(error),
        }
    }
}

impl From<Finding> for Stop {
    fn from(finding: Finding) -> Self {
        Stop::Artifact(finding)
    }
}

impl From<EngineError> for Stop {
    fn from(error: EngineError) -> Self {
        Stop::Engine(error)
    }
}

/// What a thread keeps from artifact to artifact.
#[derive(Debug)]
struct Scratch {
    keys: Keys,
    kinds: Vec<Option<Kinds>>,
    buffers: Buffers,
    tree: Tree,
    stacks: Stacks,
    bytes: Vec<u8>,
    nodes: Nodes,
    semantics: crate::semantics::Scratch,
    /// Mapping whose numbers the texts of the current tables have.
    numbered: usize,
}

impl Scratch {
    fn decode<'t>(&mut self, text: &'t str) -> (Tape<'t>, Result<(), DecodeError>) {
        json::decode(text, &mut self.keys, std::mem::take(&mut self.buffers))
    }
}

/// An artifact to scan.
#[derive(Clone, Copy, Debug)]
pub struct Input<'i> {
    /// Path within the source, as the tables tell it.
    pub path: &'i str,
    /// Where its bytes are.
    pub data: Data<'i>,
}

/// Where an artifact's bytes are.
#[derive(Clone, Copy, Debug)]
pub enum Data<'i> {
    /// In a file.
    File(&'i Path),
    /// Here.
    Bytes(&'i [u8]),
}

/// How to scan.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Threads; 0 for one per core.
    pub workers: usize,
    /// Memory that one artifact may cost; what is larger is not even read.
    pub max_bytes: u64,
}

/// What inspection tells of an artifact.
#[derive(Clone, Debug, Default)]
pub struct Inspection {
    /// Path within the source.
    pub path: String,
    /// Dialect that claims it.
    pub dialect: Option<String>,
    /// Producer, as far as content tells.
    pub producer: Option<String>,
    /// Language.
    pub language: Option<String>,
    /// Path of the source file.
    pub document_path: Option<String>,
    /// Nodes.
    pub node_count: usize,
    /// Native kinds with their counts, most frequent first.
    pub kinds: Vec<(String, usize)>,
    /// What is wrong: code, JSON Pointer, message.
    pub findings: Vec<(&'static str, String, String)>,
}

/// A longer pointer is not repeated in the message beside it.
const LONGEST_PLACE: usize = 200;
/// Texts of files kept by a thread before it forgets them.
const MOST_TEXTS: usize = 200_000;
/// Tasks that a worker gets, so that none waits long for another.
const TASKS_PER_WORKER: u64 = 4;
/// Input of one task: less costs more in batches than it saves in waiting.
const LEAST_TASK_BYTES: u64 = 1 << 20;
/// Input of one task: more costs memory.
const MOST_TASK_BYTES: u64 = 8 << 20;

impl Engine {
    /// Compile a JSON array of `{"mappings", "schema", "is_trusted"}`, and `{"refuse": [...]}`.
    ///
    /// A mapping that is trusted is compiled when it claims an artifact: a source has few dialects.
    ///
    /// # Errors
    /// A sentence naming what cannot be compiled.
    pub fn new(mappings: &str) -> Result<Engine, EngineError> {
        let no_json = |error: serde_json::Error| {
            EngineError::Mapping(format!("The mappings are no JSON: {error}."))
        };
        let units: Vec<Unit> = serde_json::from_str(mappings).map_err(no_json)?;
        let mut keys = Keys::default();
        let mut engine = Engine {
            keys: Mutex::default(),
            mappings: Vec::new(),
            refusals: Vec::new(),
            digest: hash::content(mappings.as_bytes()),
            scratches: Mutex::new(Vec::new()),
            gate: Gate::default(),
            threads: Mutex::new(None),
        };
        let mut untrusted = Vec::new();
        for unit in units {
            if let Some(refusals) = &unit.refuse {
                let refusals = refuse(refusals, &mut keys).map_err(EngineError::Mapping)?;
                engine.refusals.extend(refusals);
            }
            let schema: Arc<RawValue> = unit.schema.unwrap_or_default().into();
            for mapping in unit.mappings {
                if !unit.is_trusted {
                    untrusted.push(engine.mappings.len());
                }
                let claimant = Claimant::new(mapping, Arc::clone(&schema), &mut keys);
                engine.mappings.push(claimant?);
            }
        }
        keys.freeze();
        engine.keys = Mutex::new(keys);
        untrusted
            .into_iter()
            .try_for_each(|number| engine.compiled(number).map(drop))?;
        Ok(engine)
    }

    /// Compile what is not compiled yet: a sentence about each mapping that cannot be.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let numbers = 0..self.mappings.len();
        let errors = numbers.filter_map(|number| self.compiled(number).err());
        errors.map(|error| error.to_string()).collect()
    }

    /// What an artifact of a mapping needs; the first of them has it compiled.
    fn compiled(&self, number: usize) -> Result<&Compiled, EngineError> {
        let claimant = &self.mappings[number];
        let compiled = claimant.compiled.get_or_init(|| {
            let mut keys = self.keys();
            let compiled = compile(claimant, number, &mut keys);
            keys.freeze();
            compiled.map_err(|message| cannot_be_compiled(&claimant.dialect, &message))
        });
        let error = |message: &String| EngineError::Mapping(message.clone());
        compiled.as_ref().map_err(error)
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        // Who failed while compiling has at most left keys that nobody asks for.
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hash of everything that is compiled, sooner or later.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What `artifacts.engine_version` holds: equal means equal output.
    #[must_use]
    pub fn version(&self) -> String {
        format!("{ENGINE_VERSION}+{}", &self.digest[..16])
    }

    /// Scan artifacts: batches per table, rows in the order of the inputs.
    ///
    /// # Errors
    /// Threads that cannot be started, or a fault of the engine's own tables. Never the input.
    pub fn scan(
        &self,
        source: &str,
        inputs: &[Input<'_>],
        options: Options,
    ) -> Result<Named<Vec<RecordBatch>>, EngineError> {
        let each = self.tasks(source, inputs, options, |nodes| nodes.batch(source))?;
        let (mut tables, nodes) = collected(each);
        tables.push(("nodes", nodes));
        Ok(tables)
    }

    /// [`Engine::scan`] without the nodes.
    ///
    /// # Errors
    /// Those of [`Engine::scan`].
    pub fn scan_but_nodes(
        &self,
        source: &str,
        inputs: &[Input<'_>],
        options: Options,
    ) -> Result<Named<Vec<RecordBatch>>, EngineError> {
        let each = self.tasks(source, inputs, options, |_| Ok(()))?;
        Ok(collected(each).0)
    }

    /// [`Engine::scan`] but for the nodes: they are written to a Parquet file, if there are any.
    ///
    /// # Errors
    /// Those of [`Engine::scan`], and a file that cannot be written.
    pub fn scan_to(
        &self,
        node_file: &Path,
        source: &str,
        inputs: &[Input<'_>],
        options: Options,
    ) -> Result<Named<Vec<RecordBatch>>, EngineError> {
        let each = self.tasks(source, inputs, options, |nodes| Ok(nodes.row_groups()))?;
        let (tables, groups) = collected(each);
        let groups: Vec<RowGroup> = groups.into_iter().flatten().collect();
        parquet::write(node_file, &groups).map_err(|error| {
            let message = format!("The nodes cannot be written to {}", node_file.display());
            EngineError::Output(format!("{message}: {error}."), error.raw_os_error())
        })?;
        Ok(tables)
    }

    /// Each task's tables, and what `finish` makes of its nodes.
    fn tasks<N: Send>(
        &self,
        source: &str,
        inputs: &[Input<'_>],
        options: Options,
        finish: impl Fn(&Nodes) -> Result<N, ArrowError> + Sync,
    ) -> Result<Vec<(Named<RecordBatch>, N)>, EngineError> {
        let workers = match options.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            workers => workers,
        };
        let tasks = tasks(inputs, workers);
        let task = |&(from, to): &(usize, usize)| {
            let inputs = &inputs[from..to];
            self.task(source, inputs, options, &finish)
        };
        if workers == 1 || tasks.len() == 1 {
            return tasks.iter().map(task).collect();
        }
        self.pool(workers)?
            .install(|| tasks.par_iter().with_max_len(1).map(task).collect())
    }

    /// The engine's threads, which calls from several threads share.
    fn pool(&self, workers: usize) -> Result<Arc<ThreadPool>, EngineError> {
        let lost = |error: &dyn std::fmt::Display| EngineError::Environment(error.to_string());
        let mut threads = self.threads.lock().map_err(|error| lost(&error))?;
        let process = std::process::id();
        if let Some(known) = &*threads {
            if known.process == process && known.workers == workers {
                return Ok(Arc::clone(&known.pool));
            }
            if known.process != process {
                // A fork has no threads but its first: there is nothing to end.
                std::mem::forget(threads.take());
            }
        }
        let pool = ThreadPoolBuilder::new().num_threads(workers).build();
        let pool = Arc::new(pool.map_err(|error| lost(&error))?);
        *threads = Some(Threads {
            process,
            workers,
            pool: Arc::clone(&pool),
        });
        Ok(pool)
    }

    fn task<N>(
        &self,
        source: &str,
        inputs: &[Input<'_>],
        options: Options,
        finish: impl Fn(&Nodes) -> Result<N, ArrowError>,
    ) -> Result<(Named<RecordBatch>, N), EngineError> {
        let mut scratch = self.scratch();
        let mut tables = Tables {
            nodes: std::mem::take(&mut scratch.nodes),
            ..Tables::default()
        };
        scratch.numbered = usize::MAX;
        for input in inputs {
            let mark = tables.mark();
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                self.artifact(input, options, &mut scratch, &mut tables)
            }));
            if let Ok(done) = outcome {
                done?;
            } else {
                // Whatever it had done is undone; what it worked with is made anew.
                tables.rewind(mark);
                scratch = self.new_scratch();
                tables.nodes.forget_numbers();
                let message = "The engine failed on this artifact. It is quarantined; the others \
                               were scanned.";
                let mut report = Report::new(input.path, self.version());
                report
                    .findings
                    .push(Finding::new(Code::EnginePanic, message.to_owned()));
                report.write(&mut tables);
            }
        }
        let (batches, mut nodes) = tables.finish(source)?;
        let made = finish(&nodes)?;
        nodes.clear();
        scratch.nodes = nodes;
        if let Ok(mut scratches) = self.scratches.lock() {
            scratches.push(scratch);
        }
        Ok((batches, made))
    }

    fn scratch(&self) -> Scratch {
        let known = self
            .scratches
            .lock()
            .ok()
            .and_then(|mut scratches| scratches.pop());
        let mut scratch = known.unwrap_or_else(|| self.new_scratch());
        if scratch.keys.len() > MOST_TEXTS {
            scratch.keys.reset();
        }
        for kinds in scratch.kinds.iter_mut().flatten() {
            if kinds.len() > MOST_TEXTS {
                kinds.reset();
            }
        }
        scratch
    }

    fn new_scratch(&self) -> Scratch {
        Scratch {
            keys: self.keys().clone(),
            kinds: self.mappings.iter().map(|_| None).collect(),
            buffers: Buffers::default(),
            tree: Tree::default(),
            stacks: Stacks::default(),
            bytes: Vec::new(),
            nodes: Nodes::default(),
            semantics: crate::semantics::Scratch::default(),
            numbered: usize::MAX,
        }
    }

    /// One artifact, from bytes to rows.
    fn artifact(
        &self,
        input: &Input<'_>,
        options: Options,
        scratch: &mut Scratch,
        tables: &mut Tables,
    ) -> Result<(), EngineError> {
        let mut report = Report::new(input.path, self.version());
        let mut bytes = std::mem::take(&mut scratch.bytes);
        let _turn = self.gate.enter(size(input));
        let data = match input.data {
            Data::Bytes(data) => {
                report.size = data.len() as u64;
                check_size(report.size, options.max_bytes).map(|()| data)
            }
            Data::File(file) => {
                read(file, options.max_bytes, &mut bytes, &mut report).map(|()| bytes.as_slice())
            }
        };
        match data.and_then(|data| check_cost(data, options.max_bytes)) {
            Ok(data) => {
                report.content_hash = Some(hash::content(data));
                if let Err(stop) = self.documents(data, scratch, &mut report, Some(tables)) {
                    report.findings.push(stop.finding()?);
                }
            }
            Err(finding) => report.findings.push(finding),
        }
        report.write(tables);
        #[cfg(test)]
        assert_ne!(input.path, tests::FAULTY, "a fault, as tests want it");
        // One enormous artifact must not keep its memory for all that follow.
        if bytes.capacity() > 64 << 20 {
            bytes = Vec::new();
            scratch.buffers = Buffers::default();
            scratch.tree = Tree::default();
            scratch.stacks = Stacks::default();
        }
        scratch.bytes = bytes;
        Ok(())
    }

    /// Decode, detect, then each document that there is.
    fn documents<'r>(
        &'r self,
        data: &[u8],
        scratch: &mut Scratch,
        report: &mut Report<'r>,
        tables: Option<&mut Tables>,
    ) -> Result<(), Stop> {
        let decoded = encoding::text(data).map_err(not_text)?;
        let text = &*decoded.text;
        let (mut tape, mut outcome) = scratch.decode(text);
        let claim = match self.claim(&tape, outcome, text) {
            Ok(claim) => claim,
            Err(finding) => {
                scratch.buffers = tape.into_buffers();
                return Err(finding.into());
            }
        };
        let compiled = self.compiled(claim.number)?;
        if scratch.keys.known() < compiled.keys {
            // To the mapping's keys, compiled since, this thread may have given other numbers.
            scratch.buffers = tape.into_buffers();
            scratch.keys = self.keys().clone();
            scratch.numbered = usize::MAX;
            (tape, outcome) = scratch.decode(text);
        }
        tape.lenient.transcoded = u32::from(decoded.is_transcoded);
        let result = match outcome {
            Ok(()) => {
                report.producer = claim.producer;
                document(compiled, &mut tape, scratch, report, tables, None)
            }
            Err(_) if compiled.frame.is_sequence => {
                scratch.buffers = tape.into_buffers();
                let result = self.sequence(compiled, &decoded, scratch, report, tables);
                return result.map_err(Stop::Artifact);
            }
            Err(error) => Err(not_json(error, text)),
        };
        scratch.buffers = tape.into_buffers();
        result.map_err(Stop::Artifact)
    }

    /// Who claims what was decoded. Of what breaks off in the middle nothing can be told.
    fn claim(
        &self,
        tape: &Tape<'_>,
        outcome: Result<(), DecodeError>,
        text: &str,
    ) -> Result<Claim<'_>, Finding> {
        match outcome {
            Ok(()) => self.detect(tape),
            Err(error) if error.reason == Reason::Trailing => {
                self.detect(tape).map_err(|_| not_json(error, text))
            }
            Err(error) => Err(not_json(error, text)),
        }
    }

    /// Several documents of one dialect, one after the other: all of them, or none.
    fn sequence<'r>(
        &'r self,
        compiled: &'r Compiled,
        text: &encoding::Text<'_>,
        scratch: &mut Scratch,
        report: &mut Report<'r>,
        mut tables: Option<&mut Tables>,
    ) -> Result<(), Finding> {
        let mark = tables.as_ref().map(|tables| tables.mark());
        let mut paths = HashSet::new();
        let mut language = None;
        let mut start = 0;
        let mut result = Ok(());
        let whole = &*text.text;
        while start < whole.len() && result.is_ok() && !report.has_error() {
            let rest = &whole[start..];
            let (mut tape, outcome) = scratch.decode(rest);
            let claim = self.claim(&tape, outcome, rest).ok();
            let claim = claim.filter(|claim| claim.number == compiled.number);
            let told = report.findings.len();
            let (end, failed) = match outcome {
                Err(mut error) if error.reason != Reason::Trailing => {
                    error.byte += start;
                    (whole.len(), Some(error))
                }
                _ if paths.len() >= MOST_DOCUMENTS || claim.is_none() => {
                    let (reason, expected) = (Reason::Trailing, "the end");
                    (
                        whole.len(),
                        Some(DecodeError {
                            reason,
                            byte: start,
                            expected,
                        }),
                    )
                }
                Err(error) => (start + error.byte, None),
                Ok(()) => (whole.len(), None),
            };
            tape.lenient.transcoded = u32::from(text.is_transcoded);
            result = if let Some(error) = failed {
                Err(not_json(error, whole))
            } else {
                report.producer = claim.and_then(|claim| claim.producer);
                let (tables, paths) = (tables.as_deref_mut(), Some(&mut paths));
                let mut result = document(compiled, &mut tape, scratch, report, tables, paths);
                let new = report.findings[told..].iter_mut();
                for finding in new.chain(result.as_mut().err()) {
                    if let Some((first, last)) = &mut finding.span {
                        (*first, *last) = (*first + start, *last + start);
                    }
                }
                result
            };
            scratch.buffers = tape.into_buffers();
            language = language.or_else(|| report.language.clone());
            start = end;
        }
        report.language = language;
        if result.is_err() || report.has_error() {
            (report.node_count, report.unknown_count) = (0, 0);
            if let (Some(tables), Some(mark)) = (tables, mark) {
                tables.rewind(mark);
                tables.nodes.forget_numbers();
                scratch.numbered = usize::MAX;
            }
        }
        result
    }

    /// The one mapping that claims the artifact.
    fn detect(&self, tape: &Tape<'_>) -> Result<Claim<'_>, Finding> {
        let mut found: Option<Claim<'_>> = None;
        for (number, claimant) in self.mappings.iter().enumerate() {
            let Some(producer) = claimant.detect.claims(tape) else {
                continue;
            };
            if let Some(other) = found {
                let message = format!(
                    "The dialects {} and {} both claim the artifact. It is unsupported; no rows \
                     were written.",
                    self.mappings[other.number].dialect, claimant.dialect
                );
                return Err(Finding::new(Code::DialectAmbiguous, message));
            }
            found = Some(Claim { number, producer });
        }
        if let Some(claim) = found {
            return Ok(claim);
        }
        for refusal in &self.refusals {
            if refusal.detect.claims(tape).is_some() {
                let message = format!(
                    "{} It is unsupported; no rows were written.",
                    refusal.message
                );
                let mut finding = Finding::new(Code::DialectRefused, message);
                finding.hint = Some(refusal.hint.clone());
                return Err(finding);
            }
        }
        let what = match tape.tag(tape.root()) {
            Tag::Object => "The object at the root has none of the marks of a known dialect",
            Tag::Array => "The root is an array, which no known dialect claims",
            _ => "The root is neither an object nor an array",
        };
        let message = format!("{what}. The artifact is unsupported; no rows were written.");
        Err(Finding::new(Code::DialectUnknown, message))
    }

    /// Detection, language and kinds of artifacts, without rows. Not parallel.
    ///
    /// # Errors
    /// A mapping that claims an artifact and cannot be compiled.
    pub fn inspect(
        &self,
        inputs: &[Input<'_>],
        options: Options,
    ) -> Result<Vec<Inspection>, EngineError> {
        let mut scratch = self.scratch();
        let mut inspections = Vec::with_capacity(inputs.len());
        for input in inputs {
            let mut report = Report::new(input.path, String::new());
            let mut bytes = Vec::new();
            let data = match input.data {
                Data::Bytes(data) => {
                    check_size(data.len() as u64, options.max_bytes).map(|()| data)
                }
                Data::File(file) => read(file, options.max_bytes, &mut bytes, &mut report)
                    .map(|()| bytes.as_slice()),
            };
            let outcome = data
                .map_err(Stop::Artifact)
                .and_then(|data| self.documents(data, &mut scratch, &mut report, None));
            if let Err(stop) = outcome {
                report.findings.push(stop.finding()?);
            }
            inspections.push(report.inspection());
        }
        if let Ok(mut scratches) = self.scratches.lock() {
            scratches.push(scratch);
        }
        Ok(inspections)
    }
}

/// One document: build its tree, then write rows if `tables` are given.
fn document<'r>(
    compiled: &'r Compiled,
    tape: &mut Tape<'_>,
    scratch: &mut Scratch,
    report: &mut Report<'r>,
    tables: Option<&mut Tables>,
    sequence: Option<&mut HashSet<String>>,
) -> Result<(), Finding> {
    report.dialect = Some(&compiled.dialect);
    report.dialect_version = Some(&compiled.version);
    let kinds = scratch.kinds[compiled.number].get_or_insert_with(|| compiled.kinds.clone());
    let keys = &mut scratch.keys;
    let mut path = compiled.frame.document_path(tape, report.path).into_owned();
    if let Some(seen) = sequence {
        path = compiled.path_in_sequence(tape, report.path, seen);
    }
    report.document_path.get_or_insert_with(|| path.clone());
    // What only nodes tell is known when there are any.
    report.language = compiled.frame.language(tape, &path, |_| false);
    let no_root = |message: &str| Finding::new(Code::SchemaViolation, message.to_owned());
    let Some(root) = compiled.frame.root(tape) else {
        return Err(no_root(
            "The artifact has no root where its dialect puts it. It is quarantined; no rows were written.",
        ));
    };
    compiled.layout.reshape(tape, keys);
    if !compiled.layout.is_root(tape, root) {
        let mut finding = no_root(
            "The root is no node: it has no kind. The artifact is quarantined; no rows were written.",
        );
        finding.pointer = tape.pointer(root, keys);
        finding.span = Some(tape.span(root));
        return Err(finding);
    }
    let tree = &mut scratch.tree;
    let mut remarks = tree.build(
        tape,
        root,
        &compiled.layout,
        keys,
        kinds,
        &mut scratch.stacks,
    );
    compiled.layout.check_root(tape, keys, &mut remarks);
    let language = compiled.frame.language(tape, &path, |prefix| {
        tree.nodes()
            .any(|node| kinds.text(tree.kind(node).0).starts_with(prefix))
    });
    report.language.clone_from(&language);
    violations(&remarks, tape, keys, report);
    if report.has_error() {
        return Ok(());
    }
    report.node_count += tree.len();
    let unknown = unknown_kinds(compiled, tree, kinds, tape, report);
    report.unknown_count += unknown;
    warnings(&remarks, compiled, tape, tree, keys, report);
    let Some(tables) = tables else {
        report.kinds.extend(kind_counts(tree, kinds));
        return Ok(());
    };
    if scratch.numbered != compiled.number {
        tables.nodes.forget_numbers();
        scratch.numbered = compiled.number;
    }
    let path = path.as_str();
    let language = language.unwrap_or_default();
    let document_id = hash::id(&format!("document {path}"));
    let context = Context {
        tape,
        tree,
        keys,
        kinds,
        layout: &compiled.layout,
        path,
        language: &language,
        document_id,
    };
    tables.nodes.extend(&compiled.mapping, &context);
    let mut sink = Sink {
        rows: &mut tables.semantic,
        tree,
        document_id,
    };
    let facts = crate::semantics::extract(
        &compiled.mapping,
        &context,
        &mut scratch.semantics,
        &mut sink,
    );
    let lines = tree
        .span
        .iter()
        .map(|span| span.lines[0].max(span.lines[2]))
        .max();
    tables.documents.push(&DocumentRow {
        document_id,
        path: report.path,
        document_path: path,
        language: &language,
        dialect: &compiled.dialect,
        root: &facts.root,
        package: &facts.package,
        module: &facts.module,
        module_symbol_id: facts.module_symbol_id,
        line_count: lines.filter(|&lines| lines != ABSENT),
        position_encoding: compiled.layout.positions.encoding().name(),
        node_count: tree.len() as i64,
        symbol_count: facts.symbol_count,
        content_hash: report.content_hash.as_deref().unwrap_or_default(),
    });
    Ok(())
}

/// Sentences about what of a unit (`{"mappings", "schema"}`) cannot be compiled; none if all can.
#[must_use]
pub fn check(unit: &str) -> Vec<String> {
    match Engine::new(&format!("[{unit}]")) {
        Ok(engine) => engine.faults(),
        Err(error) => vec![error.to_string()],
    }
}

fn cannot_be_compiled(dialect: &str, message: &str) -> String {
    let name = if dialect.is_empty() {
        "without a name"
    } else {
        dialect
    };
    format!("The dialect {name} cannot be compiled: {message}.")
}

fn refuse(refusals: &Json, keys: &mut Keys) -> Result<Vec<Refusal>, String> {
    #[derive(Deserialize)]
    struct Section {
        name: String,
        detect: DetectSection,
        message: String,
        hint: String,
    }
    let sections = Vec::<Section>::deserialize(refusals)
        .map_err(|error| format!("The refusals cannot be read: {error}."))?;
    let refusals = sections.into_iter().map(|section| {
        let detect = Detect::compile(&section.detect, keys).map_err(|error| {
            format!("The refusal {} cannot be compiled: {error}.", section.name)
        })?;
        Ok(Refusal {
            detect,
            message: section.message,
            hint: section.hint,
        })
    });
    refusals.collect()
}

impl Claimant {
    /// Compile what tells the mapping's artifacts.
    fn new(
        mapping: Box<RawValue>,
        schema: Arc<RawValue>,
        keys: &mut Keys,
    ) -> Result<Self, EngineError> {
        let refused = |dialect: &str, message: String| {
            EngineError::Mapping(cannot_be_compiled(dialect, &message))
        };
        let head: Head =
            serde_json::from_str(mapping.get()).map_err(|error| refused("", error.to_string()))?;
        let detect = section(&head.detect, "detect")
            .and_then(|section| {
                Detect::compile(&section, keys).map_err(|e| format!("[detect]: {e}"))
            })
            .map_err(|message| refused(&head.name, message))?;
        Ok(Claimant {
            dialect: head.name,
            version: head.version,
            detect,
            mapping,
            schema,
            compiled: OnceLock::new(),
        })
    }
}

/// A table of a mapping; null if it has none of this name.
fn section<'d, T: Deserialize<'d> + Default>(table: &'d Json, name: &str) -> Result<T, String> {
    match table {
        Json::Null => Ok(T::default()),
        table => T::deserialize(table).map_err(|e| format!("[{name}]: {e}")),
    }
}

fn compile(claimant: &Claimant, number: usize, keys: &mut Keys) -> Result<Compiled, String> {
    let read =
        |text: &RawValue| serde_json::from_str::<Json>(text.get()).map_err(|e| e.to_string());
    let (mut source, schema) = (read(&claimant.mapping)?, read(&claimant.schema)?);
    if let Some(layers) = source.get("layers") {
        let layers = Vec::<String>::deserialize(layers).map_err(|e| format!("layers: {e}"))?;
        source = Json::Object(layers::merged(&layers)?);
    }
    let (source, schema) = (&source, &schema);
    let mut kinds = Kinds::default();
    let nodes: NodesSection = section(&source["nodes"], "nodes")?;
    let positions: PositionsSection = section(&source["positions"], "positions")?;
    let layout = Layout::compile(&nodes, &positions, schema, keys, &mut kinds)?;
    let frame: FrameSection = section(&source["frame"], "frame")?;
    let frame = Frame::compile(&frame, keys).map_err(|e| format!("[frame] {e}"))?;
    let mapping = Mapping::compile(source, keys, &mut kinds)?;
    let error_kinds = nodes
        .error_kinds
        .iter()
        .map(|kind| kinds.kind(kind))
        .collect();
    kinds.freeze();
    Ok(Compiled {
        number,
        dialect: claimant.dialect.clone(),
        version: claimant.version.clone(),
        frame,
        layout,
        mapping,
        kinds,
        error_kinds,
        keys: keys.len(),
    })
}

/// The batches of all tasks by table, and what else they made.
fn collected<N>(each: Vec<(Named<RecordBatch>, N)>) -> (Named<Vec<RecordBatch>>, Vec<N>) {
    let mut tables: Named<Vec<RecordBatch>> = Vec::new();
    let mut others = Vec::with_capacity(each.len());
    for (batches, other) in each {
        others.push(other);
        for (table, batch) in batches {
            match tables.iter_mut().find(|(name, _)| *name == table) {
                Some((_, known)) => known.push(batch),
                None => tables.push((table, vec![batch])),
            }
        }
    }
    (tables, others)
}

/// Bytes of an input; 0 if it cannot be read.
fn size(input: &Input<'_>) -> u64 {
    match input.data {
        Data::Bytes(bytes) => bytes.len() as u64,
        Data::File(file) => std::fs::metadata(file).map_or(0, |found| found.len()),
    }
}

/// Runs of inputs of about equal size.
fn tasks(inputs: &[Input<'_>], workers: usize) -> Vec<(usize, usize)> {
    // A file costs something even if it is empty.
    let sizes: Vec<u64> = inputs.iter().map(|input| size(input) + 1024).collect();
    let share = sizes.iter().sum::<u64>() / (workers.max(1) as u64 * TASKS_PER_WORKER);
    let most = share.clamp(LEAST_TASK_BYTES, MOST_TASK_BYTES);
    let mut tasks = Vec::new();
    let (mut from, mut total) = (0, 0);
    for (index, size) in sizes.into_iter().enumerate() {
        if total > 0 && total + size > most {
            tasks.push((from, index));
            (from, total) = (index, 0);
        }
        total += size;
    }
    tasks.push((from, inputs.len()));
    tasks
}

fn check_size(size: u64, most: u64) -> Result<(), Finding> {
    let most = most.min(json::MAX_BYTES as u64);
    if size <= most {
        return Ok(());
    }
    let message = format!(
        "The artifact has {size} bytes; the most that one may have is {most}. It was not read and is \
         quarantined."
    );
    Err(Finding::new(Code::FileTooLarge, message))
}

fn check_cost(data: &[u8], most: u64) -> Result<&[u8], Finding> {
    let cost = budget::cost(data);
    if cost <= most {
        return Ok(data);
    }
    let message = format!(
        "Scanning the {} bytes of the artifact would take up to {cost} bytes of memory; the most that \
         one may take is {most}. It is quarantined; no rows were written.",
        data.len()
    );
    Err(Finding::new(Code::FileTooLarge, message))
}

fn read(
    file: &Path,
    most: u64,
    bytes: &mut Vec<u8>,
    report: &mut Report<'_>,
) -> Result<(), Finding> {
    let unreadable = |error: std::io::Error| {
        let message =
            format!("The file cannot be read: {error}. It is quarantined; no rows were written.");
        Finding::new(Code::FileUnreadable, message)
    };
    let mut open = File::open(file).map_err(unreadable)?;
    let found = open.metadata().map_err(unreadable)?;
    report.size = found.len();
    report.mtime = found.modified().map_or(0, nanoseconds);
    check_size(found.len(), most)?;
    bytes.clear();
    // One byte more than it should have, so that growth shows; and no chance to fill the memory.
    bytes.reserve(found.len() as usize + 1);
    (&mut open)
        .take(found.len() + 1)
        .read_to_end(bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 != found.len() {
        let message = format!(
            "The file had {} bytes when it was opened and {} when it was read. It is quarantined; no \
             rows were written.",
            found.len(),
            bytes.len()
        );
        return Err(Finding::new(Code::FileChanged, message));
    }
    Ok(())
}

fn nanoseconds(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_nanos()).unwrap_or(i64::MAX),
    }
}

fn not_text(error: encoding::NotText) -> Finding {
    let (code, message) = if error.is_cut {
        (Code::JsonTruncated, "The artifact ends inside a character")
    } else {
        (Code::EncodingInvalid, "The bytes are no UTF-8 text")
    };
    let message = format!(
        "{message} (byte {}). It is quarantined; no rows were written.",
        error.byte
    );
    let mut finding = Finding::new(code, message);
    finding.span = Some((error.byte, error.byte + 1));
    finding
}

fn not_json(error: DecodeError, text: &str) -> Finding {
    let expected = error.expected;
    let (code, message) = match error.reason {
        Reason::Empty => (Code::JsonEmpty, "There is nothing in the file".to_owned()),
        Reason::Truncated => (
            Code::JsonTruncated,
            format!("The JSON ends where {expected} must follow"),
        ),
        Reason::Trailing => (
            Code::JsonTrailing,
            "There is more text behind the JSON value".to_owned(),
        ),
        Reason::Invalid => (
            Code::JsonInvalid,
            format!("The text is no JSON: {expected} must stand there"),
        ),
    };
    let message = format!(
        "{message} (byte {}). The artifact is quarantined; no rows were written.",
        error.byte
    );
    let mut finding = Finding::new(code, message);
    finding.span = Some((error.byte, error.byte + 1));
    if error.reason == Reason::Invalid
        && let Some((before, rest)) = text.split_at_checked(error.byte)
        && before.trim().is_empty()
    {
        finding.hint = foreign(rest.as_bytes()).map(str::to_owned);
    }
    finding
}

/// What a text that does not even begin as JSON probably is, and what to do.
fn foreign(text: &[u8]) -> Option<&'static str> {
    match text {
        [b'<', ..] => Some(
            "It begins as HTML or XML: a server's error page, perhaps, saved as JSON. Look at it, \
             and fetch the artifact again.",
        ),
        [0, ..] => Some(
            "It begins with zero bytes: a file that was never written to its end, or no text at \
             all. Export again.",
        ),
        _ => None,
    }
}

fn violations(remarks: &Remarks, tape: &Tape<'_>, keys: &Keys, report: &mut Report<'_>) {
    for remark in &remarks.violations {
        let pointer = tape.pointer(remark.value, keys);
        let place = if pointer.is_empty() {
            "The root"
        } else if pointer.len() > LONGEST_PLACE {
            "The value at the pointer"
        } else {
            &format!("`{pointer}`")
        };
        let message = format!(
            "{place} {}. The artifact is quarantined; no rows were written.",
            remark.message
        );
        report.findings.push(Finding {
            code: Code::SchemaViolation,
            pointer,
            message,
            hint: None,
            span: Some(tape.span(remark.value)),
        });
    }
}

/// Count nodes of kinds that the mapping does not name, and say so.
fn unknown_kinds(
    compiled: &Compiled,
    tree: &Tree,
    kinds: &Kinds,
    tape: &Tape<'_>,
    report: &mut Report<'_>,
) -> usize {
    let mut tally = Tally::default();
    let mut names: Vec<&str> = Vec::new();
    for node in tree.nodes() {
        let kind = tree.kind(node);
        if compiled.mapping.is_listed(kind) || !tree.is_named(node) {
            continue;
        }
        tally.add(tree.value(node));
        let name = kinds.text(kind.0);
        if names.len() < 8 && !names.contains(&name) {
            names.push(name);
        }
    }
    if let Some(first) = tally.first {
        let message = format!(
            "{} nodes have kinds that the mapping does not name (such as {}); they are kept as \
             `unknown`.",
            tally.count,
            names.join(", ")
        );
        report.unplaced.push((Code::KindUnknown, first, message));
    }
    let _ = tape;
    tally.count as usize
}

/// Warnings, one per code.
fn warnings(
    remarks: &Remarks,
    compiled: &Compiled,
    tape: &Tape<'_>,
    tree: &Tree,
    keys: &Keys,
    report: &mut Report<'_>,
) {
    if let Some(first) = remarks.invalid_positions.first {
        let message = format!(
            "{} positions are no whole numbers in range; they are null in the tables.",
            remarks.invalid_positions.count
        );
        report
            .unplaced
            .push((Code::PositionInvalid, first, message));
    }
    if let Some(first) = remarks.reversed_positions.first {
        let message = format!(
            "{} nodes end before they begin; their positions are kept as they are.",
            remarks.reversed_positions.count
        );
        report
            .unplaced
            .push((Code::PositionReversed, first, message));
    }
    let mut errors = Tally::default();
    for node in tree.nodes() {
        let is_error = compiled.error_kinds.contains(&tree.kind(node));
        if is_error || compiled.layout.is_missing(tape, tree.value(node)) {
            errors.add(tree.value(node));
        }
        if compiled.error_kinds.is_empty() && !compiled.layout.has_missing() {
            break;
        }
    }
    if let Some(first) = errors.first {
        let message = format!(
            "The parser could not read {} places of the source file; what it made of them is kept.",
            errors.count
        );
        report
            .unplaced
            .push((Code::ParserErrorNode, first, message));
    }
    let lenient = tape.lenient;
    if lenient.total() > 0 {
        let message = format!(
            "Beyond strict JSON: {} of NaN or Infinity, {} halves of surrogate pairs, {} repeated \
             keys (the last one counts){}.",
            lenient.constants,
            lenient.surrogates,
            lenient.duplicates,
            if lenient.transcoded > 0 {
                ", not UTF-8"
            } else {
                ""
            }
        );
        let first = crate::tape::Value(lenient.first.unwrap_or(0));
        report.unplaced.push((Code::JsonLenient, first, message));
    }
    for (code, value, message) in report.unplaced.drain(..) {
        report.findings.push(Finding {
            code,
            pointer: tape.pointer(value, keys),
            message,
            hint: None,
            span: Some(tape.span(value)),
        });
    }
}

fn kind_counts(tree: &Tree, kinds: &Kinds) -> Vec<(String, usize)> {
    let mut counts = vec![0_usize; kinds.len()];
    for node in tree.nodes() {
        counts[tree.kind(node).index()] += 1;
    }
    let found = counts.iter().enumerate().filter(|&(_, &count)| count > 0);
    let mut found: Vec<(String, usize)> = found
        .map(|(kind, &count)| (kinds.text(kind as u32).to_owned(), count))
        .collect();
    found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    found
}

/// Takes the rows of the semantics, adding what the tree knows.
struct Sink<'s> {
    rows: &'s mut SymbolRows,
    tree: &'s Tree,
    document_id: i64,
}

fn present(part: i32) -> Option<i32> {
    (part != ABSENT).then_some(part)
}

impl rows::Rows for Sink<'_> {
    fn symbol(&mut self, row: &rows::SymbolRow<'_>) {
        let [start_line, start_column, end_line, end_column] =
            self.tree.span(row.node).lines.map(present);
        let lines = start_line
            .zip(end_line)
            .map(|(start, end)| end.saturating_sub(start).saturating_add(1));
        self.rows.symbols.push(&crate::batch::SymbolRow {
            symbol_id: row.symbol_id,
            symbol: row.symbol,
            document_id: self.document_id,
            node: row.node.0 as i32,
            kind: row.kind,
            name: row.name,
            qualified_name: row.qualified_name,
            container_id: row.container_id,
            visibility: row.visibility,
            flags: row.flags,
            signature: row.signature,
            docstring: row.docstring,
            start_line,
            start_column,
            end_line,
            end_column,
            cyclomatic_complexity: row.cyclomatic_complexity,
            cognitive_complexity: row.cognitive_complexity,
            max_nesting: row.max_nesting,
            parameter_count: row.parameter_count,
            line_count: lines.filter(|&lines| lines > 0),
            subtree_hash: self.tree.hash(row.node),
            producer_key: row.producer_key,
        });
    }

    fn import(&mut self, row: &rows::ImportRow<'_>) {
        self.rows.imports.push(&crate::batch::ImportRow {
            document_id: self.document_id,
            node: row.node.0 as i32,
            scope_id: row.scope_id.0 as i32,
            symbol_id: row.symbol_id,
            module: row.module,
            imported_name: row.imported_name,
            alias: row.alias,
            level: row.level,
            kind: row.kind,
            is_conditional: row.is_conditional,
        });
    }

    fn export(&mut self, row: &rows::ExportRow<'_>) {
        self.rows.exports.push(&crate::batch::ExportRow {
            document_id: self.document_id,
            node: row.node.0 as i32,
            kind: row.kind,
            exported_name: row.exported_name,
            local_name: row.local_name,
            module: row.module,
            symbol_id: row.symbol_id,
            import_node: row.import_node.map(|node| node.0 as i32),
        });
    }

    fn reference(&mut self, row: &rows::ReferenceRow<'_>) {
        self.rows.references.push(&crate::batch::ReferenceRow {
            document_id: self.document_id,
            node: row.node.0 as i32,
            scope_id: row.scope_id.0 as i32,
            symbol_id: row.symbol_id,
            role: row.role,
            name: row.name,
            qualifier: row.qualifier,
            binding: row.binding,
            binding_id: row.binding_id,
            binding_node: row.binding_node.map(|node| node.0 as i32),
            binding_name: row.binding_name,
            type_path: row.type_path,
            type_via: row.type_via,
            member_path: row.member_path,
            argument_count: row.argument_count,
            target_id: row.target_id,
            target_key: row.target_key,
            start_line: present(self.tree.span(row.node).lines[0]),
        });
    }
}

/// What the ledger tells of an artifact.
struct Report<'r> {
    path: &'r str,
    document_path: Option<String>,
    language: Option<String>,
    dialect: Option<&'r str>,
    dialect_version: Option<&'r str>,
    producer: Option<&'r str>,
    size: u64,
    mtime: i64,
    content_hash: Option<String>,
    node_count: usize,
    unknown_count: usize,
    engine_version: String,
    findings: Vec<Finding>,
    /// Findings whose pointer is not made yet.
    unplaced: Vec<(Code, crate::tape::Value, String)>,
    kinds: Vec<(String, usize)>,
}

impl<'r> Report<'r> {
    /// Whether the artifact is not to be loaded.
    fn has_error(&self) -> bool {
        let mut findings = self.findings.iter();
        findings.any(|finding| finding.code.severity() == "error")
    }

    fn new(path: &'r str, engine_version: String) -> Self {
        Report {
            path,
            document_path: None,
            language: None,
            dialect: None,
            dialect_version: None,
            producer: None,
            size: 0,
            mtime: 0,
            content_hash: None,
            node_count: 0,
            unknown_count: 0,
            engine_version,
            findings: Vec::new(),
            unplaced: Vec::new(),
            kinds: Vec::new(),
        }
    }

    fn outcome(&self) -> &'static str {
        let mut outcome = "loaded";
        for finding in &self.findings {
            match finding.code {
                Code::DialectUnknown | Code::DialectAmbiguous | Code::DialectRefused => {
                    return "unsupported";
                }
                code if code.severity() == "error" => return "quarantined",
                _ => outcome = "loaded_with_warnings",
            }
        }
        outcome
    }

    fn write(&self, tables: &mut Tables) {
        for finding in &self.findings {
            let offset = |at: usize| i64::try_from(at).ok();
            tables.findings.push(&FindingRow {
                path: self.path,
                code: finding.code.name(),
                severity: finding.code.severity(),
                pointer: &finding.pointer,
                message: &finding.message,
                hint: finding.hint.as_deref().unwrap_or(finding.code.hint()),
                start_byte: finding.span.and_then(|span| offset(span.0)),
                end_byte: finding.span.and_then(|span| offset(span.1)),
            });
        }
        tables.artifacts.push(&ArtifactRow {
            path: self.path,
            document_path: self.document_path.as_deref(),
            language: self.language.as_deref(),
            dialect: self.dialect,
            dialect_version: self.dialect_version,
            producer: self.producer,
            size_bytes: self.size as i64,
            mtime_ns: self.mtime,
            content_hash: self.content_hash.as_deref(),
            outcome: self.outcome(),
            duplicate_of: None,
            node_count: self.node_count as i64,
            unknown_count: self.unknown_count as i64,
            finding_count: self.findings.len() as i64,
            engine_version: &self.engine_version,
            scanned_at: nanoseconds(SystemTime::now()) / 1000,
        });
    }

    fn inspection(self) -> Inspection {
        let findings = self.findings.into_iter();
        Inspection {
            path: self.path.to_owned(),
            dialect: self.dialect.map(str::to_owned),
            producer: self.producer.map(str::to_owned),
            language: self.language,
            document_path: self.document_path,
            node_count: self.node_count,
            kinds: self.kinds,
            findings: findings
                .map(|f| (f.code.name(), f.pointer, f.message))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests;
