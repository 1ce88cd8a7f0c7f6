//! The nodes of an artifact, in document order.
//!
//! Belongs here: the arena of nodes and how it is made from a tape, one pass over the values.
//! Does not: what kinds mean (`mapping`), scopes and symbols (`semantics`).

use serde::Deserialize;

use crate::hash;
use crate::intern::{Key, Keys, KindId, Kinds};
use crate::positions::{NOWHERE, Positions, PositionsSection, Step, is_reversed, widen};
use crate::schema::{Member, Schema, fits, scalar_type, type_message, types};
use crate::tape::{Entry, NOTHING, Tag, Tape, Value, push_escaped};

/// A node: its pre-order index, which is `nodes.node`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct NodeId(pub u32);

impl NodeId {
    /// The root of every tree.
    pub const ROOT: NodeId = NodeId(0);

    /// As an index of columns by node.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// No node, no position.
pub(crate) const NONE: u32 = u32::MAX;

/// Lines 1-based, columns 0-based, end exclusive; `i32::MIN` (bytes: `i64::MIN`) where absent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span {
    /// `start_line`, `start_column`, `end_line`, `end_column`.
    pub lines: [i32; 4],
    /// `start_byte`, `end_byte`.
    pub bytes: [i64; 2],
}

/// A part of a [`Span`] that is not there.
pub const ABSENT: i32 = i32::MIN;
/// A byte offset that is not there.
pub const ABSENT_BYTE: i64 = i64::MIN;

impl Span {
    /// Nothing known.
    pub const NONE: Span = Span {
        lines: [ABSENT; 4],
        bytes: [ABSENT_BYTE; 2],
    };

    /// First line, 1-based.
    #[must_use]
    pub fn start_line(&self) -> Option<i32> {
        (self.lines[0] != ABSENT).then_some(self.lines[0])
    }

    /// Last line, 1-based.
    #[must_use]
    pub fn end_line(&self) -> Option<i32> {
        (self.lines[2] != ABSENT).then_some(self.lines[2])
    }
}

/// A structure of arrays, one entry a node, in pre-order.
///
/// A node's subtree is the range from the node to [`Tree::end`].
#[derive(Default, Debug)]
pub struct Tree {
    pub(crate) value: Vec<Value>,
    pub(crate) kind: Vec<KindId>,
    pub(crate) parent: Vec<u32>,
    pub(crate) end: Vec<u32>,
    pub(crate) field: Vec<Key>,
    pub(crate) position: Vec<u32>,
    pub(crate) depth: Vec<u32>,
    pub(crate) span: Vec<Span>,
    pub(crate) hash: Vec<u64>,
    /// List dialects: whether the node is named; keyed dialects: empty.
    pub(crate) unnamed: Vec<bool>,
    /// Dialects with a prefix: whether the kind had it; others: empty.
    pub(crate) stripped: Vec<bool>,
}

impl Tree {
    /// Number of nodes.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "a tree has at least its root")]
    pub fn len(&self) -> usize {
        self.value.len()
    }

