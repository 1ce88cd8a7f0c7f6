//! Declarations by patterns, and names moved outward.
//!
//! Belongs here: `bind`, `names`, `[patterns]`.
//! Does not: scopes themselves (`scopes`), what symbols are like (`symbols`).

use crate::mapping::{Bind, Outward, ScopeKind};
use crate::path::{At, Item, Paths};
use crate::tree::NodeId;

use super::chains::Origin;
use super::references::Special;
use super::scopes::{Declaration, Meaning, Surroundings};
use super::{NONE, OWNED, Pass, TOLD, Text};

/// Patterns in patterns that one bind expands.
const PATTERN_LIMIT: usize = 1_000_000;

/// What a target comes down to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target {
    /// A name; the node is that of the rule if the target is a text.
    Leaf(Option<NodeId>, Text),
    /// A member access and the member's name.
    Member(NodeId, Text),
}

/// All capitals: `_*[A-Z][A-Z0-9_]*`.
fn is_constant(name: &str) -> bool {
    let rest = name.trim_start_matches('_').as_bytes();
    rest.first().is_some_and(u8::is_ascii_uppercase)
        && rest
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
}

impl<'m, 'c> Pass<'m, 'c, '_> {
    /// Expand targets to names and members, in order.
    pub(super) fn expand(&mut self, at: &At<'m, 'c>, items: &[Item], into: &mut Vec<Target>) {
        let mut stack: Vec<Item> = items.iter().rev().copied().collect();
        let mut found = Vec::new();
        let mut budget = PATTERN_LIMIT;
        while let Some(item) = stack.pop() {
            budget -= 1;
            if budget == 0 {
                return;
            }
            let node = match item {
                Item::Node(node) => node,
                Item::Value(value) => {
                    if let Some(text) = self.cx.tape.str(value) {
                        let name = self.s.texts.intern(text);
                        into.push(Target::Leaf(None, name));
                    }
                    continue;
                }
                Item::Kind(_) => continue,
            };
            let Some(facts) = self.facts(node) else {
                continue;
            };
            if let Some(leaf) = &facts.leaf {
                if let Some(text) = leaf.text(at, node) {
                    if self.mapping.ignored.contains(&*text) {
                        self.mark(node, TOLD);
                        continue;
                    }
                    let name = self.s.texts.intern(&text);
                    into.push(Target::Leaf(Some(node), name));
                }
            } else if !facts.pattern_member.is_empty() {
                if let Some(member) = facts
                    .pattern_member
                    .iter()
                    .find(|one| one.applies(at, node))
                    && let Some(text) = member.name.text(at, node)
                {
                    let name = self.s.texts.intern(&text);
                    into.push(Target::Member(node, name));
                }
            } else if let Some(inner) = &facts.inner {
                found.clear();
                inner.all(at, node, &mut found);
                stack.extend(found.iter().rev());
            }
        }
    }

    /// Apply `bind`; the first symbol made.
    pub(super) fn bind(
        &mut self,
        bind: &'m Bind,
        at: &At<'m, 'c>,
        node: NodeId,
        inside: Surroundings,
    ) -> Option<u32> {
        let mut items = Vec::new();
        bind.targets.all(at, node, &mut items);
        let mut targets = Vec::new();
        self.expand(at, &items, &mut targets);
        let scope = self.hoisted(inside.scope, bind.hoist);
        let is_single = targets.len() == 1;
        let stated = bind.r#type.first(at, node);
        let annotation = match stated {
            Some(Item::Node(at_type)) => self.declared_type(at, at_type),
            Some(Item::Value(value)) => self.quoted_type(node, value),
            _ => NONE,
        };
        let value = if is_single {
            bind.value.first_node(at, node)
        } else {
            None
        };
        let construction = match value {
            Some(value) if stated.is_none() => self.construction(at, value),
            _ => NONE,
        };
        let mut own = None;
        for target in targets {
            let (symbol, is_new) = match target {
                Target::Member(member, name) => {
                    let Some(made) = self.bind_member(bind, at, node, member, name, inside) else {
                        continue;
                    };
                    made
                }
                Target::Leaf(leaf, name) => {
                    if matches!(
                        self.binding_in(scope, name),
                        Some(binding) if matches!(binding.meaning, Meaning::Outward(_))
                    ) {
                        continue;
                    }
                    if let Some(leaf) = leaf {
                        self.mark(leaf, TOLD);
                    }
                    let defined = value.and_then(|value| {
                        let kind = self.cx.tree.kind(value);
                        let (_, kind, _) = bind.value_defines.iter().find(|(one, _, when)| {
                            *one == kind && when.holds(&self.at(value, inside.scope), value)
                        })?;
                        Some((value, *kind))
                    });
                    if let Some((value, kind)) = defined {
                        let (symbol, is_new) = self.symbol(value, kind, name, inside.symbol, None);
                        if is_new {
                            self.traits(symbol, &bind.traits, at, node);
                        }
                        self.mark(value, OWNED);
                        self.s.owned.insert(value.0, symbol);
                        let declaration = Declaration::of(Meaning::Symbol(symbol), symbol);
                        self.bind_name(scope, name, node, declaration);
                        own = own.or(Some(symbol));
                        continue;
                    }
                    let kind = self.bound_kind(bind.kind, name, scope);
                    let mut declaration = Declaration::of(Meaning::Local, NONE);
                    declaration.annotation = annotation;
                    declaration.construction = construction;
                    let Some(kind) = kind else {
                        if bind.kind == "parameter" {
                            declaration.meaning = Meaning::Parameter;
                        }
                        self.bind_name(scope, name, leaf.unwrap_or(node), declaration);
                        continue;
                    };
                    let (symbol, is_new) =
                        self.symbol(leaf.unwrap_or(node), kind, name, inside.symbol, None);
                    if is_new {
                        self.traits(symbol, &bind.traits, at, node);
                    }
                    declaration.symbol = symbol;
                    declaration.meaning = if kind == "parameter" {
                        Meaning::Parameter
                    } else {
                        Meaning::Symbol(symbol)
                    };
                    self.bind_name(scope, name, leaf.unwrap_or(node), declaration);
                    (symbol, is_new)
                }
            };
            own = own.or(Some(symbol));
            if is_new
                && stated.is_none()
                && let Some(value) = value
            {
                self.held(at, value, symbol);
            }
        }
        own
    }

    /// Kind of the symbol that a leaf makes in a scope, if it makes one.
    fn bound_kind(&self, kind: &'static str, name: Text, scope: u32) -> Option<&'static str> {
        let here = self.s.scopes[scope as usize].kind;
        match kind {
            "parameter" => self.scope_has_symbol(scope).then_some(kind),
            "variable" | "constant" => match here {
                ScopeKind::Module if kind == "constant" || is_constant(self.s.texts.text(name)) => {
                    Some("constant")
                }
                ScopeKind::Module => Some("variable"),
                ScopeKind::Class => Some("field"),
                _ => None,
            },
            _ => Some(kind),
        }
    }

    /// `self.x = …` in a method: a field of the class around.
    fn bind_member(
        &mut self,
        bind: &Bind,
        at: &At<'m, 'c>,
        node: NodeId,
        member: NodeId,
        name: Text,
        inside: Surroundings,
    ) -> Option<(u32, bool)> {
        let facts = self.facts(member)?;
        let shape = facts
            .pattern_member
            .iter()
            .find(|one| one.applies(at, member))?;
        let class = if shape.object.is_empty() {
            self.class_around(inside.scope)?
        } else {
            let object = shape.object.first(at, member)?;
            let chain = self.read_chain(at, object);
            if chain.start != chain.end {
                return None;
            }
            match chain.origin {
                Origin::SelfWord => self.class_around(inside.scope)?,
                Origin::Name if !chain.is_global => {
                    self.self_scope(inside.scope, chain.root)?;
                    self.class_around(inside.scope)?
                }
                _ => return None,
            }
        };
        let owner = self.s.scopes[class as usize].owner;
        if owner == NONE {
            return None;
        }
        let (symbol, is_new) = self.symbol(member, "field", name, owner, None);
        if is_new {
            self.traits(symbol, &bind.traits, at, node);
        }
        Some((symbol, is_new))
    }

    /// What an untyped variable or field holds, for those who follow it from elsewhere.
    pub(super) fn held(&mut self, at: &At<'m, 'c>, value: NodeId, symbol: u32) {
        let kind = self.s.symbols[symbol as usize].kind;
        if !matches!(kind, "variable" | "constant" | "field") {
            return;
        }
        let Some(facts) = self.facts(value) else {
            return;
        };
        if let Some(construct) = &facts.construct {
            let Some(target) = construct.first_node(at, value) else {
                return;
            };
            let chain = self.read_chain(at, Item::Node(target));
            if chain.origin != Origin::Dynamic {
                self.push_use(
                    target,
                    target,
                    symbol,
                    "type",
                    -1,
                    chain,
                    Special::Constructed,
                );
            }
        } else if facts.root.is_some() {
            let chain = self.read_chain(at, Item::Node(value));
            if chain.origin == Origin::Name && chain.start == chain.end {
                self.push_use(value, value, symbol, "type", -1, chain, Special::Carried);
            }
        }
    }

    /// `names`: the names are not local here.
    pub(super) fn move_names(
        &mut self,
        paths: &Paths,
        to: Outward,
        at: &At<'m, 'c>,
        node: NodeId,
        inside: Surroundings,
    ) {
        let mut items = Vec::new();
        paths.alternatives(at, node, &mut items);
        let scope = self.s.scopes[inside.scope as usize].hard;
        if to == Outward::Module && self.s.scopes[scope as usize].kind == ScopeKind::Module {
            return;
        }
        for item in items {
            if let Some(name) = self.text_of(at, item) {
                let declaration = Declaration::of(Meaning::Outward(to), NONE);
                self.bind_name(scope, name, node, declaration);
            }
            if let Item::Node(name) = item {
                self.mark(name, TOLD);
            }
        }
    }
}
