//! Predicates of the mapping language (`docs/reference/mapping.md` §1).
//!
//! Belongs here: compiling them, and whether they hold at a node. Does not: what their paths yield
//! (`path`), what follows from them.

use serde::Deserialize;

use crate::intern::{Key, KindId};
use crate::mapping::ScopeKind;
use crate::path::{ANCESTORS, At, Item, Names, Paths, RawPaths};
use crate::tape::Tag;
use crate::tree::NodeId;

/// A predicate as a mapping writes it.
#[derive(Clone, Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPredicate {
    path: Option<RawPaths>,
    equals: Option<serde_json::Value>,
    r#in: Option<Vec<serde_json::Value>>,
    some_in: Option<Vec<String>>,
    some_prefix: Option<Vec<String>>,
    string: Option<bool>,
    exists: Option<bool>,
    truthy: Option<bool>,
    kind: Option<Vec<String>>,
    prefix: Option<String>,
    suffix: Option<String>,
    bits: Option<i64>,
    min: Option<i64>,
    max: Option<i64>,
    in_slot: Option<Vec<String>>,
    slot: Option<Vec<String>>,
    inside: Option<Vec<String>>,
    scope: Option<Vec<ScopeKind>>,
    all: Option<Vec<RawPredicate>>,
    any: Option<Vec<RawPredicate>>,
    not: Option<Box<RawPredicate>>,
}

/// One predicate or several that must all hold.
#[derive(Clone, Deserialize, Debug)]
#[serde(untagged)]
pub(crate) enum RawWhen {
    One(Box<RawPredicate>),
    Many(Vec<RawPredicate>),
}

#[derive(Clone, Debug)]
enum Test {
    Equals(Box<[Box<str>]>),
    SomeIn(Box<[Box<str>]>),
    SomePrefix(Box<[Box<str>]>),
    String(bool),
    Exists(bool),
    Truthy(bool),
    Kind(Box<[KindId]>),
    Prefix(Box<str>),
    Suffix(Box<str>),
    Bits(i64),
    Min(i64),
    Max(i64),
    InSlot(Slots),
}

#[derive(Clone, Debug)]
enum Condition {
    Path(Paths, Box<[Test]>),
    Slot(Slots),
    Inside(Box<[KindId]>),
    Scope(Box<[ScopeKind]>),
    Any(Box<[Predicate]>),
    Not(Box<Predicate>),
}

/// A compiled predicate: all conditions must hold.
#[derive(Clone, Debug, Default)]
pub struct Predicate(Box<[Condition]>);

fn json_text(value: &serde_json::Value) -> Result<Box<str>, String> {
    match value {
        serde_json::Value::String(text) => Ok(text.as_str().into()),
        serde_json::Value::Bool(_) | serde_json::Value::Number(_) => Ok(value.to_string().into()),
        _ => Err(format!("`{value}` is not a text, boolean or number")),
    }
}

impl Predicate {
    pub(crate) fn compile(
        raw: Option<&RawWhen>,
        names: &mut Names<'_>,
    ) -> Result<Predicate, String> {
        let mut conditions = Vec::new();
        match raw {
            None => {}
            Some(RawWhen::One(one)) => add(one, names, &mut conditions)?,
            Some(RawWhen::Many(many)) => {
                for one in many {
                    add(one, names, &mut conditions)?;
                }
            }
        }
        Ok(Predicate(conditions.into()))
    }

