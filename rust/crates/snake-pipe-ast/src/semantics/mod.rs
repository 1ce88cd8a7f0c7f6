//! What a document declares and uses.
//!
//! Belongs here: one walk over the nodes that applies the mapping's rules, then one over what it
//! collected, when every name is declared. Does not: other documents (resolve joins those).
//!
//! The walk keeps a stack of frames instead of recursing: depth costs memory, never the stack.

mod bindings;
mod chains;
pub(crate) mod commonjs;
mod complexity;
mod declarations;
mod docstring;
mod exports;
mod extensions;
mod imports;
mod marks;
mod producer;
mod references;
mod scopes;
mod symbols;
mod type_texts;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use crate::intern::Interner;
use crate::mapping::{Mapping, Rule, ScopeKind};
use crate::modules::{self, Place};
use crate::path::{At, Item};
use crate::rows::{Facts, Rows};
use crate::tree::{Context, NodeId};

use exports::ExportRecord;
use imports::ImportRecord;
use marks::Marked;
use producer::Produced;
use references::{TypeOf, Use};
use scopes::{Binding, Frame, Scope, Surroundings};
use symbols::Symbol;

/// No symbol, binding, name or type.
const NONE: u32 = u32::MAX;

/// Hashes for keys that are small numbers already.
#[derive(Default, Clone, Copy)]
struct NumberHasher(u64);

impl Hasher for NumberHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }
    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }
    fn write_u64(&mut self, number: u64) {
        self.0 = crate::hash::mix(self.0 ^ number, 0x9E37_79B9_7F4A_7C15);
    }
}

type Numbers<K, V> = HashMap<K, V, BuildHasherDefault<NumberHasher>>;
type NumberSet<K> = HashSet<K, BuildHasherDefault<NumberHasher>>;

/// A text as a number in [`Scratch::texts`].
type Text = u32;

/// The node belongs to something already told: no read or write of its own.
const TOLD: u8 = 1;
/// The node's subtree stands outside of the scope that a node above it opens.
const OUTSIDE: u8 = 2;
/// A symbol made elsewhere owns what is below the node.
const OWNED: u8 = 4;
/// The node is not looked at as a type.
const NO_TYPE: u8 = 8;

/// What a thread keeps from document to document.
#[derive(Default)]
pub struct Scratch {
    texts: Interner,
    /// By name: 0 not asked, 1 no, 2 yes.
    builtin: Vec<u8>,
    scopes: Vec<Scope>,
    symbols: Vec<Symbol>,
    /// Symbol and flag.
    flags: Vec<(u32, Text)>,
    /// Terms that are one symbol: container, name, descriptor.
    terms: Numbers<(u32, u32, u32), u32>,
    bindings: Vec<Binding>,
    /// Scope and name to binding.
    bound: Numbers<(u32, u32), u32>,
    /// By name: whether any scope binds it.
    has_binding: Vec<bool>,
    /// Scope, node, name in order of declaration: what `export declared` asks for.
    declared: Vec<(u32, NodeId, Text)>,
    frames: Vec<Frame>,
    marks: Vec<u8>,
    /// Scope that each node stands in.
    scope_of: Vec<u32>,
    /// Symbol that each node stands in.
    symbol_of: Vec<u32>,
    outside: Numbers<u32, Surroundings>,
    owned: Numbers<u32, u32>,
    /// Node to the first symbol that its rules made.
    made: Numbers<u32, u32>,
    /// Nodes that declare a symbol once more, where the producer has ids.
    again: Vec<(NodeId, u32)>,
    imports: Vec<ImportRecord>,
    exports: Vec<ExportRecord>,
    uses: Vec<Use>,
    steps: Vec<u32>,
    types: Vec<TypeOf>,
    matched: Vec<u32>,
    chain_nodes: Vec<NodeId>,
    has_open_names: bool,
}

impl std::fmt::Debug for Scratch {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Scratch").finish_non_exhaustive()
    }
}

