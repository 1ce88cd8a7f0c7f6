//! Paths and predicates of the mapping language (`docs/reference/mapping.md` §1).
//!
//! Belongs here: compiling them and evaluating them at a node.
//! Does not: which table of a mapping uses them for what (`mapping`).

use std::borrow::Cow;

use serde::Deserialize;

use crate::intern::{Key, Keys, KindId, Kinds};
use crate::mapping::{Mapping, ScopeKind};
use crate::tape::{Tag, Value};
use crate::tree::{Context, NodeId};

/// Ancestors that `inside` and `scope` look at, so that depth costs no square.
pub(crate) const ANCESTORS: usize = 1_000;

/// What a path yields.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Item {
    /// A node.
    Node(NodeId),
    /// A value that is no node.
    Value(Value),
    /// A node's native kind, as a text.
    Kind(NodeId),
}

/// How many of the values that a segment names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Pick {
    One,
    All,
    At(i32),
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Segment {
    Key(Key, Pick),
    Kinds(Box<[KindId]>, Pick),
    AnyKind(Pick),
    Raw(Key, Pick),
    Parent,
    ParentOf(Box<[KindId]>),
    /// … of which kinds, which of them, and whether blank lines between do not matter.
    Before(Box<[KindId]>, Pick, bool),
    Kind,
}

/// One compiled path.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Path {
    /// The path began with `/`: it starts at the rule's node instead of the element.
    from_rule: bool,
    segments: Box<[Segment]>,
}

/// A path or several, as a mapping writes them.
#[derive(Clone, Deserialize, Debug)]
#[serde(untagged)]
pub(crate) enum RawPaths {
    One(String),
    Many(Vec<String>),
}

/// Several paths; whether the first non-empty one counts or all is said where they are used.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Paths(Box<[Path]>);

/// What compilation interns into.
pub(crate) struct Names<'n> {
    pub(crate) keys: &'n mut Keys,
    pub(crate) kinds: &'n mut Kinds,
}

impl Path {
    pub(crate) fn compile(text: &str, names: &mut Names<'_>) -> Result<Path, String> {
        let (from_rule, text) = match text.strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut segments = Vec::new();
        if !text.is_empty() {
            for part in split(text) {
                if part != "$self" {
                    segments
                        .push(segment(part, names).map_err(|why| format!("path `{text}`: {why}"))?);
                }
            }
        }
        Ok(Path {
            from_rule,
            segments: segments.into(),
        })
    }

    /// Call `found` with each value in order until it says `true`; whether it did.
    pub(crate) fn visit(
        &self,
        at: &At<'_, '_>,
        node: NodeId,
        found: &mut dyn FnMut(Item) -> bool,
    ) -> bool {
        let start = if self.from_rule { at.rule_node } else { node };
        walk(at, &self.segments, Item::Node(start), found)
    }

    /// The first value.
    pub(crate) fn first(&self, at: &At<'_, '_>, node: NodeId) -> Option<Item> {
        let start = if self.from_rule { at.rule_node } else { node };
        let mut item = Item::Node(start);
        // The usual path is plain keys: no callbacks.
        for (index, segment) in self.segments.iter().enumerate() {
            match (segment, item) {
                (Segment::Key(key, Pick::One), Item::Node(node)) if !at.cx.layout.is_list => {
                    item = of(at.cx, at.cx.tape.get(at.cx.tree.value(node), *key)?);
                }
                (Segment::Key(key, Pick::One), Item::Node(node)) => {
                    item = Item::Node(at.cx.tree.child(node, *key)?);
                }
                _ => {
                    let mut first = None;
                    walk(at, &self.segments[index..], item, &mut |found| {
                        first = Some(found);
                        true
                    });
                    return first;
                }
            }
        }
        Some(item)
    }
}