    fn one(raw: &RawPredicate, names: &mut Names<'_>) -> Result<Predicate, String> {
        let mut conditions = Vec::new();
        add(raw, names, &mut conditions)?;
        Ok(Predicate(conditions.into()))
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_always(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether all conditions hold at the node.
    #[inline]
    pub(crate) fn holds(&self, at: &At<'_, '_>, node: NodeId) -> bool {
        self.0.iter().all(|condition| condition.holds(at, node))
    }
}

/// Kinds of parents and fields; `None` is any.
pub(crate) type Slots = Box<[(Option<KindId>, Option<Key>)]>;

pub(crate) fn compile_slots(slots: &[String], names: &mut Names<'_>) -> Result<Slots, String> {
    slots
        .iter()
        .map(|slot| {
            let (parent, field) = slot
                .split_once('.')
                .ok_or_else(|| format!("slot `{slot}` is not `Parent.field`"))?;
            let parent = (parent != "*").then(|| names.kinds.kind(parent));
            let field = (field != "*").then(|| names.keys.key(field));
            Ok((parent, field))
        })
        .collect()
}

fn add(raw: &RawPredicate, names: &mut Names<'_>, into: &mut Vec<Condition>) -> Result<(), String> {
    let mut tests = Vec::new();
    if let Some(value) = &raw.equals {
        tests.push(Test::Equals([json_text(value)?].into()));
    }
    if let Some(values) = &raw.r#in {
        tests.push(Test::Equals(
            values.iter().map(json_text).collect::<Result<_, _>>()?,
        ));
    }
    if let Some(values) = &raw.some_in {
        tests.push(Test::SomeIn(
            values.iter().map(|text| text.as_str().into()).collect(),
        ));
    }
    if let Some(prefixes) = &raw.some_prefix {
        let prefixes = prefixes.iter().map(|text| text.as_str().into());
        tests.push(Test::SomePrefix(prefixes.collect()));
    }
    if let Some(wanted) = raw.string {
        tests.push(Test::String(wanted));
    }
    if let Some(wanted) = raw.exists {
        tests.push(Test::Exists(wanted));
    }
    if let Some(wanted) = raw.truthy {
        tests.push(Test::Truthy(wanted));
    }
    if let Some(kinds) = &raw.kind {
        tests.push(Test::Kind(
            kinds.iter().map(|kind| names.kinds.kind(kind)).collect(),
        ));
    }
    if let Some(prefix) = &raw.prefix {
        tests.push(Test::Prefix(prefix.as_str().into()));
    }
    if let Some(suffix) = &raw.suffix {
        tests.push(Test::Suffix(suffix.as_str().into()));
    }
    tests.extend(raw.bits.map(Test::Bits));
    tests.extend(raw.min.map(Test::Min));
    tests.extend(raw.max.map(Test::Max));
    if let Some(slots) = &raw.in_slot {
        tests.push(Test::InSlot(compile_slots(slots, names)?));
    }
    match (&raw.path, tests.is_empty()) {
        (Some(path), false) => {
            into.push(Condition::Path(
                Paths::compile(Some(path), names)?,
                tests.into(),
            ));
        }
        (Some(_), true) => return Err("a predicate has a `path` and no test of it".into()),
        (None, false) => return Err("a predicate has a test and no `path`".into()),
        (None, true) => {}
    }
    if let Some(slots) = &raw.slot {
        into.push(Condition::Slot(compile_slots(slots, names)?));
    }
    if let Some(kinds) = &raw.inside {
        into.push(Condition::Inside(
            kinds.iter().map(|kind| names.kinds.kind(kind)).collect(),
        ));
    }
    if let Some(scopes) = &raw.scope {
        into.push(Condition::Scope(scopes.as_slice().into()));
    }
    for one in raw.all.iter().flatten() {
        add(one, names, into)?;
    }
    if let Some(any) = &raw.any {
        let any = any
            .iter()
            .map(|one| Predicate::one(one, names))
            .collect::<Result<_, _>>()?;
        into.push(Condition::Any(any));
    }
    if let Some(not) = &raw.not {
        into.push(Condition::Not(Box::new(Predicate::one(not, names)?)));
    }
    Ok(())
}

impl Condition {
    fn holds(&self, at: &At<'_, '_>, node: NodeId) -> bool {
        let tree = at.cx.tree;
        match self {
            Condition::Path(paths, tests) => {
                // Most predicates look at the first value; find it once for all tests.
                let first = paths.first(at, node);
                tests.iter().all(|test| test.holds(at, node, paths, first))
            }
            Condition::Slot(slots) => sits_in(at, node, slots),
            Condition::Inside(kinds) => tree
                .ancestors(node)
                .take(ANCESTORS)
                .any(|above| kinds.contains(&tree.kind(above))),
            Condition::Scope(scopes) => {
                let scope = at.scope.or_else(|| at.mapping.scope_around(at.cx, node));
                scope.is_some_and(|scope| scopes.contains(&scope))
            }
            Condition::Any(any) => any.iter().any(|one| one.holds(at, node)),
            Condition::Not(not) => !not.holds(at, node),
        }
    }
}

fn sits_in(at: &At<'_, '_>, node: NodeId, slots: &Slots) -> bool {
    let tree = at.cx.tree;
    let Some(parent) = tree.parent(node) else {
        return false;
    };
    let (kind, field) = (tree.kind(parent), tree.field(node));
    slots.iter().any(|(wanted_kind, wanted_field)| {
        wanted_kind.is_none_or(|wanted| wanted == kind)
            && wanted_field.is_none_or(|wanted| wanted == field)
    })
}

impl Test {
    fn holds(&self, at: &At<'_, '_>, node: NodeId, paths: &Paths, first: Option<Item>) -> bool {
        let tape = at.cx.tape;
        let text = || {
            if paths.is_joined() {
                paths.text(at, node)
            } else {
                at.text(first?)
            }
        };
        let number = || integer(&text()?);
        match self {
            Test::Equals(wanted) => {
                text().is_some_and(|text| wanted.iter().any(|one| **one == *text))
            }
            Test::SomeIn(wanted) => paths.some(at, node, &mut |item| {
                at.text(item)
                    .is_some_and(|text| wanted.iter().any(|one| **one == *text))
            }),
            Test::SomePrefix(prefixes) => paths.some(at, node, &mut |item| {
                at.text(item)
                    .is_some_and(|text| prefixes.iter().any(|one| text.starts_with(&**one)))
            }),
            Test::String(wanted) => {
                let is =
                    matches!(first, Some(Item::Value(value)) if tape.tag(value) == Tag::String);
                is == *wanted
            }
            Test::Exists(wanted) => first.is_some() == *wanted,
            Test::Truthy(wanted) => first.is_some_and(|item| truthy(at, item)) == *wanted,
            Test::Kind(kinds) => {
                matches!(first, Some(Item::Node(node)) if kinds.contains(&at.cx.tree.kind(node)))
            }
            Test::InSlot(slots) => {
                matches!(first, Some(Item::Node(node)) if sits_in(at, node, slots))
            }
            Test::Prefix(prefix) => text().is_some_and(|text| text.starts_with(&**prefix)),
            Test::Suffix(suffix) => text().is_some_and(|text| text.ends_with(&**suffix)),
            Test::Bits(bits) => number().is_some_and(|number| number & bits != 0),
            Test::Min(least) => number().is_some_and(|number| number >= *least),
            Test::Max(most) => number().is_some_and(|number| number <= *most),
        }
    }
}

/// The number that a text is: digits, a minus sign before them at most.
fn integer(text: &str) -> Option<i64> {
    if text.starts_with('+') {
        return None;
    }
    text.parse().ok()
}

fn truthy(at: &At<'_, '_>, item: Item) -> bool {
    let tape = at.cx.tape;
    match item {
        Item::Node(_) | Item::Kind(_) => true,
        Item::Value(value) => match tape.tag(value) {
            Tag::Null | Tag::False => false,
            Tag::True => true,
            Tag::Int => tape.as_i64(value) != Some(0),
            Tag::Number => tape
                .number_text(value)
                .is_none_or(|text| text.parse::<f64>().ok() != Some(0.0)),
            Tag::String => tape.str(value).is_some_and(|text| !text.is_empty()),
            Tag::Array => tape.count(value) > 0,
            Tag::Object => tape.members(value).next().is_some(),
        },
    }
}
