//! Uses of names: types, and what the first name of each chain is bound to.
//!
//! Belongs here: the actions `reference` and `types`, `[types]`, `[constructs]`, and the rows of
//! `references`. Does not: reading chains (`chains`), scopes (`scopes`), targets in other documents.

use crate::mapping::Reference;
use crate::path::{At, Item, Paths};
use crate::rows::{ReferenceRow, Rows};
use crate::tape::Value;
use crate::tree::NodeId;

use super::chains::{CALL, Chain, Origin};
use super::scopes::{Binding, Meaning, Mode};
use super::{NO_TYPE, NONE, Pass, TOLD, Text};

/// Alternatives that are tried to find the one type of an annotation.
const TYPE_LIMIT: usize = 256;
/// The type of a variable.
#[derive(Clone, Copy, Debug)]
pub(super) struct TypeOf {
    chain: Chain,
    /// Where it is written: names are looked up from there.
    node: NodeId,
}

/// Rows that are not plain uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Special {
    No,
    /// Looked up as a type.
    Type,
    /// The one type that the annotation stands for.
    Principal,
    /// An untyped symbol holds a construction.
    Constructed,
    /// An untyped symbol holds what a typed variable holds.
    Carried,
}

/// A use, to be bound when everything is declared.
#[derive(Clone, Copy, Debug)]
pub(super) struct Use {
    node: NodeId,
    /// Where the name is written.
    target: NodeId,
    /// `NONE`: the innermost around the node.
    pub(super) symbol: u32,
    role: &'static str,
    /// -1: no arguments are counted.
    arguments: i32,
    chain: Chain,
    special: Special,
}

/// What the binding columns of a row say.
#[derive(Clone, Copy, Debug)]
struct Bound {
    binding: &'static str,
    id: Option<i64>,
    node: Option<NodeId>,
}

impl Bound {
    fn plain(binding: &'static str) -> Bound {
        Bound {
            binding,
            id: None,
            node: None,
        }
    }
}