    /// Every node in document order.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.len() as u32).map(NodeId)
    }

    /// The JSON object that the node is.
    #[inline]
    #[must_use]
    pub fn value(&self, node: NodeId) -> Value {
        self.value[node.index()]
    }

    /// Native kind without the dialect's prefix, as rules name it. Kinds the mapping does not
    /// name have numbers from `kinds.known()` on.
    #[inline]
    #[must_use]
    pub fn kind(&self, node: NodeId) -> KindId {
        self.kind[node.index()]
    }

    /// The parent; none for the root.
    #[inline]
    #[must_use]
    pub fn parent(&self, node: NodeId) -> Option<NodeId> {
        let parent = self.parent[node.index()];
        (parent != NONE).then_some(NodeId(parent))
    }

    /// The node after the whole subtree of this one (exclusive end, may be `len()`).
    #[inline]
    #[must_use]
    pub fn end(&self, node: NodeId) -> NodeId {
        NodeId(self.end[node.index()])
    }

    /// The first child.
    #[inline]
    #[must_use]
    pub fn first_child(&self, node: NodeId) -> Option<NodeId> {
        (self.end[node.index()] > node.0 + 1).then_some(NodeId(node.0 + 1))
    }

    /// The next child of the same parent.
    #[inline]
    #[must_use]
    pub fn next_sibling(&self, node: NodeId) -> Option<NodeId> {
        let next = self.end[node.index()];
        let parent = self.parent[node.index()];
        (parent != NONE && next < self.end[parent as usize]).then_some(NodeId(next))
    }

    /// `nodes.field`: keys from the parent's object joined by `/`; a number of the same table as
    /// object keys, so a plain field compares with the key.
    #[inline]
    #[must_use]
    pub fn field(&self, node: NodeId) -> Key {
        self.field[node.index()]
    }

    /// `nodes.position`: index in the parent's array, if it is in one.
    #[inline]
    #[must_use]
    pub fn position(&self, node: NodeId) -> Option<u32> {
        let position = self.position[node.index()];
        (position != NONE).then_some(position)
    }

    /// Number of nodes above.
    #[inline]
    #[must_use]
    pub fn depth(&self, node: NodeId) -> u32 {
        self.depth[node.index()]
    }

    /// Where the node stands in the source file.
    #[inline]
    #[must_use]
    pub fn span(&self, node: NodeId) -> &Span {
        &self.span[node.index()]
    }

    /// `nodes.subtree_hash`.
    #[inline]
    #[must_use]
    pub fn hash(&self, node: NodeId) -> i64 {
        self.hash[node.index()] as i64
    }

    /// List dialects: whether the grammar names the node. Always true in keyed dialects.
    #[inline]
    #[must_use]
    pub fn is_named(&self, node: NodeId) -> bool {
        !self.unnamed.get(node.index()).copied().unwrap_or(false)
    }

    /// Children in document order.
    #[inline]
    #[must_use]
    pub fn children(&self, node: NodeId) -> Children<'_> {
        Children {
            tree: self,
            at: node.0 + 1,
            end: self.end[node.index()],
        }
    }

    /// Children in a field, in document order.
    pub fn children_in(&self, node: NodeId, field: Key) -> impl Iterator<Item = NodeId> + '_ {
        self.children(node)
            .filter(move |&child| self.field(child) == field)
    }

    /// The first child in a field.
    #[must_use]
    pub fn child(&self, node: NodeId, field: Key) -> Option<NodeId> {
        self.children_in(node, field).next()
    }

    /// The node and everything below it, in document order.
    pub fn subtree(&self, node: NodeId) -> impl Iterator<Item = NodeId> + use<> {
        (node.0..self.end[node.index()]).map(NodeId)
    }

    /// Parent, its parent, and so on to the root.
    pub fn ancestors(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.parent(node), |&above| self.parent(above))
    }

    /// Whether `node` is `above` or below it.
    #[must_use]
    pub fn is_within(&self, node: NodeId, above: NodeId) -> bool {
        above <= node && node < self.end(above)
    }

    /// List dialects: a leaf's text (member `text_key`).
    #[must_use]
    pub fn leaf_text<'t>(
        &self,
        tape: &'t Tape<'_>,
        node: NodeId,
        text_key: Key,
    ) -> Option<&'t str> {
        tape.str(tape.get(self.value(node), text_key)?)
    }

    /// Begin the next file with the same vectors.
    pub fn clear(&mut self) {
        self.value.clear();
        self.kind.clear();
        self.parent.clear();
        self.end.clear();
        self.field.clear();
        self.position.clear();
        self.depth.clear();
        self.span.clear();
        self.hash.clear();
        self.unnamed.clear();
        self.stripped.clear();
    }
}

/// Children of a node.
#[derive(Clone, Debug)]
pub struct Children<'t> {
    tree: &'t Tree,
    at: u32,
    end: u32,
}

impl Iterator for Children<'_> {
    type Item = NodeId;

    #[inline]
    fn next(&mut self) -> Option<NodeId> {
        (self.at < self.end).then(|| {
            let child = NodeId(self.at);
            self.at = self.tree.end[child.index()];
            child
        })
    }
}

/// The `[nodes]` table of a mapping.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NodesSection {
    /// Members whose text makes an object a node.
    pub discriminator: Vec<String>,
    /// Removed from native kinds for lookups.
    pub strip_prefix: String,
    /// Removed from native kinds for lookups: all up to the last of these.
    pub strip_to: String,
    /// Native kind of a root that is an array.
    pub root_array: String,
    /// Native kind of the root: of itself if it is an object that is no node, else of a node above it.
    pub root: String,
    /// Whether an array that begins with a text is an object, its elements' indices the keys.
    pub heads: bool,
    /// Keys that make an object a node whose only member has one of them.
    pub unions: Vec<String>,
    /// `keys` or `list`.
    pub children: ChildrenIn,
    /// List dialects: the array of children.
    pub list_key: String,
    /// List dialects: the member that names the role.
    pub field_key: String,
    /// List dialects: the member with a leaf's text.
    pub text_key: String,
    /// List dialects: the member that says whether the grammar names the node.
    pub named_key: String,
    /// Members never entered: `key`, or `Kind.key`.
    pub skip: Vec<String>,
    /// Members that no subtree hash counts, at nodes and at plain objects.
    #[serde(default)]
    pub unhashed: Vec<String>,
    /// List dialects: the member that is true for what the parser made up.
    pub missing_key: String,
    /// Kinds that stand for text the parser did not understand.
    pub error_kinds: Vec<String>,
    /// Kinds that may stand anywhere (`path` passes over them).
    pub extras: Vec<String>,
}

/// Where children are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChildrenIn {
    /// In any member.
    #[default]
    Keys,
    /// In one array.
    List,
}