/// Split at the dots outside of `<…>`.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut inside = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'<' => inside = true,
            b'>' => inside = false,
            b'.' if !inside => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn segment(part: &str, names: &mut Names<'_>) -> Result<Segment, String> {
    match part {
        "" => return Err("a segment is empty".into()),
        "^" => return Ok(Segment::Parent),
        "$kind" => return Ok(Segment::Kind),
        _ => {}
    }
    let kinds_in = |text: &str, names: &mut Names<'_>| -> Option<Box<[KindId]>> {
        let kinds = text.strip_prefix('<')?.strip_suffix('>')?;
        Some(
            kinds
                .split('|')
                .map(|kind| names.kinds.kind(kind))
                .collect(),
        )
    };
    if let Some(rest) = part.strip_prefix('^') {
        let kinds = kinds_in(rest, names).ok_or_else(|| format!("`{part}` is no segment"))?;
        return Ok(Segment::ParentOf(kinds));
    }
    let (name, pick) = match part
        .strip_suffix(']')
        .and_then(|rest| rest.rsplit_once('['))
    {
        Some((name, "")) => (name, Pick::All),
        Some((name, index)) => {
            let index = index
                .parse()
                .map_err(|_| format!("`[{index}]` is no index"))?;
            (name, Pick::At(index))
        }
        None => (part, Pick::One),
    };
    if name == "<*>" {
        return Ok(Segment::AnyKind(pick));
    }
    if let Some(kinds) = kinds_in(name, names) {
        return Ok(Segment::Kinds(kinds, pick));
    }
    if let Some(rest) = name.strip_prefix('~') {
        let far = rest.strip_prefix('~');
        let kinds = kinds_in(far.unwrap_or(rest), names)
            .ok_or_else(|| format!("`{part}` is no segment"))?;
        let pick = if pick == Pick::One {
            Pick::At(-1)
        } else {
            pick
        };
        return Ok(Segment::Before(kinds, pick, far.is_some()));
    }
    if let Some(key) = name.strip_prefix('@') {
        return Ok(Segment::Raw(names.keys.key(key), pick));
    }
    if name.is_empty() || name.starts_with('$') || name.contains(['<', '>', '[', ']']) {
        return Err(format!("`{part}` is no segment"));
    }
    Ok(Segment::Key(names.keys.key(name), pick))
}

/// The value as a node if it is one.
pub(crate) fn of(cx: &Context<'_>, value: Value) -> Item {
    cx.tape.node(value).map_or(Item::Value(value), Item::Node)
}

fn walk(
    at: &At<'_, '_>,
    segments: &[Segment],
    item: Item,
    found: &mut dyn FnMut(Item) -> bool,
) -> bool {
    let Some((segment, rest)) = segments.split_first() else {
        return found(item);
    };
    let cx = at.cx;
    let mut go = |next: Item| walk(at, rest, next, found);
    match (segment, item) {
        (Segment::Parent, Item::Node(node)) => cx
            .tree
            .parent(node)
            .is_some_and(|parent| go(Item::Node(parent))),
        (Segment::Kind, Item::Node(node)) => go(Item::Kind(node)),
        (Segment::ParentOf(kinds), Item::Node(node)) => cx
            .tree
            .parent(node)
            .filter(|&parent| kinds.contains(&cx.tree.kind(parent)))
            .is_some_and(|parent| go(Item::Node(parent))),
        (Segment::Before(kinds, pick, far), Item::Node(node)) => choose(
            before(cx, node, kinds, *far).into_iter().map(Item::Node),
            *pick,
            &mut go,
        ),
        (Segment::Kinds(kinds, pick), Item::Node(node)) => choose(
            cx.tree
                .children(node)
                .filter(|&child| kinds.contains(&cx.tree.kind(child)))
                .map(Item::Node),
            *pick,
            &mut go,
        ),
        (Segment::AnyKind(pick), Item::Node(node)) => choose(
            cx.tree
                .children(node)
                .filter(|&child| {
                    cx.tree.is_named(child) && !at.mapping.is_extra(cx.tree.kind(child))
                })
                .map(Item::Node),
            *pick,
            &mut go,
        ),
        (Segment::Key(key, pick), Item::Node(node)) if cx.layout.is_list => choose(
            cx.tree.children_in(node, *key).map(Item::Node),
            *pick,
            &mut go,
        ),
        (Segment::Key(key, pick) | Segment::Raw(key, pick), Item::Node(_) | Item::Value(_)) => {
            let object = match item {
                Item::Node(node) => cx.tree.value(node),
                Item::Value(value) => value,
                Item::Kind(_) => return false,
            };
            let Some(member) = cx.tape.get(object, *key) else {
                return false;
            };
            match pick {
                Pick::One => go(of(cx, member)),
                _ if cx.tape.tag(member) == Tag::Array => choose(
                    cx.tape
                        .elements(member)
                        .filter(|&element| cx.tape.tag(element) != Tag::Null)
                        .map(|element| of(cx, element)),
                    *pick,
                    &mut go,
                ),
                _ => choose(std::iter::once(of(cx, member)), *pick, &mut go),
            }
        }
        _ => false,
    }
}

fn choose(
    mut items: impl Iterator<Item = Item>,
    pick: Pick,
    go: &mut dyn FnMut(Item) -> bool,
) -> bool {
    match pick {
        Pick::One => items.next().is_some_and(go),
        Pick::All => {
            for item in items {
                if go(item) {
                    return true;
                }
            }
            false
        }
        Pick::At(index) if index >= 0 => items.nth(index as usize).is_some_and(go),
        Pick::At(index) => {
            let all: Vec<Item> = items.collect();
            let index = all.len() as i64 + i64::from(index);
            usize::try_from(index)
                .ok()
                .and_then(|index| all.get(index).copied())
                .is_some_and(go)
        }
    }
}

