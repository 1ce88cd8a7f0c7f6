//! Paths of the mapping language, and texts of what they yield (`docs/reference/mapping.md` §1).
//!
//! Belongs here: compiling them and evaluating them at a node.
//! Does not: predicates (`predicate`), which table of a mapping uses them for what (`mapping`).

use std::borrow::Cow;

use serde::Deserialize;

use crate::intern::{Key, Keys, KindId, Kinds};
use crate::mapping::{Mapping, NamedKind, ScopeKind};
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
    /// All but so many.
    From(u32),
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
    /// The sibling right after the node, if it is of such a kind.
    After(Box<[KindId]>),
    /// Ancestors of these kinds, outermost first.
    Above(Box<[KindId]>, Pick),
    /// Nodes below of these kinds.
    Below(Box<[KindId]>, Pick),
    /// Members of an object that was an array, by index.
    Elements(Pick),
    /// What the segment yields again and again: all of it, or the last.
    Again(Box<Segment>, bool),
    /// The node itself if it is of such a kind.
    Only(Box<[KindId]>),
    /// The value itself if it is a JSON string.
    Text,
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
    Joined(RawJoined),
}

/// Paths whose texts are one text.
#[derive(Clone, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawJoined {
    join: Vec<String>,
    with: String,
}

/// Several paths; whether the first non-empty one counts or all is said where they are used.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Paths {
    list: Box<[Path]>,
    joined: Option<Box<Joined>>,
}