/// What a key means to the walk.
#[derive(Clone, Copy, Default, Debug)]
struct Action {
    /// The schema's number of the key; 0 if it has none.
    local: u16,
    /// Place of the positions' trie behind it.
    trie: u16,
    flags: u8,
}

const IS_SKIPPED: u8 = 1;
const IS_SKIPPED_IN: u8 = 2;
const IS_DISCRIMINATOR: u8 = 4;
const IS_LIST: u8 = 8;
const IS_FIELD: u8 = 16;
const IS_NAMED: u8 = 32;
/// What a subtree hash leaves out of nodes.
const IS_UNHASHED: u8 = 64;
/// What it leaves out of plain objects, too.
const IS_NEVER_HASHED: u8 = 128;

/// `[nodes]`, `[positions]` and the schema of a mapping, compiled.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Members whose text makes an object a node, best first.
    pub discriminators: Vec<Key>,
    /// Whether children are in one array, as in tree-sitter's trees.
    pub is_list: bool,
    /// List dialects: the array of children.
    pub list_key: Key,
    /// List dialects: the member that names the role.
    pub field_key: Key,
    /// List dialects: the member with a leaf's text.
    pub text_key: Key,
    /// List dialects: the member that says whether the grammar names the node.
    pub named_key: Key,
    /// The member that is true for what the parser made up.
    missing_key: Option<Key>,
    /// Removed from native kinds for lookups.
    pub(crate) strip: Strip,
    /// Native kind of a root that is an array.
    root_array: Option<KindId>,
    /// Native kind of what is above a root, or of a root that has none.
    root: Option<KindId>,
    has_heads: bool,
    unions: Vec<Key>,
    /// Where nodes stand.
    pub positions: Positions,
    pub(crate) schema: Schema,
    actions: Vec<Action>,
    skipped_in: Vec<(KindId, Key)>,
}

/// What is removed from native kinds for lookups.
#[derive(Debug, Clone, Default)]
pub(crate) struct Strip {
    prefix: String,
    to: String,
}

impl Strip {
    pub(crate) fn is_empty(&self) -> bool {
        self.prefix.is_empty() && self.to.is_empty()
    }

    /// The kind as lookups know it.
    pub(crate) fn bare<'n>(&self, native: &'n str) -> &'n str {
        let rest = native.strip_prefix(self.prefix.as_str()).unwrap_or(native);
        if self.to.is_empty() {
            return rest;
        }
        rest.rsplit_once(self.to.as_str())
            .map_or(rest, |(_, last)| last)
    }
}

impl Layout {
    /// Compile the tables of a mapping and its schema.
    ///
    /// # Errors
    /// A sentence naming the table and key that cannot be compiled.
    pub fn compile(
        nodes: &NodesSection,
        positions: &PositionsSection,
        schema: &serde_json::Value,
        keys: &mut Keys,
        kinds: &mut Kinds,
    ) -> Result<Layout, String> {
        if nodes.discriminator.is_empty() && nodes.unions.is_empty() {
            return Err(
                "[nodes] discriminator: at least one member must make an object a node".into(),
            );
        }
        let is_list = nodes.children == ChildrenIn::List;
        let named = |keys: &mut Keys, text: &str, default: &str| {
            keys.key(if text.is_empty() { default } else { text })
        };
        let discriminators: Vec<Key> = nodes
            .discriminator
            .iter()
            .map(|text| keys.key(text))
            .collect();
        let list_key = named(keys, &nodes.list_key, "children");
        let field_key = named(keys, &nodes.field_key, "field");
        let text_key = named(keys, &nodes.text_key, "text");
        let named_key = named(keys, &nodes.named_key, "named");
        let positions =
            Positions::compile(positions, keys).map_err(|e| format!("[positions] forms: {e}"))?;
        let strip = Strip {
            prefix: nodes.strip_prefix.clone(),
            to: nodes.strip_to.clone(),
        };
        let (schema, local) = Schema::compile(schema, &discriminators, &strip, keys, kinds)?;
        let mut layout = Layout {
            discriminators,
            is_list,
            list_key,
            field_key,
            text_key,
            named_key,
            missing_key: (!nodes.missing_key.is_empty()).then(|| keys.key(&nodes.missing_key)),
            root_array: (!nodes.root_array.is_empty()).then(|| kinds.kind(&nodes.root_array)),
            root: (!nodes.root.is_empty()).then(|| kinds.kind(&nodes.root)),
            has_heads: nodes.heads,
            unions: nodes.unions.iter().map(|text| keys.key(text)).collect(),
            strip,
            positions,
            schema,
            actions: Vec::new(),
            skipped_in: Vec::new(),
        };
        for (key, number) in local {
            layout.action(key).local = number;
        }
        for (key, place) in layout.positions.first_members().collect::<Vec<_>>() {
            let action = layout.action(key);
            action.trie = place;
            action.flags |= IS_UNHASHED;
        }
        for key in layout.discriminators.clone() {
            layout.action(key).flags |= IS_DISCRIMINATOR | IS_UNHASHED;
        }
        if is_list {
            layout.action(list_key).flags |= IS_LIST;
            layout.action(field_key).flags |= IS_FIELD | IS_UNHASHED;
            layout.action(named_key).flags |= IS_NAMED;
        }
        for key in &nodes.unhashed {
            layout.action(keys.key(key)).flags |= IS_NEVER_HASHED;
        }
        for skip in &nodes.skip {
            if let Some((kind, key)) = skip.split_once('.') {
                let (kind, key) = (kinds.kind(kind), keys.key(key));
                layout.skipped_in.push((kind, key));
                layout.action(key).flags |= IS_SKIPPED_IN;
            } else {
                let key = keys.key(skip);
                layout.action(key).flags |= IS_SKIPPED | IS_UNHASHED;
            }
        }
        Ok(layout)
    }

