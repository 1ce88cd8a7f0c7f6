//! The nodes of an artifact, in document order.
//!
//! Belongs here: the arena of nodes and how it is made from a tape, one pass over the values.
//! Does not: what kinds mean (`mapping`), scopes and symbols (`semantics`).

use crate::intern::{Key, KindId};
use crate::tape::{Tape, Value};

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
    pub const NONE: Span = Span { lines: [ABSENT; 4], bytes: [ABSENT_BYTE; 2] };

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
    pub fn children(&self, node: NodeId) -> Children<'_> {
        Children { tree: self, at: node.0 + 1, end: self.end[node.index()] }
    }

    /// Children in a field, in document order.
    pub fn children_in(&self, node: NodeId, field: Key) -> impl Iterator<Item = NodeId> + '_ {
        self.children(node).filter(move |&child| self.field(child) == field)
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
    pub fn leaf_text<'t>(&self, tape: &'t Tape<'_>, node: NodeId, text_key: Key) -> Option<&'t str> {
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