/// A table that has grown far beyond what it holds is given back.
fn empty<K, V>(map: &mut Numbers<K, V>) {
    if map.capacity() > 4_096 {
        *map = Numbers::default();
    } else {
        map.clear();
    }
}

impl Scratch {
    fn clear(&mut self, nodes: usize) {
        self.texts = Interner::default();
        self.builtin.clear();
        self.scopes.clear();
        self.symbols.clear();
        self.flags.clear();
        empty(&mut self.terms);
        self.bindings.clear();
        empty(&mut self.bound);
        self.has_binding.clear();
        self.declared.clear();
        self.frames.clear();
        self.marks.clear();
        self.marks.resize(nodes, 0);
        self.scope_of.clear();
        self.scope_of.resize(nodes, 0);
        self.symbol_of.clear();
        self.symbol_of.resize(nodes, 0);
        empty(&mut self.outside);
        empty(&mut self.owned);
        empty(&mut self.made);
        self.again.clear();
        self.imports.clear();
        self.exports.clear();
        self.uses.clear();
        self.steps.clear();
        self.types.clear();
        self.has_open_names = false;
    }
}

/// The pass over one document.
struct Pass<'m, 'c, 's> {
    mapping: &'m Mapping,
    cx: &'c Context<'c>,
    place: Place,
    /// By scope: what is said of all that is declared there from now on.
    marks_after: Numbers<u32, Marked<'m>>,
    /// Scope, name, what is said of what it declares by that name.
    marks_named: Vec<(u32, Text, Marked<'m>)>,
    /// Symbols that add to a type: by the symbol around and the type's name.
    extensions: Numbers<(u32, u32), u32>,
    /// What the producer calls the symbols.
    produced: Produced,
    s: &'s mut Scratch,
}

/// Extract symbols, imports, exports and references of a document.
pub fn extract(
    mapping: &Mapping,
    cx: &Context<'_>,
    scratch: &mut Scratch,
    rows: &mut impl Rows,
) -> Facts {
    scratch.clear(cx.tree.len());
    let at = At {
        mapping,
        cx,
        rule_node: NodeId::ROOT,
        scope: Some(ScopeKind::Module),
    };
    let package = mapping.modules.package.as_ref().map(|paths| {
        paths
            .text(&at, NodeId::ROOT)
            .unwrap_or(Cow::Borrowed(""))
            .into_owned()
    });
    let is_apart = modules::is_apart(&mapping.modules, cx.path)
        || mapping
            .modules
            .apart_when
            .as_ref()
            .is_some_and(|when| when.holds(&at, NodeId::ROOT));
    let place = modules::place(
        &mapping.modules,
        cx.language,
        cx.path,
        package.as_deref(),
        is_apart,
    );
    let mut pass = Pass {
        mapping,
        cx,
        place,
        marks_after: Numbers::default(),
        marks_named: Vec::new(),
        extensions: Numbers::default(),
        produced: Produced::default(),
        s: scratch,
    };
    pass.declare();
    pass.settle();
    pass.write(rows)
}