    fn action(&mut self, key: Key) -> &mut Action {
        if self.actions.len() <= key.index() {
            self.actions.resize(key.index() + 1, Action::default());
        }
        &mut self.actions[key.index()]
    }

    pub(crate) fn has_missing(&self) -> bool {
        self.missing_key.is_some()
    }

    /// Whether the parser made the node up.
    pub(crate) fn is_missing(&self, tape: &Tape<'_>, node: Value) -> bool {
        let found = self.missing_key.and_then(|key| tape.get(node, key));
        found.is_some_and(|found| tape.tag(found) == Tag::True)
    }

    /// What the schema says of the JSON root.
    pub(crate) fn check_root(&self, tape: &Tape<'_>, keys: &Keys, remarks: &mut Remarks) {
        for &rule in &self.schema.root {
            if let Some(fault) = self.schema.fault(rule, tape, tape.root(), keys) {
                remarks.violation(fault.value, fault.message);
            }
        }
    }

    /// Whether a value can be the root of a tree.
    pub(crate) fn is_root(&self, tape: &Tape<'_>, value: Value) -> bool {
        match tape.tag(value) {
            Tag::Array => self.root_array.is_some(),
            Tag::Object if self.root.is_some() => true,
            _ => self.mark(tape, value).is_some(),
        }
    }

    /// Give the artifact the shape that nodes are looked for in.
    pub(crate) fn reshape(&self, tape: &mut Tape<'_>, keys: &mut Keys) {
        if self.has_heads {
            tape.name_elements(keys);
        }
    }

    /// What makes an object a node.
    #[inline]
    pub(crate) fn mark(&self, tape: &Tape<'_>, object: Value) -> Option<Mark> {
        let texts = self.discriminators.iter().filter_map(|&key| {
            let entry = tape.entry(tape.member(object, key)?);
            (entry.tag() == Tag::String).then_some(Mark::Text(entry))
        });
        let text = texts.into_iter().next();
        if text.is_some() || self.unions.is_empty() {
            return text;
        }
        let mut members = tape.members(object);
        let (only, None) = (tape.key(members.next()?), members.next()) else {
            return None;
        };
        self.unions.contains(&only).then_some(Mark::Key(only))
    }

    /// The native kind of an object, if it is a node.
    #[must_use]
    pub fn native_kind<'t>(
        &self,
        tape: &'t Tape<'_>,
        keys: &'t Keys,
        object: Value,
    ) -> Option<&'t str> {
        match self.mark(tape, object)? {
            Mark::Text(entry) => Some(tape.text_of(entry)),
            Mark::Key(key) => Some(keys.text(key.0)),
        }
    }
}

/// What makes an object a node.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mark {
    /// The text of its discriminator.
    Text(Entry),
    /// The key of its only member.
    Key(Key),
}

/// What the semantics of a document read.
#[derive(Debug, Clone, Copy)]
pub struct Context<'c> {
    /// The artifact.
    pub tape: &'c Tape<'c>,
    /// Its nodes.
    pub tree: &'c Tree,
    /// Object keys and fields.
    pub keys: &'c Keys,
    /// Native kinds.
    pub kinds: &'c Kinds,
    /// How the dialect writes nodes.
    pub layout: &'c Layout,
    /// `documents.document_path`.
    pub path: &'c str,
    /// `documents.language`.
    pub language: &'c str,
    /// `documents.document_id`.
    pub document_id: i64,
}

/// Something about a value that the ledger must tell.
#[derive(Clone, Debug)]
pub struct Remark {
    /// The value.
    pub value: Value,
    /// The rest of a sentence that begins with the value.
    pub message: String,
}

/// A warning that is told once per artifact.
#[derive(Clone, Copy, Default, Debug)]
pub struct Tally {
    /// How often.
    pub count: u32,
    /// The first value it happened at.
    pub first: Option<Value>,
}

impl Tally {
    pub(crate) fn add(&mut self, value: Value) {
        self.count += 1;
        self.first.get_or_insert(value);
    }
}

/// What a walk found beside nodes.
#[derive(Default, Debug)]
pub struct Remarks {
    /// Violations of the schema, at most [`MOST_VIOLATIONS`].
    pub violations: Vec<Remark>,
    /// Positions that are no positions.
    pub invalid_positions: Tally,
    /// Ends before their starts.
    pub reversed_positions: Tally,
}