/// How the texts of paths become one.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Joined {
    with: Box<str>,
    parts: Box<[Part]>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    Literal(Box<str>),
    /// Number of the path.
    Path(usize),
}

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
        "$string" => return Ok(Segment::Text),
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
    if let Some(base) = part.strip_suffix(['*', '+']) {
        if base.is_empty()
            || base.starts_with(['^', '~', '?', '!', '*', '@'])
            || base.ends_with(']')
        {
            return Err(format!("`{part}` is no segment"));
        }
        let base = segment(base, names)?;
        return Ok(Segment::Again(Box::new(base), part.ends_with('+')));
    }
    if let Some(rest) = part.strip_prefix('?') {
        let kinds = kinds_in(rest, names).ok_or_else(|| format!("`{part}` is no segment"))?;
        return Ok(Segment::Only(kinds));
    }
    if let Some(rest) = part.strip_prefix('!') {
        let kinds = kinds_in(rest, names).ok_or_else(|| format!("`{part}` is no segment"))?;
        return Ok(Segment::After(kinds));
    }
    if let Some(rest) = part.strip_prefix('^')
        && !rest.starts_with('^')
    {
        let kinds = kinds_in(rest, names).ok_or_else(|| format!("`{part}` is no segment"))?;
        return Ok(Segment::ParentOf(kinds));
    }
    let (name, pick) = match part
        .strip_suffix(']')
        .and_then(|rest| rest.rsplit_once('['))
    {
        Some((name, "")) => (name, Pick::All),
        Some((name, index)) if index.ends_with(':') => {
            let first = index.trim_end_matches(':').parse();
            let first = first.map_err(|_| format!("`[{index}]` is no index"))?;
            (name, Pick::From(first))
        }
        Some((name, index)) => {
            let index = index
                .parse()
                .map_err(|_| format!("`[{index}]` is no index"))?;
            (name, Pick::At(index))
        }
        None => (part, Pick::One),
    };
    if name.is_empty() && matches!(pick, Pick::From(_)) {
        return Ok(Segment::Elements(pick));
    }
    if name == "<*>" {
        return Ok(Segment::AnyKind(pick));
    }
    if let Some(kinds) = kinds_in(name, names) {
        return Ok(Segment::Kinds(kinds, pick));
    }
    if let Some(rest) = name.strip_prefix("^^") {
        let kinds = kinds_in(rest, names).ok_or_else(|| format!("`{part}` is no segment"))?;
        let pick = if pick == Pick::One {
            Pick::At(-1)
        } else {
            pick
        };
        return Ok(Segment::Above(kinds, pick));
    }
    if let Some(rest) = name.strip_prefix("**") {
        let kinds = kinds_in(rest, names).ok_or_else(|| format!("`{part}` is no segment"))?;
        return Ok(Segment::Below(kinds, pick));
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
        (Segment::After(kinds), Item::Node(node)) => cx
            .tree
            .next_sibling(node)
            .filter(|&next| kinds.contains(&cx.tree.kind(next)))
            .is_some_and(|next| go(Item::Node(next))),
        (Segment::Above(kinds, Pick::At(-1)), Item::Node(node)) => cx
            .tree
            .ancestors(node)
            .take(ANCESTORS)
            .find(|&above| kinds.contains(&cx.tree.kind(above)))
            .is_some_and(|above| go(Item::Node(above))),
        (Segment::Above(kinds, pick), Item::Node(node)) => {
            let mut all: Vec<NodeId> = cx
                .tree
                .ancestors(node)
                .take(ANCESTORS)
                .filter(|&above| kinds.contains(&cx.tree.kind(above)))
                .collect();
            all.reverse();
            choose(all.into_iter().map(Item::Node), *pick, &mut go)
        }
        (Segment::Below(kinds, pick), Item::Node(node)) => choose(
            cx.tree
                .subtree(node)
                .skip(1)
                .filter(|&below| kinds.contains(&cx.tree.kind(below)))
                .map(Item::Node),
            *pick,
            &mut go,
        ),
        (Segment::Again(base, is_all), start) => {
            let mut last = start;
            for _ in 0..ANCESTORS {
                let mut next = None;
                walk(at, std::slice::from_ref(base), last, &mut |found| {
                    next = Some(found);
                    true
                });
                let Some(next) = next else { break };
                last = next;
                if *is_all && go(next) {
                    return true;
                }
            }
            !*is_all && go(last)
        }
        (Segment::Only(kinds), Item::Node(node)) => kinds.contains(&cx.tree.kind(node)) && go(item),
        (Segment::Text, Item::Value(value)) => cx.tape.tag(value) == Tag::String && go(item),
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
        (Segment::Elements(Pick::From(first)), Item::Node(_) | Item::Value(_)) => {
            let object = match item {
                Item::Node(node) => cx.tree.value(node),
                Item::Value(value) => value,
                Item::Kind(_) => return false,
            };
            let rest = cx.tape.members(object).skip(*first as usize);
            let told = rest.filter(|&member| cx.tape.tag(member) != Tag::Null);
            choose(told.map(|member| of(cx, member)), Pick::All, &mut go)
        }
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
        Pick::From(first) => items.skip(first as usize).any(go),
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
            Some(RawPaths::Joined(raw)) => return Paths::compile_joined(raw, names),
        }
        Ok(Paths {
            list: paths.into(),
            joined: None,
        })
    }

    fn compile_joined(raw: &RawJoined, names: &mut Names<'_>) -> Result<Paths, String> {
        let mut list = Vec::new();
        let mut parts = Vec::new();
        for text in &raw.join {
            parts.push(if let Some(literal) = text.strip_prefix('=') {
                Part::Literal(literal.into())
            } else {
                list.push(Path::compile(text, names)?);
                Part::Path(list.len() - 1)
            });
        }
        if list.is_empty() {
            return Err("`join` has no path".into());
        }
        Ok(Paths {
            list: list.into(),
            joined: Some(Box::new(Joined {
                with: raw.with.as_str().into(),
                parts: parts.into(),
            })),
        })
    }

    /// Whether the texts of all paths are one text.
    pub(crate) fn is_joined(&self) -> bool {
        self.joined.is_some()
    }

    /// The texts of all values, joined (§1): absent if no path has any.
    fn joined_text<'c, E>(
        &self,
        at: &At<'_, 'c>,
        from: Item,
        text: &mut dyn FnMut(Item) -> Result<Option<Cow<'c, str>>, E>,
    ) -> Result<Option<Cow<'c, str>>, E> {
        let Some(joined) = &self.joined else {
            return Ok(None);
        };
        let mut whole = String::new();
        let mut is_first = true;
        let mut any = false;
        let mut failed = None;
        let mut push = |whole: &mut String, part: &str| {
            if part.is_empty() || whole.len() >= LEAVES_BYTES {
                return;
            }
            if !is_first {
                whole.push_str(&joined.with);
            }
            is_first = false;
            whole.push_str(part);
        };
        for part in &joined.parts {
            match part {
                Part::Literal(literal) => push(&mut whole, literal),
                Part::Path(index) => {
                    let path = &self.list[*index];
                    let start = if path.from_rule {
                        Item::Node(at.rule_node)
                    } else {
                        from
                    };
                    walk(at, &path.segments, start, &mut |item| {
                        match text(item) {
                            Ok(Some(part)) => {
                                any = true;
                                push(&mut whole, &part);
                            }
                            Ok(None) => {}
                            Err(why) => failed = Some(why),
                        }
                        failed.is_some()
                    });
                }
            }
        }
        match failed {
            Some(why) => Err(why),
            None => Ok(any.then_some(Cow::Owned(whole))),
        }
    }

    /// The text at an element that may be no node (as [`Paths::first_from`]).
    pub(crate) fn text_from<'c>(
        &self,
        at: &At<'_, 'c>,
        element: Item,
        rule_node: NodeId,
    ) -> Option<Cow<'c, str>> {
        if self.joined.is_some() {
            let found: Result<_, std::convert::Infallible> =
                self.joined_text(at, element, &mut |item| Ok(at.text(item)));
            return found.unwrap_or(None);
        }
        at.text(self.first_from(at, element, rule_node)?)
    }

    /// Whether the mapping wrote none.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The first value of the first path that yields one.
    pub(crate) fn first(&self, at: &At<'_, '_>, node: NodeId) -> Option<Item> {
        self.list.iter().find_map(|path| path.first(at, node))
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
            other => self.list.iter().find_map(|path| {
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
        let path = self
            .list
            .iter()
            .find(|path| path.first(at, node).is_some())?;
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
        if self.joined.is_some() {
            return self.text_from(at, Item::Node(node), at.rule_node);
        }
        at.text(self.first(at, node)?)
    }

    /// The values of the first path that yields any.
    pub(crate) fn alternatives(&self, at: &At<'_, '_>, node: NodeId, into: &mut Vec<Item>) {
        let before = into.len();
        for path in &self.list {
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
        for path in &self.list {
            path.visit(at, node, &mut |item| {
                into.push(item);
                false
            });
        }
    }

    /// Whether some value of the first path that yields any satisfies.
    pub(crate) fn some(
        &self,
        at: &At<'_, '_>,
        node: NodeId,
        holds: &mut dyn FnMut(Item) -> bool,
    ) -> bool {
        for path in &self.list {
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

/// A name was looked for through too many nodes, or through itself.
struct TooFar;

/// A joined name that is being put together, and those that it is a part of.
struct Asked<'a> {
    node: NodeId,
    above: Option<&'a Asked<'a>>,
}

impl<'a> Asked<'a> {
    fn below(above: Option<&'a Asked<'a>>, node: NodeId) -> Result<Asked<'a>, TooFar> {
        let mut one = above;
        while let Some(asked) = one {
            if asked.node == node {
                return Err(TooFar);
            }
            one = asked.above;
        }
        Ok(Asked { node, above })
    }
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
        self.name_within(node, NAME_STEPS, None).ok().flatten()
    }

    /// Text of a value that is looked for through so many nodes.
    fn text_within(
        &self,
        item: Item,
        steps: usize,
        above: &Asked<'_>,
    ) -> Result<Option<Cow<'c, str>>, TooFar> {
        let Item::Node(node) = item else {
            return Ok(self.text(item));
        };
        match self.name_within(node, steps, Some(above))? {
            None if self.cx.layout.is_list => Ok(self.leaves(node)),
            found => Ok(found),
        }
    }

    /// Name of a node that is looked for through so many nodes.
    fn name_within(
        &self,
        node: NodeId,
        steps: usize,
        above: Option<&Asked<'_>>,
    ) -> Result<Option<Cow<'c, str>>, TooFar> {
        let start = node;
        let mut node = node;
        // Those that change the text of what is below, outermost first.
        let mut changing: Vec<&NamedKind> = Vec::new();
        for used in 0..steps {
            if !self.cx.tree.is_named(node) {
                return Ok(None);
            }
            let Some(named) = self.mapping.named_kind(self.cx.tree.kind(node)) else {
                return Ok(None);
            };
            if named.name.is_empty() {
                return Ok(None);
            }
            if named.changes_text() {
                changing.push(named);
            }
            let is_list = self.cx.layout.is_list;
            let found = if named.name.is_joined() {
                let asked = Asked::below(above, node)?;
                named
                    .name
                    .joined_text(self, Item::Node(node), &mut |item| {
                        if item == Item::Node(node) {
                            Ok(is_list.then(|| self.leaves(node)).flatten())
                        } else {
                            self.text_within(item, steps - used - 1, &asked)
                        }
                    })?
            } else {
                match named.name.first(self, node) {
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
                }
            };
            // The text of a node below that could have a name and has none: its leaves.
            let mut text = match found {
                Some(text) => text,
                None if node != start && is_list => {
                    changing.pop_if(|last| std::ptr::eq(*last, named));
                    match self.leaves(node) {
                        Some(text) => text,
                        None => return Ok(None),
                    }
                }
                None => return Ok(None),
            };
            while let Some(named) = changing.pop() {
                text = named.change(text);
            }
            return Ok(Some(text));
        }
        Err(TooFar)
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