impl<'m, 'c> Pass<'m, 'c, '_> {
    fn at(&self, node: NodeId, scope: u32) -> At<'m, 'c> {
        let around = self.s.scopes[self.s.scopes[scope as usize].hard as usize].kind;
        At {
            mapping: self.mapping,
            cx: self.cx,
            rule_node: node,
            scope: Some(around),
        }
    }

    fn text(&mut self, text: &str) -> Text {
        self.s.texts.intern(text)
    }

    fn mark(&mut self, node: NodeId, mark: u8) {
        self.s.marks[node.index()] |= mark;
    }

    fn has_mark(&self, node: NodeId, mark: u8) -> bool {
        self.s.marks[node.index()] & mark != 0
    }

    fn mark_subtree(&mut self, node: NodeId, mark: u8) {
        for at in node.index()..self.cx.tree.end(node).index() {
            self.s.marks[at] |= mark;
        }
    }

    /// First pass: scopes, symbols, bindings, imports, exports, and what is used where.
    fn declare(&mut self) {
        self.open_document();
        let tree = self.cx.tree;
        let mut around = Surroundings {
            scope: 0,
            symbol: 0,
            callable: 0,
            nesting: 0,
        };
        let mut frame_end = tree.len() as u32;
        for node in tree.nodes() {
            if node.0 >= frame_end {
                while self
                    .s
                    .frames
                    .last()
                    .is_some_and(|frame| frame.end <= node.0)
                {
                    self.s.frames.pop();
                }
                (around, frame_end) = match self.s.frames.last() {
                    Some(frame) => (frame.inside, frame.end),
                    None => (Surroundings::DOCUMENT, tree.len() as u32),
                };
            }
            if self.s.marks[node.index()] & OUTSIDE != 0
                && let Some(&outside) = self.s.outside.get(&node.0)
            {
                let end = tree.end(node).0;
                self.s.frames.push(Frame {
                    end,
                    inside: outside,
                    of: NONE,
                });
                (around, frame_end) = (outside, end);
            }
            let facts = self.facts(node);
            let mut following = None;
            if let Some(facts) = facts
                && facts.follows
            {
                following = self.following(&facts.rules, node, around);
                if let (Some(parent), Some(frame)) = (following, self.s.frames.last())
                    && frame.of == parent.0
                {
                    self.s.frames.pop();
                    (around, frame_end) = match self.s.frames.last() {
                        Some(frame) => (frame.inside, frame.end),
                        None => (Surroundings::DOCUMENT, tree.len() as u32),
                    };
                }
            }
            self.s.scope_of[node.index()] = around.scope;
            self.s.symbol_of[node.index()] = around.symbol;
            let Some(facts) = facts else {
                continue;
            };
            if facts.rules.is_empty() {
                continue;
            }
            let inside = self.apply(&facts.rules, node, around);
            if inside != around {
                let end = tree.end(following.unwrap_or(node)).0;
                let of = following.map_or(NONE, |parent| parent.0);
                self.s.frames.push(Frame { end, inside, of });
                (around, frame_end) = (inside, end);
            }
        }
    }

    /// The parent, if a rule of the node opens a scope for what stands after it there.
    fn following(&self, rules: &'m [u32], node: NodeId, around: Surroundings) -> Option<NodeId> {
        let parent = self.cx.tree.parent(node)?;
        if self.has_mark(node, OUTSIDE) && self.s.outside.contains_key(&node.0) {
            return None;
        }
        // Asked as if nothing before it had opened such a scope.
        let frames = &self.s.frames;
        let base = match frames.split_last() {
            Some((last, below)) if last.of == parent.0 => below
                .last()
                .map_or(Surroundings::DOCUMENT, |frame| frame.inside),
            _ => around,
        };
        let at = self.at(node, base.scope);
        for &index in rules {
            let rule = &self.mapping.rules[index as usize];
            if rule.when.holds(&at, node) {
                if rule.following {
                    return Some(parent);
                }
                if rule.is_final {
                    break;
                }
            }
        }
        None
    }

    /// Apply the rules of a node; what surrounds the nodes below it.
    fn apply(&mut self, rules: &'m [u32], node: NodeId, around: Surroundings) -> Surroundings {
        let mapping = self.mapping;
        let at = self.at(node, around.scope);
        let mut matched = std::mem::take(&mut self.s.matched);
        matched.clear();
        let mut scope = None;
        let mut own_self = false;
        for &index in rules {
            let rule = &mapping.rules[index as usize];
            if rule.when.holds(&at, node) {
                matched.push(index);
                scope = scope.or(rule.scope);
                own_self |= rule.own_self;
                if rule.is_final {
                    break;
                }
            }
        }
        let inside = self.apply_matched(&matched, &at, node, around, scope, own_self);
        self.s.matched = matched;
        inside
    }

    fn apply_matched(
        &mut self,
        matched: &[u32],
        at: &At<'m, 'c>,
        node: NodeId,
        around: Surroundings,
        scope: Option<ScopeKind>,
        own_self: bool,
    ) -> Surroundings {
        let mapping = self.mapping;
        let rules = || {
            matched
                .iter()
                .map(|&index| -> &'m Rule { &mapping.rules[index as usize] })
        };
        // A define acts outside of the scope that its node opens; the scope must exist, though,
        // for the names it puts inside.
        let scope = match scope {
            // The document's scope is open already, whatever kind of node its root is.
            Some(_) if node == NodeId::ROOT => None,
            other => other,
        };
        let owner = if self.has_mark(node, OWNED) {
            self.s.owned.get(&node.0).copied()
        } else {
            None
        };
        let opened = scope.map(|kind| self.open_scope(kind, node, around.scope, own_self));
        let mut own = owner;
        for rule in rules() {
            if let Some(define) = &rule.define {
                let made = self.define(define, at, node, around, opened, owner);
                own = own.or(made);
            }
        }
        let mut inside = around;
        if let Some(opened) = opened {
            inside.scope = opened;
            if let Some(own) = own {
                self.s.scopes[opened as usize].owner = own;
            }
        }
        if let (Some(own), true) = (own, opened.is_some() || owner.is_some()) {
            inside.symbol = own;
            if symbols::is_callable(self.s.symbols[own as usize].kind) {
                inside.callable = own;
                inside.nesting = 0;
            }
        }
        for rule in rules() {
            if !rule.outer.is_empty() && opened.is_some() {
                self.put_outside(rule, at, node, around);
            }
        }
        for rule in rules() {
            for bind in &rule.bind {
                let made = self.bind(bind, at, node, inside);
                own = own.or(made);
            }
            if let Some(mark) = &rule.mark {
                self.mark_symbols(mark, at, node, inside);
            }
            if let Some((paths, to)) = &rule.names {
                self.move_names(paths, *to, at, node, inside);
            }
            for import in &rule.import {
                self.import(import, at, node, inside);
            }
            for export in &rule.export {
                self.export(export, at, node, inside);
            }
            if rule.procedure.is_some() {
                self.commonjs(at, node, inside);
            }
        }
        if let Some(own) = own
            && self.mapping.commonjs.is_some()
        {
            self.s.made.entry(node.0).or_insert(own);
        }
        let makes_callable =
            own.is_some_and(|own| symbols::is_callable(self.s.symbols[own as usize].kind));
        for rule in rules() {
            for (paths, role) in &rule.types {
                self.types(paths, role, at, node, own.unwrap_or(around.symbol));
            }
            for reference in &rule.reference {
                self.reference(reference, at, node, own);
            }
            if let Some(complexity) = &rule.complexity
                && !makes_callable
            {
                self.complexity(complexity, at, node, around);
                inside.nesting += u32::from(complexity.nests);
            }
        }
        inside
    }

    /// Between the passes: what needs every declaration.
    fn settle(&mut self) {
        self.settle_extensions();
        self.settle_containers();
        self.settle_declarations();
        self.settle_marks();
        self.name_symbols();
        self.produced = self.produce();
    }

    fn write(&mut self, rows: &mut impl Rows) -> Facts {
        self.write_exports(rows);
        self.write_symbols(rows);
        self.write_imports(rows);
        self.write_references(rows);
        Facts {
            root: std::mem::take(&mut self.place.root),
            package: std::mem::take(&mut self.place.package),
            module: std::mem::take(&mut self.place.module),
            module_symbol_id: self.s.symbols[0].id,
            symbol_count: self
                .s
                .symbols
                .iter()
                .filter(|symbol| !symbol.is_phantom)
                .count() as i64,
        }
    }

    /// The interned text of a value.
    fn text_of(&mut self, at: &At<'m, 'c>, item: Item) -> Option<Text> {
        let text = at.text(item)?;
        Some(self.s.texts.intern(&text))
    }
}

#[cfg(test)]
mod construct_tests;
#[cfg(test)]
mod tests;