/// Violations told per artifact.
pub const MOST_VIOLATIONS: usize = 20;

impl Remarks {
    #[cold]
    fn violation(&mut self, value: Value, message: String) {
        if self.violations.len() < MOST_VIOLATIONS {
            self.violations.push(Remark { value, message });
        }
    }
}

/// A container that the walk is in.
#[derive(Clone, Copy, Debug)]
struct Frame {
    /// Value at which it ends.
    end: u32,
    /// Its own key in the container around.
    key: Key,
    /// Its own index in the array around; `NONE` if that is an object.
    index: u32,
    /// Array: index of the next element.
    next: u32,
    /// Array: types that elements may have.
    items: u16,
    /// Place of the positions' trie.
    trie: u16,
    shape: Shape,
    is_hashed: bool,
    /// Whether objects inside may be nodes.
    has_nodes: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Shape {
    Node,
    Object,
    Array,
}

/// A node that the walk is in.
#[derive(Clone, Copy, Debug)]
struct OpenNode {
    node: u32,
    hash: u64,
    seen: u64,
    ranks: [u8; 6],
    check: u32,
}

/// The stacks of the walk, kept by a thread from file to file.
#[derive(Default, Debug)]
pub struct Stacks {
    frames: Vec<Frame>,
    nodes: Vec<OpenNode>,
}

const NO_CHECK: u32 = u32::MAX;
/// Marks of the subtree hash.
const OPEN_ARRAY: u64 = 0x41;
const OPEN_OBJECT: u64 = 0x4F;
const CLOSE: u64 = 0x43;

impl Tree {
    /// Fill the tree from a tape: nodes, fields, positions, hashes and the schema's verdict, in one
    /// pass over the values. `root` must be a node.
    ///
    /// The tape learns which of its objects are nodes. `keys` and `kinds` grow by what is new.
    pub fn build(
        &mut self,
        tape: &mut Tape<'_>,
        root: Value,
        layout: &Layout,
        keys: &mut Keys,
        kinds: &mut Kinds,
        stacks: &mut Stacks,
    ) -> Remarks {
        self.clear();
        stacks.frames.clear();
        stacks.nodes.clear();
        let end = tape.next(root).0;
        let clang = layout.positions.clang.map(|words| {
            let places = words.read(tape, root);
            words.prune(tape, root, &places);
            places.name_owners(tape);
            (words, places)
        });
        let mut walk = Walk {
            tree: self,
            tape,
            layout,
            keys,
            kinds,
            frames: &mut stacks.frames,
            nodes: &mut stacks.nodes,
            remarks: Remarks::default(),
            now: OpenNode {
                node: NONE,
                hash: 0,
                seen: 0,
                ranks: [0; 6],
                check: NO_CHECK,
            },
        };
        walk.run(root, end);
        let mut remarks = walk.remarks;
        if let Some((words, places)) = clang {
            words.locate(tape, &places, self, &mut remarks);
        }
        remarks
    }
}

struct Walk<'w, 'a> {
    tree: &'w mut Tree,
    tape: &'w mut Tape<'a>,
    layout: &'w Layout,
    keys: &'w mut Keys,
    kinds: &'w mut Kinds,
    frames: &'w mut Vec<Frame>,
    nodes: &'w mut Vec<OpenNode>,
    remarks: Remarks,
    /// The innermost open node.
    now: OpenNode,
}

impl Walk<'_, '_> {
    fn run(&mut self, root: Value, end: u32) {
        let layout = self.layout;
        let entry = self.tape.entry(root);
        if entry.tag() == Tag::Array {
            let Some(kind) = layout.root_array else {
                return;
            };
            self.open(root, entry, (kind, false), Key::EMPTY, NONE, NONE);
            self.frames.push(Frame {
                end: entry.payload,
                key: Key::EMPTY,
                index: NONE,
                next: 0,
                items: types::ALL,
                trie: NOWHERE,
                shape: Shape::Array,
                is_hashed: true,
                has_nodes: true,
            });
        } else {
            let mut parent = NONE;
            if let Some(kind) = layout.root {
                parent = 0;
                self.open(root, entry, (kind, false), Key::EMPTY, NONE, NONE);
            }
            if let Some(mark) = self.mark(root) {
                let field = if layout.is_list {
                    self.list_field(root)
                } else {
                    Key::EMPTY
                };
                if parent != NONE {
                    let of_field = self.keys.hash(field.0);
                    self.now.hash = hash::mix(self.now.hash, of_field);
                    self.nodes.push(self.now);
                }
                self.open_node(root, entry, mark, field, NONE, parent);
            } else if parent == NONE {
                return;
            } else {
                self.tape.buffers.entries[root.index()].extra = parent;
            }
        }
        let mut at = root.0 + 1;
        while at < end {
            let mut top = self.frames.len() - 1;
            while self.frames[top].end <= at {
                self.close();
                top = self.frames.len() - 1;
            }
            let entry = self.tape.buffers.entries[at as usize];
            let value = Value(at);
            let after = if entry.is_container() {
                entry.payload
            } else {
                at + 1
            };
            let tag = entry.tag();
            let key = entry.key();
            let frame = &mut self.frames[top];
            let shape = frame.shape;
            let (mut is_hashed, mut has_nodes) = (frame.is_hashed, frame.has_nodes);
            let mut trie = NOWHERE;
            let mut index = NONE;
            let mut member = Member::ANY;
            if shape == Shape::Array {
                index = frame.next;
                frame.next += 1;
                if key == Key::SHADOWED {
                    at = after;
                    continue;
                }
                if frame.trie != NOWHERE {
                    trie = layout.positions.follow(frame.trie, Step::Element(index));
                }
                member.types = frame.items;
            } else {
                let frame_trie = frame.trie;
                if key == Key::SHADOWED {
                    at = after;
                    continue;
                }
                let action = layout.actions.get(key.index()).copied().unwrap_or_default();
                let mut flags = action.flags;
                if flags & IS_SKIPPED_IN != 0 && shape == Shape::Node {
                    let kind = self.tree.kind[self.now.node as usize];
                    if layout.skipped_in.contains(&(kind, key)) {
                        flags |= IS_SKIPPED | IS_UNHASHED;
                    }
                }
                is_hashed &= flags & IS_NEVER_HASHED == 0;
                if shape == Shape::Node {
                    trie = action.trie;
                    if self.now.check != NO_CHECK && action.local != 0 {
                        // The check is there: `open_node` looked it up.
                        if let Some(check) = layout.schema.kind(KindId(self.now.check)) {
                            let code = check.members[action.local as usize];
                            self.now.seen |= 1 << (code >> 24);
                            member = layout.schema.members[(code & 0x00FF_FFFF) as usize];
                        }
                    }
                    is_hashed &= flags & IS_UNHASHED == 0;
                    if layout.is_list {
                        has_nodes = flags & IS_LIST != 0;
                        if flags & IS_NAMED != 0 && tag == Tag::False {
                            self.tree.unnamed[self.now.node as usize] = true;
                        }
                    }
                } else if frame_trie != NOWHERE {
                    trie = layout.positions.follow(frame_trie, Step::Member(key));
                }
                if flags & IS_SKIPPED != 0 {
                    if member.rule != 0 || member.types != types::ALL {
                        self.check_skipped(value, tag, member);
                    }
                    if trie != NOWHERE {
                        self.skipped_position(value, trie);
                    }
                    at = after;
                    continue;
                }
            }
            if member.rule != 0 {
                self.check_rule(value, member.rule - 1);
            }
            match tag {
                Tag::Object => {
                    let mark = if has_nodes { self.mark(value) } else { None };
                    let found = if mark.is_some() {
                        types::NODE
                    } else {
                        types::PLAIN
                    };
                    if found & member.types == 0 {
                        self.wrong_type(value, found, member.types);
                    }
                    if let Some(mark) = mark {
                        let (mut field, position) = self.field(value, key, index, top);
                        if layout.is_list {
                            field = self.list_field(value);
                        }
                        if is_hashed {
                            let of_field = self.keys.hash(field.0);
                            self.now.hash = hash::mix(self.now.hash, of_field);
                        }
                        let parent = self.now.node;
                        self.nodes.push(self.now);
                        self.open_node(value, entry, mark, field, position, parent);
                    } else {
                        if is_hashed {
                            self.hash_key(key);
                            self.now.hash = hash::mix(self.now.hash, OPEN_OBJECT);
                        }
                        self.frames.push(Frame {
                            end: entry.payload,
                            key,
                            index,
                            next: 0,
                            items: types::ALL,
                            trie,
                            shape: Shape::Object,
                            is_hashed,
                            has_nodes: has_nodes && !layout.is_list,
                        });
                    }
                }
                Tag::Array => {
                    if types::ARRAY & member.types == 0 {
                        self.wrong_type(value, types::ARRAY, member.types);
                    }
                    if is_hashed {
                        self.hash_key(key);
                        self.now.hash = hash::mix(self.now.hash, OPEN_ARRAY);
                    }
                    self.frames.push(Frame {
                        end: entry.payload,
                        key,
                        index,
                        next: 0,
                        items: member.items,
                        trie,
                        shape: Shape::Array,
                        is_hashed,
                        has_nodes,
                    });
                }
                _ => {
                    let found = scalar_type(tag);
                    if found & member.types == 0 && !fits(self.tape, value, found, member.types) {
                        self.wrong_type(value, found, member.types);
                    }
                    if trie != NOWHERE && tag != Tag::Null {
                        self.position(value, entry, trie);
                    }
                    if is_hashed && (tag != Tag::Null || shape == Shape::Array) {
                        self.hash_key(key);
                        let of_value = match tag {
                            Tag::String => hash::text(self.tape.text_of(entry).as_bytes()),
                            Tag::Int => u64::from(entry.payload) | 1 << 40,
                            Tag::Number => {
                                let text = self.tape.number_text(value).unwrap_or_default();
                                hash::text(text.as_bytes()).wrapping_add(1)
                            }
                            other => other as u64,
                        };
                        self.now.hash = hash::mix(self.now.hash, of_value);
                    }
                }
            }
            at += 1;
        }
        while !self.frames.is_empty() {
            self.close();
        }
        if layout.positions.is_hull {
            self.widen();
        }
    }