/// The sibling before a node, found from the node before it in pre-order.
fn previous_sibling(cx: &Context<'_>, node: NodeId) -> Option<NodeId> {
    let parent = cx.tree.parent(node)?;
    let mut at = NodeId(node.0.checked_sub(1)?);
    while at != parent {
        let above = cx.tree.parent(at)?;
        if above == parent {
            return Some(at);
        }
        at = above;
    }
    None
}

/// The siblings of these kinds right before the node that belong to it, in order (§10).
fn before(cx: &Context<'_>, node: NodeId, kinds: &[KindId], far: bool) -> Vec<NodeId> {
    let tree = cx.tree;
    let mut run = Vec::new();
    let mut below = node;
    while let Some(one) = previous_sibling(cx, below) {
        if !kinds.contains(&tree.kind(one)) {
            break;
        }
        if let (Some(end), Some(start)) = (tree.span(one).end_line(), tree.span(below).start_line())
            && end + 1 < start
            && !far
        {
            break;
        }
        // Behind other code on its line it belongs to that, and so does all before it.
        if let Some(other) = previous_sibling(cx, one)
            && !kinds.contains(&tree.kind(other))
            && let (Some(end), Some(start)) =
                (tree.span(other).end_line(), tree.span(one).start_line())
            && end == start
        {
            break;
        }
        run.push(one);
        below = one;
    }
    run.reverse();
    run
}

impl Paths {
    pub(crate) fn compile(raw: Option<&RawPaths>, names: &mut Names<'_>) -> Result<Paths, String> {
        let mut paths = Vec::new();
        match raw {
            None => {}
            Some(RawPaths::One(text)) => paths.push(Path::compile(text, names)?),
            Some(RawPaths::Many(texts)) => {
                for text in texts {
                    paths.push(Path::compile(text, names)?);
                }
            }
        }
        Ok(Paths(paths.into()))
    }

    /// Whether the mapping wrote none.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first value of the first path that yields one.
    pub(crate) fn first(&self, at: &At<'_, '_>, node: NodeId) -> Option<Item> {
        self.0.iter().find_map(|path| path.first(at, node))
    }

    /// The first value at an element that may be no node, or at the rule's node for paths that
    /// begin with `/`.
    pub(crate) fn first_from(
        &self,
        at: &At<'_, '_>,
        element: Item,
        rule_node: NodeId,
    ) -> Option<Item> {
        debug_assert_eq!(
            at.rule_node, rule_node,
            "paths with `/` start at the rule's node"
        );
        match element {
            Item::Node(node) => self.first(at, node),
            other => self.0.iter().find_map(|path| {
                if path.from_rule {
                    return path.first(at, rule_node);
                }
                let mut first = None;
                walk(at, &path.segments, other, &mut |found| {
                    first = Some(found);
                    true
                });
                first
            }),
        }
    }

    /// The first value, if it is a node.
    pub(crate) fn first_node(&self, at: &At<'_, '_>, node: NodeId) -> Option<NodeId> {
        match self.first(at, node)? {
            Item::Node(node) => Some(node),
            _ => None,
        }
    }

    /// The node that holds the first value: itself if it is one.
    pub(crate) fn holder(&self, at: &At<'_, '_>, node: NodeId) -> Option<NodeId> {
        let path = self.0.iter().find(|path| path.first(at, node).is_some())?;
        let start = if path.from_rule { at.rule_node } else { node };
        (0..=path.segments.len()).rev().find_map(|length| {
            let mut first = None;
            walk(
                at,
                &path.segments[..length],
                Item::Node(start),
                &mut |found| {
                    first = Some(found);
                    true
                },
            );
            match first {
                Some(Item::Node(node)) => Some(node),
                _ => None,
            }
        })
    }

    /// The text of the first value.
    pub(crate) fn text<'c>(&self, at: &At<'_, 'c>, node: NodeId) -> Option<Cow<'c, str>> {
        at.text(self.first(at, node)?)
    }

    /// The values of the first path that yields any.
    pub(crate) fn alternatives(&self, at: &At<'_, '_>, node: NodeId, into: &mut Vec<Item>) {
        let before = into.len();
        for path in &self.0 {
            path.visit(at, node, &mut |item| {
                into.push(item);
                false
            });
            if into.len() > before {
                return;
            }
        }
    }

    /// The values of all paths, in order.
    pub(crate) fn all(&self, at: &At<'_, '_>, node: NodeId, into: &mut Vec<Item>) {
        for path in &self.0 {
            path.visit(at, node, &mut |item| {
                into.push(item);
                false
            });
        }
    }

    /// Whether some value of the first path that yields any satisfies.
    fn some(&self, at: &At<'_, '_>, node: NodeId, holds: &mut dyn FnMut(Item) -> bool) -> bool {
        for path in &self.0 {
            let mut any = false;
            if path.visit(at, node, &mut |item| {
                any = true;
                holds(item)
            }) {
                return true;
            }
            if any {
                return false;
            }
        }
        false
    }
}

