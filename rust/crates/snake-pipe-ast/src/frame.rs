//! Which dialect an artifact is in, and what its frame says of the document.
//!
//! Belongs here: `[detect]` and `[frame]`, whose paths read raw members from the JSON root.
//! Does not: paths at nodes (`path`).

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value as Json;

use crate::intern::Keys;
use crate::positions::{Step, raw_steps};
use crate::tape::{Tag, Tape, Value};

/// The `[detect]` table of a mapping.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DetectSection {
    /// The artifact is in the dialect if one of these holds.
    pub any: Vec<Json>,
}

/// The `[frame]` table of a mapping.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FrameSection {
    /// Path list to the tree's root.
    pub root: PathList,
    /// Path list to the document path.
    pub path: PathList,
    /// Entries in order; the first that yields something.
    pub language: Vec<Json>,
    /// Whether an artifact may hold several documents, one after the other.
    pub sequence: bool,
}

/// One path or several.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum PathList {
    /// One.
    One(String),
    /// Several, the first that yields something counts.
    Many(Vec<String>),
}

impl Default for PathList {
    fn default() -> Self {
        PathList::Many(Vec::new())
    }
}

impl PathList {
    fn compile(&self, keys: &mut Keys) -> Result<Vec<RawPath>, String> {
        match self {
            PathList::One(path) => Ok(vec![RawPath::compile(path, keys)?]),
            PathList::Many(paths) => paths
                .iter()
                .map(|path| RawPath::compile(path, keys))
                .collect(),
        }
    }
}

/// A path over raw members; empty for the value itself.
#[derive(Clone, Debug)]
struct RawPath(Vec<Step>);

impl RawPath {
    fn compile(path: &str, keys: &mut Keys) -> Result<Self, String> {
        if path.is_empty() || path == "$self" {
            return Ok(RawPath(Vec::new()));
        }
        Ok(RawPath(raw_steps(path, keys)?))
    }

    fn value(&self, tape: &Tape<'_>, from: Value) -> Option<Value> {
        self.0.iter().try_fold(from, |at, step| match *step {
            Step::Member(key) => tape.get(at, key),
            Step::Element(index) => tape
                .elements(at)
                .nth(index as usize)
                .filter(|&v| tape.tag(v) != Tag::Null),
        })
    }
}

fn first(paths: &[RawPath], tape: &Tape<'_>, from: Value) -> Option<Value> {
    paths.iter().find_map(|path| path.value(tape, from))
}

/// A predicate on raw members.
#[derive(Clone, Debug)]
enum Test {
    Equals(Vec<RawPath>, Vec<Json>),
    Exists(Vec<RawPath>, bool),
    Truthy(Vec<RawPath>, bool),
    Prefix(Vec<RawPath>, String),
    IsString(Vec<RawPath>, bool),
    All(Vec<Test>),
    Any(Vec<Test>),
    Not(Box<Test>),
}

impl Test {
    fn compile(source: &Json, keys: &mut Keys) -> Result<Test, String> {
        if let Json::Array(tests) = source {
            return Ok(Test::All(
                tests
                    .iter()
                    .map(|t| Test::compile(t, keys))
                    .collect::<Result<_, _>>()?,
            ));
        }
        let Json::Object(entries) = source else {
            return Err(format!("{source} is no predicate"));
        };
        let paths = match entries.get("path") {
            None => Vec::new(),
            Some(path) => {
                let list: PathList = serde_json::from_value(path.clone())
                    .map_err(|_| format!("{path} is no path"))?;
                list.compile(keys)?
            }
        };
        let mut tests = Vec::new();
        for (entry, wanted) in entries {
            let bad = || format!("`{entry}` of the predicate {source} cannot be read");
            let list = |keys: &mut Keys| -> Result<Vec<Test>, String> {
                wanted
                    .as_array()
                    .ok_or_else(bad)?
                    .iter()
                    .map(|t| Test::compile(t, keys))
                    .collect()
            };
            tests.push(match entry.as_str() {
                "path" | "producer" => continue,
                "equals" => Test::Equals(paths.clone(), vec![wanted.clone()]),
                "in" => Test::Equals(paths.clone(), wanted.as_array().ok_or_else(bad)?.clone()),
                "exists" => Test::Exists(paths.clone(), wanted.as_bool().ok_or_else(bad)?),
                "truthy" => Test::Truthy(paths.clone(), wanted.as_bool().ok_or_else(bad)?),
                "string" => Test::IsString(paths.clone(), wanted.as_bool().ok_or_else(bad)?),
                "prefix" => {
                    Test::Prefix(paths.clone(), wanted.as_str().ok_or_else(bad)?.to_owned())
                }
                "all" => Test::All(list(keys)?),
                "any" => Test::Any(list(keys)?),
                "not" => Test::Not(Box::new(Test::compile(wanted, keys)?)),
                _ => {
                    return Err(format!(
                        "`{entry}` of the predicate {source} is unknown here"
                    ));
                }
            });
        }
        if tests.is_empty() {
            return Err(format!("the predicate {source} asks nothing"));
        }
        Ok(Test::All(tests))
    }