    /// Let each node reach as far as what is below it. Children come after their parents.
    fn widen(&mut self) {
        let tree = &mut *self.tree;
        for node in (1..tree.len()).rev() {
            let below = tree.span[node];
            widen(&mut tree.span[tree.parent[node] as usize], &below);
        }
    }

    #[inline]
    fn hash_key(&mut self, key: Key) {
        if key != Key::NONE {
            self.now.hash = hash::mix(self.now.hash, self.keys.hash(key.0));
        }
    }

    /// What makes an object a node.
    #[inline]
    fn mark(&self, object: Value) -> Option<Mark> {
        self.layout.mark(self.tape, object)
    }

    fn is_node(&self, object: Value) -> bool {
        self.mark(object).is_some()
    }

    /// The number of a native kind, and whether it had the dialect's prefix.
    #[inline]
    fn kind(&mut self, mark: Mark) -> (KindId, bool) {
        let mark = match mark {
            Mark::Text(mark) => mark,
            Mark::Key(key) => return (self.kinds.kind(self.keys.text(key.0)), false),
        };
        let strip = &self.layout.strip;
        if strip.is_empty() && mark.extra == NOTHING {
            let start = mark.start as usize;
            let end = start + mark.payload as usize;
            return (
                KindId(self.kinds.intern_in(self.tape.source, start, end)),
                false,
            );
        }
        let native = self.tape.text_of(mark);
        let bare = strip.bare(native);
        (self.kinds.kind(bare), bare.len() < native.len())
    }