impl<'m, 'c> Pass<'m, 'c, '_> {
    pub(super) fn push_use(
        &mut self,
        node: NodeId,
        target: NodeId,
        symbol: u32,
        role: &'static str,
        arguments: i32,
        chain: Chain,
        special: Special,
    ) {
        self.s.uses.push(Use {
            node,
            target,
            symbol,
            role,
            arguments,
            chain,
            special,
        });
    }

    // ---- types

    fn push_type(&mut self, chain: Chain, node: NodeId) -> u32 {
        self.s.types.push(TypeOf { chain, node });
        self.s.types.len() as u32 - 1
    }

    /// The one chain that an annotation stands for.
    pub(super) fn declared_type(&mut self, at: &At<'m, 'c>, annotation: NodeId) -> u32 {
        let mut stack = vec![Item::Node(annotation)];
        let mut found = Vec::new();
        for _ in 0..TYPE_LIMIT {
            let Some(item) = stack.pop() else { return NONE };
            let node = match item {
                Item::Node(node) => node,
                Item::Value(value) => {
                    let made = self.quoted_type(annotation, value);
                    if made != NONE {
                        return made;
                    }
                    continue;
                }
                Item::Kind(_) => continue,
            };
            let Some(facts) = self.facts(node) else {
                continue;
            };
            if let Some(string) = &facts.type_string {
                if let Some(Item::Value(value)) = string.first(at, node) {
                    let made = self.quoted_type(node, value);
                    if made != NONE {
                        return made;
                    }
                }
            } else if let Some(union) = &facts.type_union {
                found.clear();
                union.all(at, node, &mut found);
                stack.extend(found.iter().rev());
            } else if let Some(through) = &facts.type_through {
                let Some(inner) = through.first(at, node) else {
                    continue;
                };
                let chain = self.read_chain(at, inner);
                let is_wrapper = self.last_name(&chain).is_some_and(|name| {
                    self.mapping.types.unwrap.contains(self.s.texts.text(name))
                });
                if is_wrapper {
                    let argument = self.mapping.types.argument.iter();
                    stack.extend(argument.filter_map(|path| path.first(at, node)).take(1));
                } else {
                    stack.push(inner);
                }
            } else if facts.root.is_some() || facts.member.iter().any(|one| one.applies(at, node)) {
                let chain = self.read_chain(at, item);
                if chain.origin != Origin::Dynamic
                    && !self.has_calls(&chain)
                    && !chain.is_super_call
                {
                    return self.push_type(chain, node);
                }
            }
        }
        NONE
    }

    pub(super) fn quoted_type(&mut self, node: NodeId, value: Value) -> u32 {
        match self.quoted(value) {
            Some(chain) => self.push_type(chain, node),
            None => NONE,
        }
    }

    /// The constructed type of a value, if it is a construction.
    pub(super) fn construction(&mut self, at: &At<'m, 'c>, value: NodeId) -> u32 {
        let Some(construct) = self.facts(value).and_then(|facts| facts.construct.as_ref()) else {
            return NONE;
        };
        let Some(target) = construct.first(at, value) else {
            return NONE;
        };
        let chain = self.read_chain(at, target);
        if chain.origin != Origin::Name || self.has_calls(&chain) {
            return NONE;
        }
        let node = if let Item::Node(node) = target {
            node
        } else {
            value
        };
        self.push_type(chain, node)
    }

    /// `types`: one use per maximal chain in the subtrees.
    pub(super) fn types(
        &mut self,
        paths: &Paths,
        role: &'static str,
        at: &At<'m, 'c>,
        node: NodeId,
        symbol: u32,
    ) {
        let mut items = Vec::new();
        paths.alternatives(at, node, &mut items);
        for item in items {
            match item {
                Item::Value(value) => {
                    let mut special = Special::Principal;
                    for chain in self.quoted_all(value) {
                        self.push_use(node, node, symbol, role, -1, chain, special);
                        special = Special::Type;
                    }
                }
                Item::Node(top) => {
                    let principal = self.declared_type(at, top);
                    let principal = self.s.types.get(principal as usize).map(|one| one.node);
                    self.types_in(role, at, node, top, symbol, principal);
                }
                Item::Kind(_) => {}
            }
        }
    }

    fn types_in(
        &mut self,
        role: &'static str,
        at: &At<'m, 'c>,
        rule_node: NodeId,
        top: NodeId,
        symbol: u32,
        principal: Option<NodeId>,
    ) {
        let tree = self.cx.tree;
        let end = tree.end(top).0;
        let mut index = top.0;
        while index < end {
            let node = NodeId(index);
            index += 1;
            if self.has_mark(node, NO_TYPE) {
                index = tree.end(node).0;
                continue;
            }
            let Some(facts) = self.facts(node) else {
                continue;
            };
            let mut chain = None;
            if facts.type_string.is_some() || facts.root.is_some() || !facts.member.is_empty() {
                if !self.is_type_slot(node) {
                    continue;
                }
                if let Some(string) = &facts.type_string {
                    if let Some(Item::Value(value)) = string.first(at, node) {
                        chain = self.quoted(value);
                        self.s.chain_nodes.push(node);
                    }
                } else if facts.root.is_some()
                    || facts.member.iter().any(|one| one.applies(at, node))
                {
                    let read = self.read_chain(at, Item::Node(node));
                    chain = (read.origin != Origin::Dynamic).then_some(read);
                }
            }
            if let Some(chain) = chain {
                self.tell_chain();
                let special = if principal == Some(node) {
                    Special::Principal
                } else {
                    Special::Type
                };
                // Declarators that share a type have rows of their own.
                let row_node = if tree.is_within(node, rule_node) {
                    node
                } else {
                    rule_node
                };
                self.push_use(row_node, node, symbol, role, -1, chain, special);
                index = tree.end(node).0;
                continue;
            }
            if let Some(through) = &facts.type_through
                && !self.mapping.types.opaque.is_empty()
                && let Some(inner) = through.first(at, node)
            {
                let chain = self.read_chain(at, inner);
                let is_opaque = self.last_name(&chain).is_some_and(|name| {
                    self.mapping.types.opaque.contains(self.s.texts.text(name))
                });
                if is_opaque {
                    for child in tree.children(node) {
                        if Item::Node(child) != inner {
                            self.mark(child, NO_TYPE);
                        }
                    }
                }
            }
        }
    }

    fn is_type_slot(&self, node: NodeId) -> bool {
        let slots = &self.mapping.types.slots;
        if slots.is_empty() {
            return true;
        }
        let tree = self.cx.tree;
        let Some(parent) = tree.parent(node) else {
            return false;
        };
        let (kind, field) = (tree.kind(parent), tree.field(node));
        slots.iter().any(|&(wanted_kind, wanted_field)| {
            wanted_kind.is_none_or(|wanted| wanted == kind)
                && wanted_field.is_none_or(|wanted| wanted == field)
        })
    }

    // ---- references

    pub(super) fn reference(
        &mut self,
        reference: &'m Reference,
        at: &At<'m, 'c>,
        node: NodeId,
        own: Option<u32>,
    ) {
        // Most uses are of the node itself: no list.
        if reference.each.is_none() {
            self.refer(reference, at, Item::Node(node), node, own);
            return;
        }
        let mut elements = Vec::new();
        Self::elements(reference.each.as_ref(), at, node, &mut elements);
        for element in elements {
            self.refer(reference, at, element, node, own);
        }
    }

    fn refer(
        &mut self,
        reference: &'m Reference,
        at: &At<'m, 'c>,
        element: Item,
        node: NodeId,
        own: Option<u32>,
    ) {
        let row_node = if let Item::Node(element) = element {
            element
        } else {
            node
        };
        let role = reference
            .role_when
            .iter()
            .find(|(when, _)| when.holds(at, row_node))
            .map_or(reference.role, |(_, role)| *role);
        let Some(mut target) = reference.target.first_from(at, element, node) else {
            return;
        };
        let arguments = match &reference.arguments {
            None => -1,
            Some(paths) => {
                let mut items = Vec::new();
                paths.all(at, row_node, &mut items);
                items.len() as i32
            }
        };
        let symbol = match (role, own) {
            ("inherit" | "implement" | "mixin" | "throws" | "decorate", own) => {
                own.unwrap_or(self.s.symbol_of[node.index()])
            }
            // The innermost around the row's node, which the walk may not have reached.
            _ => NONE,
        };
        if reference.patterns {
            let mut targets = Vec::new();
            self.expand(at, &[target], &mut targets);
            for one in targets {
                let target = match one {
                    super::bindings::Target::Leaf(Some(leaf), _) => leaf,
                    super::bindings::Target::Member(member, _) => member,
                    super::bindings::Target::Leaf(None, _) => continue,
                };
                self.use_target(target, role, at, Item::Node(target), symbol, arguments);
            }
            return;
        }
        if matches!(
            role,
            "inherit" | "implement" | "mixin" | "throws" | "decorate"
        ) {
            for _ in 0..TYPE_LIMIT {
                let Item::Node(outer) = target else { break };
                let through = self
                    .facts(outer)
                    .and_then(|facts| facts.type_through.as_ref());
                match through.and_then(|through| through.first(at, outer)) {
                    Some(inner) => target = inner,
                    None => break,
                }
            }
        }
        self.use_target(row_node, role, at, target, symbol, arguments);
    }

    fn use_target(
        &mut self,
        node: NodeId,
        role: &'static str,
        at: &At<'m, 'c>,
        target: Item,
        symbol: u32,
        arguments: i32,
    ) {
        let is_access = matches!(role, "read" | "write");
        let target_node = match target {
            Item::Node(target) => {
                if is_access && self.has_mark(target, TOLD) {
                    return;
                }
                target
            }
            _ => node,
        };
        let is_type = matches!(
            role,
            "inherit" | "implement" | "mixin" | "throws" | "decorate"
        );
        let chain = match target {
            Item::Value(value)
                if is_type
                    && self.mapping.types.words.is_some()
                    && self.cx.tape.str(value).is_some() =>
            {
                let Some(chain) = self.quoted(value) else {
                    return;
                };
                chain
            }
            _ => self.read_target(at, target, role == "call"),
        };
        self.tell_chain();
        if is_access && chain.origin == Origin::Dynamic {
            return;
        }
        self.push_use(
            node,
            target_node,
            symbol,
            role,
            arguments,
            chain,
            Special::No,
        );
    }

    // ---- binding

    fn is_builtin(&mut self, name: Text) -> bool {
        let index = name as usize;
        if self.s.builtin.len() <= index {
            self.s.builtin.resize(index + 1, 0);
        }
        if self.s.builtin[index] == 0 {
            let is = self
                .mapping
                .scopes
                .builtins
                .contains(self.s.texts.text(name));
            self.s.builtin[index] = 1 + u8::from(is);
        }
        self.s.builtin[index] == 2
    }

    fn class_id(&self, scope: u32) -> Option<i64> {
        let class = self.class_around(scope)?;
        let owner = self.s.scopes[class as usize].owner;
        (owner != NONE).then(|| self.s.symbols[owner as usize].id)
    }

    /// What a name means, as the columns say it.
    fn bound(&mut self, name: Text, scope: u32, mode: Mode) -> (Bound, Option<Binding>) {
        if mode != Mode::Type
            && let Some(of) = self.self_scope(scope, name)
        {
            let id = self.self_id(of);
            return (
                Bound {
                    binding: "self",
                    id,
                    node: None,
                },
                None,
            );
        }
        let Some(binding) = self.look_up(scope, name, mode) else {
            let binding = if self.is_builtin(name) {
                "builtin"
            } else if self.s.has_open_names {
                "wildcard"
            } else {
                "unbound"
            };
            return (Bound::plain(binding), None);
        };
        let id = (binding.symbol != NONE).then(|| self.s.symbols[binding.symbol as usize].id);
        let bound = match binding.meaning {
            Meaning::Import(index) => Bound {
                binding: "import",
                id: None,
                node: Some(self.s.imports[index as usize].node),
            },
            Meaning::Symbol(symbol) => Bound {
                binding: "symbol",
                id: Some(self.s.symbols[symbol as usize].id),
                node: None,
            },
            Meaning::Parameter => Bound {
                binding: "parameter",
                id,
                node: None,
            },
            Meaning::Local | Meaning::Outward(_) => Bound {
                binding: "local",
                id,
                node: None,
            },
        };
        (bound, Some(binding))
    }

    /// The class that the self parameter of a scope stands for.
    fn self_id(&self, scope: u32) -> Option<i64> {
        let owner = self.s.scopes[scope as usize].owner;
        if owner == NONE {
            return None;
        }
        let container = self.s.symbols[owner as usize].container;
        (container != NONE && container != 0).then(|| self.s.symbols[container as usize].id)
    }

    /// The type that stands in for a variable, bound.
    fn type_in(&mut self, binding: &Binding) -> Option<(Bound, TypeOf, &'static str)> {
        let is_variable = match binding.meaning {
            Meaning::Parameter | Meaning::Local => true,
            Meaning::Symbol(symbol) => {
                matches!(
                    self.s.symbols[symbol as usize].kind,
                    "variable" | "constant"
                )
            }
            _ => false,
        };
        if !is_variable {
            return None;
        }
        let (index, via) = if binding.annotation != NONE {
            (binding.annotation, "annotation")
        } else if binding.construction != NONE {
            (binding.construction, "constructor")
        } else {
            return None;
        };
        let type_of = self.s.types[index as usize];
        let scope = self.s.scope_of[type_of.node.index()];
        let (bound, _) = match type_of.chain.origin {
            Origin::Name if type_of.chain.is_global => (Bound::plain("global"), None),
            Origin::Name => {
                let mode = if via == "annotation" {
                    Mode::Type
                } else {
                    Mode::Value
                };
                self.bound(type_of.chain.root, scope, mode)
            }
            _ => return None,
        };
        if matches!(bound.binding, "self" | "parameter" | "local") {
            return None;
        }
        Some((bound, type_of, via))
    }

    pub(super) fn write_references(&mut self, rows: &mut impl Rows) {
        let mut uses = std::mem::take(&mut self.s.uses);
        uses.sort_by_key(|one| one.node);
        let mut texts = Columns::default();
        let mut told: Vec<(&'static str, Text)> = Vec::new();
        let mut told_node = NONE;
        for one in &uses {
            if one.node.0 != told_node {
                told.clear();
                told_node = one.node.0;
            }
            self.write_reference(one, &mut texts, &mut told, rows);
        }
        self.s.uses = uses;
    }

    fn write_reference(
        &mut self,
        one: &Use,
        texts: &mut Columns,
        told: &mut Vec<(&'static str, Text)>,
        rows: &mut impl Rows,
    ) {
        let mut chain = one.chain;
        let scope = self.s.scope_of[one.target.index()];
        let row_scope = self.s.scope_of[one.node.index()];
        let symbol = if one.symbol == NONE {
            self.s.symbol_of[one.node.index()]
        } else {
            one.symbol
        };
        let hard = self.s.scopes[row_scope as usize].hard;
        let scope_id = self.s.scopes[hard as usize].node;
        let is_called = self.is_called(&chain);
        let mut type_path = None;
        let mut type_via = None;
        let mut binding_name = chain.root;
        texts.member_path.clear();
        let mut member_steps = (chain.start, chain.end);
        let mut bound;
        if chain.origin == Origin::Dynamic || is_called {
            bound = Bound::plain("dynamic");
        } else if chain.is_global {
            if one.special == Special::Carried {
                return;
            }
            bound = Bound::plain("global");
        } else if matches!(chain.origin, Origin::SelfWord | Origin::Super) {
            let binding = if chain.origin == Origin::Super {
                "super"
            } else {
                "self"
            };
            bound = Bound {
                binding,
                id: self.class_id(scope),
                node: None,
            };
        } else {
            let as_type = matches!(one.special, Special::Type | Special::Principal);
            let mode = if as_type {
                Mode::Type
            } else if one.role == "call" && chain.start == chain.end {
                Mode::Call
            } else {
                Mode::Value
            };
            let binding;
            (bound, binding) = self.bound(chain.root, scope, mode);
            let steps = (chain.start, chain.end);
            let goes_on = steps.0 < steps.1 && self.s.steps[steps.0 as usize] != CALL;
            if bound.binding == "unbound"
                && self.mapping.scopes.implicit_self
                && one.role == "call"
                && steps.0 == steps.1
                && let Some(id) = self.class_id(scope)
            {
                bound = Bound {
                    binding: "self",
                    id: Some(id),
                    node: None,
                };
                texts.member_path.push_str(self.s.texts.text(chain.root));
            } else if let Some(binding) = &binding {
                match one.special {
                    Special::Carried => {
                        if !matches!(binding.meaning, Meaning::Parameter | Meaning::Local) {
                            return;
                        }
                        let Some((type_bound, type_of, via)) = self.type_in(binding) else {
                            return;
                        };
                        bound = type_bound;
                        chain = type_of.chain;
                        binding_name = chain.root;
                        type_via = Some(via);
                        texts.type_path.clear();
                        let mut path = std::mem::take(&mut texts.type_path);
                        self.push_steps(&mut path, self.chain_steps(&chain));
                        texts.type_path = path;
                        type_path = Some(());
                        member_steps = (0, 0);
                    }
                    Special::No if goes_on => {
                        if let Some((type_bound, type_of, via)) = self.type_in(binding) {
                            bound = type_bound;
                            binding_name = type_of.chain.root;
                            type_via = Some(via);
                            texts.type_path.clear();
                            let mut path = std::mem::take(&mut texts.type_path);
                            self.push_steps(&mut path, self.chain_steps(&type_of.chain));
                            texts.type_path = path;
                            type_path = Some(());
                        }
                    }
                    _ => {}
                }
            } else if one.special == Special::Carried {
                return;
            }
        }
        if one.special == Special::Constructed {
            if bound.binding == "dynamic" {
                return;
            }
            type_via = Some("constructor");
        }
        if one.special == Special::Principal {
            type_via = Some("annotation");
        }
        let mut path = std::mem::take(&mut texts.member_path);
        self.push_steps(
            &mut path,
            &self.s.steps[member_steps.0 as usize..member_steps.1 as usize],
        );
        texts.member_path = path;
        if matches!(one.role, "read" | "write") {
            let is_bare_self = bound.binding == "self" && texts.member_path.is_empty();
            let is_untyped = type_via.is_none() && matches!(bound.binding, "local" | "parameter");
            if is_bare_self || is_untyped || matches!(bound.binding, "builtin" | "dynamic") {
                return;
            }
        }
        // Name and what precedes it.
        let steps = &self.s.steps[chain.start as usize..chain.end as usize];
        let name;
        let before: &[u32];
        let has_root;
        if is_called && one.special != Special::Carried {
            name = 0;
            before = steps;
            has_root = true;
        } else {
            match steps.split_last() {
                None => {
                    name = chain.root;
                    before = &[];
                    has_root = false;
                }
                Some((&last, rest)) => {
                    name = last;
                    before = rest;
                    has_root = true;
                }
            }
        }
        let mut qualifier = std::mem::take(&mut texts.qualifier);
        qualifier.clear();
        if has_root {
            qualifier.push_str(self.s.texts.text(chain.root));
            if chain.is_super_call {
                qualifier.push_str("()");
            }
            self.push_steps(&mut qualifier, before);
        }
        texts.qualifier = qualifier;
        if told.contains(&(one.role, name)) {
            return;
        }
        told.push((one.role, name));
        let key = if is_called || one.special == Special::Carried {
            None
        } else {
            self.target_key(&chain)
        };
        let (target_id, target_key) = self.target(key.as_deref());
        let name = self.s.texts.text(name);
        rows.reference(&ReferenceRow {
            node: one.node,
            scope_id,
            symbol_id: self.s.symbols[symbol as usize].id,
            role: one.role,
            name,
            qualifier: (!texts.qualifier.is_empty()).then_some(&*texts.qualifier),
            binding: bound.binding,
            binding_id: bound.id,
            binding_node: bound.node,
            binding_name: self.s.texts.text(binding_name),
            type_path: type_path.map(|()| &*texts.type_path),
            type_via,
            member_path: &texts.member_path,
            argument_count: (one.arguments >= 0).then_some(one.arguments),
            target_id,
            target_key,
        });
    }
}

/// Texts of one row, reused.
#[derive(Default)]
struct Columns {
    qualifier: String,
    type_path: String,
    member_path: String,
}