    fn holds(&self, tape: &Tape<'_>, at: Value) -> bool {
        match self {
            Test::Equals(paths, wanted) => first(paths, tape, at)
                .is_some_and(|found| wanted.iter().any(|wanted| is_text(tape, found, wanted))),
            Test::Exists(paths, wanted) => first(paths, tape, at).is_some() == *wanted,
            Test::Truthy(paths, wanted) => {
                first(paths, tape, at).is_some_and(|found| is_truthy(tape, found)) == *wanted
            }
            Test::IsString(paths, wanted) => {
                let found = first(paths, tape, at);
                found.is_some_and(|found| tape.tag(found) == Tag::String) == *wanted
            }
            Test::Prefix(paths, prefix) => first(paths, tape, at)
                .and_then(|found| tape.scalar_text(found))
                .is_some_and(|text| text.starts_with(prefix.as_str())),
            Test::All(tests) => tests.iter().all(|test| test.holds(tape, at)),
            Test::Any(tests) => tests.iter().any(|test| test.holds(tape, at)),
            Test::Not(test) => !test.holds(tape, at),
        }
    }
}

fn is_text(tape: &Tape<'_>, found: Value, wanted: &Json) -> bool {
    match wanted {
        Json::String(wanted) => tape.scalar_text(found) == Some(wanted),
        Json::Bool(wanted) => tape.as_bool(found) == Some(*wanted),
        Json::Number(wanted) => tape
            .number_text(found)
            .is_some_and(|text| text.parse::<f64>().ok() == wanted.as_f64()),
        _ => false,
    }
}

fn is_truthy(tape: &Tape<'_>, found: Value) -> bool {
    match tape.tag(found) {
        Tag::Null | Tag::False => false,
        Tag::True => true,
        Tag::Int | Tag::Number => tape
            .number_text(found)
            .is_some_and(|text| text.parse::<f64>().is_ok_and(|n| n != 0.0)),
        Tag::String => tape.str(found).is_some_and(|text| !text.is_empty()),
        Tag::Array => tape.elements(found).next().is_some(),
        Tag::Object => tape.members(found).next().is_some(),
    }
}

/// `[detect]`, compiled.
#[derive(Clone, Debug)]
pub struct Detect {
    any: Vec<(Test, Option<String>)>,
}

impl Detect {
    /// Compile the table.
    ///
    /// # Errors
    /// A sentence about the predicate that cannot be read.
    pub fn compile(section: &DetectSection, keys: &mut Keys) -> Result<Detect, String> {
        let mut any = Vec::new();
        for test in &section.any {
            let producer = test
                .get("producer")
                .and_then(Json::as_str)
                .map(str::to_owned);
            any.push((Test::compile(test, keys)?, producer));
        }
        Ok(Detect { any })
    }

    /// Whether the artifact is in the dialect; if so, the producer that the match tells.
    #[must_use]
    pub fn claims(&self, tape: &Tape<'_>) -> Option<Option<&str>> {
        let found = self
            .any
            .iter()
            .find(|(test, _)| test.holds(tape, tape.root()));
        found.map(|(_, producer)| producer.as_deref())
    }
}

#[derive(Clone, Debug)]
enum LanguageBy {
    Path(Vec<RawPath>),
    Extension(Vec<(String, String)>),
    KindPrefix(Vec<(String, String)>),
    Default(String),
}