    #[inline]
    fn open_node(
        &mut self,
        value: Value,
        entry: Entry,
        mark: Mark,
        field: Key,
        position: u32,
        parent: u32,
    ) {
        let kind = self.kind(mark);
        let node = self.tree.value.len() as u32;
        self.open(value, entry, kind, field, position, parent);
        self.tape.buffers.entries[value.index()].extra = node;
    }

    /// Begin a node of a kind; `is_stripped` if something was removed from it.
    #[inline]
    fn open(
        &mut self,
        value: Value,
        entry: Entry,
        (kind, is_stripped): (KindId, bool),
        field: Key,
        position: u32,
        parent: u32,
    ) {
        let node = self.tree.value.len() as u32;
        let layout = self.layout;
        let of_kind = self.kinds.hash(kind.0);
        let tree = &mut *self.tree;
        let depth = if parent == NONE {
            0
        } else {
            tree.depth[parent as usize] + 1
        };
        tree.value.push(value);
        tree.kind.push(kind);
        tree.parent.push(parent);
        tree.end.push(NONE);
        tree.field.push(field);
        tree.position.push(position);
        tree.depth.push(depth);
        tree.span.push(Span::NONE);
        tree.hash.push(of_kind);
        if !layout.strip.is_empty() {
            tree.stripped.push(is_stripped);
        }
        if layout.is_list {
            tree.unnamed.push(false);
        }
        let mut check = NO_CHECK;
        if let Some(found) = layout.schema.kind(kind) {
            check = kind.0;
            for &rule in &found.rules {
                self.check_rule(value, rule);
            }
        }
        self.now = OpenNode {
            node,
            hash: of_kind,
            seen: 0,
            ranks: [u8::MAX; 6],
            check,
        };
        self.frames.push(Frame {
            end: entry.payload,
            key: Key::NONE,
            index: NONE,
            next: 0,
            items: types::ALL,
            trie: NOWHERE,
            shape: Shape::Node,
            is_hashed: true,
            has_nodes: !layout.is_list,
        });
    }

    #[inline]
    fn close(&mut self) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        if frame.shape != Shape::Node {
            if frame.is_hashed {
                self.now.hash = hash::mix(self.now.hash, CLOSE);
            }
            return;
        }
        let now = self.now;
        let node = now.node as usize;
        let tree = &mut *self.tree;
        tree.end[node] = tree.value.len() as u32;
        tree.hash[node] = now.hash;
        let span = &mut tree.span[node];
        self.layout.positions.finish(span);
        if is_reversed(span) {
            let value = tree.value[node];
            self.remarks.reversed_positions.add(value);
        }
        if now.check != NO_CHECK
            && let Some(check) = self.layout.schema.kind(KindId(now.check))
            && check.required_mask & !now.seen != 0
        {
            let missing = (check.required_mask & !now.seen).trailing_zeros() as usize;
            let key = self.keys.text(check.required[missing].0);
            let value = tree.value[node];
            self.remarks
                .violation(value, format!("has no member `{key}`"));
        }
        if let Some(above) = self.nodes.pop() {
            self.now = above;
            // Subtrees of skipped or positional members never come here: nodes in them are hashed.
            self.now.hash = hash::mix(self.now.hash, now.hash);
        }
    }