/// Where a path or predicate is evaluated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<'m, 'c> {
    pub(crate) mapping: &'m Mapping,
    pub(crate) cx: &'c Context<'c>,
    /// The node whose rule applies: where paths that begin with `/` start.
    pub(crate) rule_node: NodeId,
    /// Innermost scope around, blocks passed over, if the caller knows it.
    pub(crate) scope: Option<ScopeKind>,
}

/// Nodes that a text is looked for through (`name = "func"` of a call of a call of …).
const NAME_STEPS: usize = 32;
/// Once a concatenated text has as many bytes, no further leaf is added.
const LEAVES_BYTES: usize = 4_096;

impl<'c> At<'_, 'c> {
    /// Text of a value (§1).
    pub(crate) fn text(&self, item: Item) -> Option<Cow<'c, str>> {
        match item {
            Item::Kind(node) => Some(Cow::Borrowed(self.cx.kinds.text(self.cx.tree.kind(node).0))),
            Item::Value(value) => self.cx.tape.scalar_text(value).map(Cow::Borrowed),
            Item::Node(node) => match self.name(node) {
                Some(name) => Some(name),
                None if self.cx.layout.is_list => self.leaves(node),
                None => None,
            },
        }
    }

    /// Name of a node (§4).
    pub(crate) fn name(&self, node: NodeId) -> Option<Cow<'c, str>> {
        let start = node;
        let mut node = node;
        let mut unquote = false;
        let mut prefix: Option<&str> = None;
        for _ in 0..NAME_STEPS {
            if !self.cx.tree.is_named(node) {
                return None;
            }
            let named = self.mapping.named_kind(self.cx.tree.kind(node))?;
            if named.name.is_empty() {
                return None;
            }
            unquote |= named.unquote;
            prefix = prefix.or(named.prefix.as_deref());
            let is_list = self.cx.layout.is_list;
            let found = match named.name.first(self, node) {
                None => None,
                Some(Item::Node(inner)) if inner == node => {
                    is_list.then(|| self.leaves(node)).flatten()
                }
                Some(Item::Node(inner)) => {
                    let has_name = self.cx.tree.is_named(inner)
                        && self
                            .mapping
                            .named_kind(self.cx.tree.kind(inner))
                            .is_some_and(|named| !named.name.is_empty());
                    if has_name {
                        node = inner;
                        continue;
                    }
                    is_list.then(|| self.leaves(inner)).flatten()
                }
                Some(other) => self.text(other),
            };
            // The text of a node below that could have a name and has none: its leaves.
            let text = match found {
                Some(text) => text,
                None if node != start && is_list => self.leaves(node)?,
                None => return None,
            };
            let text = if unquote { unquoted(text) } else { text };
            return Some(match prefix {
                Some(prefix) => Cow::Owned(format!("{prefix}{text}")),
                None => text,
            });
        }
        None
    }

    /// The leaf texts below a node of a list dialect, concatenated.
    fn leaves(&self, node: NodeId) -> Option<Cow<'c, str>> {
        let tree = self.cx.tree;
        if tree.first_child(node).is_none() {
            return tree
                .leaf_text(self.cx.tape, node, self.cx.layout.text_key)
                .map(Cow::Borrowed);
        }
        let mut text = String::new();
        let mut any = false;
        for below in tree.subtree(node) {
            if text.len() >= LEAVES_BYTES {
                break;
            }
            if tree.first_child(below).is_none()
                && let Some(leaf) = tree.leaf_text(self.cx.tape, below, self.cx.layout.text_key)
            {
                text.push_str(leaf);
                any = true;
            }
        }
        any.then_some(Cow::Owned(text))
    }
}

/// Without one pair of quotes or backticks and a string prefix of letters before them.
pub(crate) fn unquoted(text: Cow<'_, str>) -> Cow<'_, str> {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let rest = &text[letters..];
    for quote in ["\"\"\"", "'''", "\"", "'", "`"] {
        if rest.len() >= 2 * quote.len() && rest.starts_with(quote) && rest.ends_with(quote) {
            let inner = letters + quote.len()..text.len() - quote.len();
            return match text {
                Cow::Borrowed(text) => Cow::Borrowed(&text[inner]),
                Cow::Owned(text) => Cow::Owned(text[inner].to_owned()),
            };
        }
    }
    text
}

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
        match self {
            Test::Equals(wanted) => first
                .and_then(|item| at.text(item))
                .is_some_and(|text| wanted.iter().any(|one| **one == *text)),
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
            Test::Prefix(prefix) => first
                .and_then(|item| at.text(item))
                .is_some_and(|text| text.starts_with(&**prefix)),
        }
    }
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