/// `[frame]`, compiled.
#[derive(Clone, Debug)]
pub struct Frame {
    root: Vec<RawPath>,
    path: Vec<RawPath>,
    language: Vec<LanguageBy>,
    pub(crate) is_sequence: bool,
}

impl Frame {
    /// Compile the table.
    ///
    /// # Errors
    /// A sentence about the path or entry that cannot be read.
    pub fn compile(section: &FrameSection, keys: &mut Keys) -> Result<Frame, String> {
        let pairs = |table: &Json| -> Option<Vec<(String, String)>> {
            let entries = table.as_object()?.iter();
            entries
                .map(|(k, v)| Some((k.clone(), v.as_str()?.to_owned())))
                .collect()
        };
        let mut language = Vec::new();
        for entry in &section.language {
            let bad = || format!("language: {entry} cannot be read");
            let (name, value) = entry
                .as_object()
                .and_then(|e| e.iter().next())
                .ok_or_else(bad)?;
            language.push(match name.as_str() {
                "path" => {
                    let list: PathList =
                        serde_json::from_value(value.clone()).map_err(|_| bad())?;
                    LanguageBy::Path(list.compile(keys)?)
                }
                "extension" => LanguageBy::Extension(pairs(value).ok_or_else(bad)?),
                "kind_prefix" => LanguageBy::KindPrefix(pairs(value).ok_or_else(bad)?),
                "default" => LanguageBy::Default(value.as_str().ok_or_else(bad)?.to_owned()),
                _ => return Err(bad()),
            });
        }
        let mut root = section.root.compile(keys)?;
        if root.is_empty() {
            root.push(RawPath(Vec::new()));
        }
        Ok(Frame {
            root,
            path: section.path.compile(keys)?,
            language,
            is_sequence: section.sequence,
        })
    }

    /// The value that must be the root node.
    #[must_use]
    pub fn root(&self, tape: &Tape<'_>) -> Option<Value> {
        first(&self.root, tape, tape.root())
    }

    /// The document path: as the artifact states it, or its own path less `.json`.
    #[must_use]
    pub fn document_path<'p>(&self, tape: &'p Tape<'_>, artifact: &'p str) -> Cow<'p, str> {
        let stated = first(&self.path, tape, tape.root()).and_then(|value| tape.str(value));
        let usable = stated.and_then(relative);
        usable.unwrap_or_else(|| artifact.strip_suffix(".json").unwrap_or(artifact).into())
    }

    /// The language, lower case. `has_kind` says whether a native kind has a prefix.
    pub fn language(
        &self,
        tape: &Tape<'_>,
        document_path: &str,
        mut has_kind: impl FnMut(&str) -> bool,
    ) -> Option<String> {
        let found = self.language.iter().find_map(|by| match by {
            LanguageBy::Path(paths) => {
                let text = tape.str(first(paths, tape, tape.root())?)?;
                (!text.is_empty()).then(|| text.to_owned())
            }
            LanguageBy::Extension(table) => table
                .iter()
                .find(|(extension, _)| document_path.ends_with(extension.as_str()))
                .map(|(_, language)| language.clone()),
            LanguageBy::KindPrefix(table) => table
                .iter()
                .find(|(prefix, _)| has_kind(prefix))
                .map(|(_, language)| language.clone()),
            LanguageBy::Default(language) => Some(language.clone()),
        });
        found.map(|language| language.to_lowercase())
    }
}

/// A stated path as a document path, if it can be one: relative, without `..`, not empty. Empty and
/// `.` segments are dropped.
pub(crate) fn relative(path: &str) -> Option<Cow<'_, str>> {
    let drive = path.as_bytes().first_chunk::<2>();
    if path.starts_with(['/', '\\'])
        || drive.is_some_and(|drive| drive[0].is_ascii_alphabetic() && drive[1] == b':')
    {
        return None;
    }
    let segments = || path.split(['/', '\\']);
    if segments().any(|segment| segment == "..") {
        return None;
    }
    if !path.contains('\\') && segments().all(|segment| !segment.is_empty() && segment != ".") {
        return Some(Cow::Borrowed(path));
    }
    let kept: Vec<&str> = segments()
        .filter(|segment| !segment.is_empty() && *segment != ".")
        .collect();
    (!kept.is_empty()).then(|| Cow::Owned(kept.join("/")))
}