    /// Field and position of a node under the frame `top`.
    #[inline]
    fn field(&mut self, value: Value, key: Key, index: u32, top: usize) -> (Key, u32) {
        match self.frames[top].shape {
            Shape::Node if self.keys.is_plain(key.0) => (key, NONE),
            Shape::Array
                if top > 0
                    && self.frames[top - 1].shape == Shape::Node
                    && self.keys.is_plain(self.frames[top].key.0) =>
            {
                (self.frames[top].key, index)
            }
            _ => self.long_field(value, key, index, top),
        }
    }

    #[cold]
    fn long_field(&mut self, _value: Value, key: Key, index: u32, top: usize) -> (Key, u32) {
        let mut first = top;
        while self.frames[first].shape != Shape::Node {
            first -= 1;
        }
        let mut text = String::new();
        let segment = |text: &mut String, key: Key, index: u32| {
            if !text.is_empty() {
                text.push('/');
            }
            if index == NONE {
                push_escaped(text, self.keys.text(key.0));
            } else {
                text.push_str(&index.to_string());
            }
        };
        for frame in &self.frames[first + 1..=top] {
            segment(&mut text, frame.key, frame.index);
        }
        if self.frames[top].shape != Shape::Array {
            segment(&mut text, key, NONE);
        }
        (self.keys.key(&text), index)
    }

    fn list_field(&mut self, value: Value) -> Key {
        let text = self
            .tape
            .get(value, self.layout.field_key)
            .and_then(|field| self.tape.str(field));
        text.map_or(Key::EMPTY, |text| self.keys.key(text))
    }

    #[inline]
    fn position(&mut self, value: Value, entry: Entry, trie: u16) {
        if entry.tag() == Tag::String {
            let span = &mut self.tree.span[self.now.node as usize];
            let text = self.tape.text_of(entry);
            let outcome = self
                .layout
                .positions
                .set_text(trie, text, &mut self.now.ranks, span);
            match outcome {
                Ok(true) => return,
                Ok(false) => {}
                Err(_) => return self.remarks.invalid_positions.add(value),
            }
        }
        let number = if entry.tag() == Tag::Int {
            Some(i64::from(entry.payload))
        } else {
            self.tape.as_i64(value)
        };
        let span = &mut self.tree.span[self.now.node as usize];
        if self
            .layout
            .positions
            .set(trie, number, &mut self.now.ranks, span)
            .is_err()
        {
            self.remarks.invalid_positions.add(value);
        }
    }

    /// Positions inside a member that the walk does not enter.
    fn skipped_position(&mut self, value: Value, trie: u16) {
        let mut open = vec![(value, trie)];
        while let Some((value, trie)) = open.pop() {
            match self.tape.tag(value) {
                Tag::Null => {}
                Tag::Object => {
                    for member in self.tape.members(value) {
                        let step = Step::Member(self.tape.key(member));
                        match self.layout.positions.follow(trie, step) {
                            NOWHERE => {}
                            next => open.push((member, next)),
                        }
                    }
                }
                Tag::Array => {
                    for (index, element) in self.tape.elements(value).enumerate() {
                        match self
                            .layout
                            .positions
                            .follow(trie, Step::Element(index as u32))
                        {
                            NOWHERE => {}
                            next => open.push((element, next)),
                        }
                    }
                }
                _ => self.position(value, self.tape.entry(value), trie),
            }
        }
    }

    #[cold]
    fn check_skipped(&mut self, value: Value, tag: Tag, member: Member) {
        let found = match tag {
            Tag::Object if self.is_node(value) => types::NODE,
            tag => scalar_type(tag),
        };
        if !fits(self.tape, value, found, member.types) {
            self.wrong_type(value, found, member.types);
        }
        if member.items != types::ALL {
            let elements: Vec<Value> = self.tape.elements(value).collect();
            for element in elements {
                let found = match self.tape.tag(element) {
                    Tag::Object if self.is_node(element) => types::NODE,
                    tag => scalar_type(tag),
                };
                if !fits(self.tape, element, found, member.items) {
                    self.wrong_type(element, found, member.items);
                }
            }
        }
        if member.rule != 0 {
            self.check_rule(value, member.rule - 1);
        }
    }

    #[cold]
    fn wrong_type(&mut self, value: Value, found: u16, allowed: u16) {
        self.remarks.violation(value, type_message(found, allowed));
    }

    fn check_rule(&mut self, value: Value, rule: u32) {
        if let Some(fault) = self.layout.schema.fault(rule, self.tape, value, self.keys) {
            self.remarks.violation(fault.value, fault.message);
        }
    }
}
