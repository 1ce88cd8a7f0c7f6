//! Scopes and what names are bound to in them.
//!
//! Belongs here: opening scopes, binding a name, looking a name up.
//! Does not: which nodes open or bind (`mapping`, `bindings`).

use crate::mapping::{ClassMembers, Hoist, Outward, Rule, ScopeKind};
use crate::path::{At, Item};
use crate::tree::NodeId;

use super::{NONE, OUTSIDE, Pass, Text, symbols};

/// A scope.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope {
    pub(super) kind: ScopeKind,
    pub(super) node: NodeId,
    /// Scope around; `NONE` for the document's.
    pub(super) parent: u32,
    /// This scope, or if it is a block the innermost one around it that is none.
    pub(super) hard: u32,
    /// Symbol that opened it, or `NONE`.
    pub(super) owner: u32,
    /// Name of the self parameter, or `NONE`.
    pub(super) self_name: Text,
    /// `this` is not that of the class around.
    pub(super) own_self: bool,
}

/// What surrounds a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Surroundings {
    pub(super) scope: u32,
    /// Innermost symbol that owns a scope.
    pub(super) symbol: u32,
    /// Innermost callable, else the document.
    pub(super) callable: u32,
    /// Nesting depth within the callable.
    pub(super) nesting: u32,
}

impl Surroundings {
    pub(super) const DOCUMENT: Surroundings = Surroundings {
        scope: 0,
        symbol: 0,
        callable: 0,
        nesting: 0,
    };
}

/// What surrounds the nodes up to `end`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) end: u32,
    pub(super) inside: Surroundings,
    /// Node whose children from some one on these are, or `NONE`.
    pub(super) of: u32,
}

/// What a name stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Meaning {
    /// Index of the import.
    Import(u32),
    /// Index of the symbol.
    Symbol(u32),
    Parameter,
    Local,
    /// Not bound here, see further out.
    Outward(Outward),
}

/// As what a name is looked up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mode {
    Value,
    /// Parameters and locals are passed over.
    Type,
    /// Called by its bare name: with `methods_apart`, only methods and imports count.
    Call,
}

/// Scopes that are looked through outward; then the document's follows.
const OUTWARD_LIMIT: usize = 1_000;
/// Set in the names of methods where these are apart from other names.
const METHOD: Text = 1 << 31;

/// A name in a scope.
#[derive(Clone, Copy, Debug)]
pub(super) struct Binding {
    pub(super) meaning: Meaning,
    /// Symbol, or `NONE`.
    pub(super) symbol: u32,
    /// Index of the first declared type, or `NONE`.
    pub(super) annotation: u32,
    /// Index of the first constructed type, or `NONE`.
    pub(super) construction: u32,
    rank: u8,
}

/// One declaration of a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Declaration {
    pub(super) meaning: Meaning,
    pub(super) symbol: u32,
    pub(super) annotation: u32,
    pub(super) construction: u32,
}

impl Declaration {
    pub(super) fn of(meaning: Meaning, symbol: u32) -> Declaration {
        Declaration {
            meaning,
            symbol,
            annotation: NONE,
            construction: NONE,
        }
    }
}

impl Pass<'_, '_, '_> {
    pub(super) fn open_scope(
        &mut self,
        kind: ScopeKind,
        node: NodeId,
        parent: u32,
        own_self: bool,
    ) -> u32 {
        let index = self.s.scopes.len() as u32;
        let hard = match kind {
            ScopeKind::Block if parent != NONE => self.s.scopes[parent as usize].hard,
            _ => index,
        };
        self.s.scopes.push(Scope {
            kind,
            node,
            parent,
            hard,
            owner: NONE,
            self_name: NONE,
            own_self,
        });
        index
    }

    /// Mark the subtrees that a rule leaves outside.
    pub(super) fn put_outside(
        &mut self,
        rule: &Rule,
        at: &At<'_, '_>,
        node: NodeId,
        around: Surroundings,
    ) {
        let mut items = Vec::new();
        rule.outer.all(at, node, &mut items);
        for item in items {
            if let Item::Node(below) = item
                && below > node
            {
                self.mark(below, OUTSIDE);
                self.s.outside.insert(below.0, around);
            }
        }
    }

    /// The scope that a name moves to when it is bound in `scope`.
    pub(super) fn hoisted(&self, scope: u32, hoist: Hoist) -> u32 {
        match hoist {
            Hoist::Block => scope,
            Hoist::Scope => self.s.scopes[scope as usize].hard,
            Hoist::Function => {
                let mut at = self.s.scopes[scope as usize].hard;
                for _ in 0..OUTWARD_LIMIT {
                    let here = self.s.scopes[at as usize];
                    if here.kind != ScopeKind::Comprehension || here.parent == NONE {
                        return at;
                    }
                    at = self.s.scopes[here.parent as usize].hard;
                }
                at
            }
        }
    }

    /// Bind a name. Of several declarations an import counts before a symbol, a symbol before a
    /// parameter, a parameter before a local, an earlier before a later one; types are the first.
    pub(super) fn bind_name(&mut self, scope: u32, name: Text, node: NodeId, new: Declaration) {
        let rank = match new.meaning {
            Meaning::Outward(_) => 4,
            Meaning::Import(_) => 3,
            Meaning::Symbol(_) => 2,
            Meaning::Parameter => 1,
            Meaning::Local => 0,
        };
        self.s.declared.push((scope, node, name));
        if self.s.has_binding.len() <= name as usize {
            self.s.has_binding.resize(name as usize + 1, false);
        }
        self.s.has_binding[name as usize] = true;
        if self.mapping.scopes.methods_apart {
            let is_method = matches!(new.meaning, Meaning::Symbol(symbol)
                if symbols::is_callable(self.s.symbols[symbol as usize].kind));
            let is_import = matches!(new.meaning, Meaning::Import(_));
            if is_method || is_import {
                self.bind_key(scope, name | METHOD, new, rank);
            }
            if is_method {
                return;
            }
        }
        self.bind_key(scope, name, new, rank);
    }

    fn bind_key(&mut self, scope: u32, name: Text, new: Declaration, rank: u8) {
        let Declaration {
            meaning,
            symbol,
            annotation,
            construction,
        } = new;
        match self.s.bound.entry((scope, name)) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(self.s.bindings.len() as u32);
                self.s.bindings.push(Binding {
                    meaning,
                    symbol,
                    annotation,
                    construction,
                    rank,
                });
            }
            std::collections::hash_map::Entry::Occupied(entry) => {
                let old = &mut self.s.bindings[*entry.get() as usize];
                if rank > old.rank {
                    (old.meaning, old.symbol, old.rank) = (meaning, symbol, rank);
                }
                if old.annotation == NONE {
                    old.annotation = annotation;
                }
                if old.construction == NONE {
                    old.construction = construction;
                }
            }
        }
    }

    /// What the scope itself binds the name to.
    pub(super) fn binding_in(&self, scope: u32, name: Text) -> Option<Binding> {
        if !self
            .s
            .has_binding
            .get(name as usize)
            .copied()
            .unwrap_or(false)
        {
            return None;
        }
        self.s
            .bound
            .get(&(scope, name))
            .map(|&index| self.s.bindings[index as usize])
    }

    /// The symbol that the scope itself declares by this name.
    pub(super) fn declared_symbol(&self, scope: u32, name: Text) -> Option<u32> {
        let plain = self.binding_in(scope, name);
        let method = || {
            let index = *self.s.bound.get(&(scope, name | METHOD))?;
            Some(self.s.bindings[index as usize])
        };
        let binding = match plain {
            Some(binding) => binding,
            None if self.mapping.scopes.methods_apart => method()?,
            None => return None,
        };
        (binding.symbol != NONE).then_some(binding.symbol)
    }

    /// What the name means in `scope`.
    pub(super) fn look_up(&self, scope: u32, name: Text, mode: Mode) -> Option<Binding> {
        if !self
            .s
            .has_binding
            .get(name as usize)
            .copied()
            .unwrap_or(false)
        {
            return None;
        }
        let as_type = mode == Mode::Type;
        let is_call = mode == Mode::Call && self.mapping.scopes.methods_apart;
        let name = if is_call { name | METHOD } else { name };
        let mut at = scope;
        let mut is_inside = false;
        let mut to_module = false;
        let mut budget = OUTWARD_LIMIT;
        loop {
            let here = &self.s.scopes[at as usize];
            if !to_module || here.kind == ScopeKind::Module {
                to_module = false;
                if let Some(&index) = self.s.bound.get(&(at, name)) {
                    let binding = self.s.bindings[index as usize];
                    match binding.meaning {
                        Meaning::Outward(Outward::Module) => to_module = true,
                        Meaning::Outward(Outward::Function) => {}
                        Meaning::Parameter | Meaning::Local if as_type => {}
                        _ if here.kind != ScopeKind::Class => return Some(binding),
                        _ => {
                            let is_visible = match self.mapping.scopes.class_members {
                                ClassMembers::Always => true,
                                ClassMembers::Body => !is_inside,
                                ClassMembers::Never => false,
                            };
                            if is_visible || self.is_type_parameter(binding) {
                                return Some(binding);
                            }
                        }
                    }
                }
            }
            is_inside |= here.kind != ScopeKind::Block;
            if here.parent == NONE {
                return None;
            }
            budget = budget.saturating_sub(1);
            at = if budget == 0 { 0 } else { here.parent };
        }
    }

    fn is_type_parameter(&self, binding: Binding) -> bool {
        matches!(binding.meaning, Meaning::Symbol(index)
            if self.s.symbols[index as usize].kind == "type_parameter")
    }

    /// The class that `self` means in `scope`: its scope, if there is one.
    pub(super) fn class_around(&self, scope: u32) -> Option<u32> {
        let mut at = self.s.scopes[scope as usize].hard;
        for _ in 0..OUTWARD_LIMIT {
            let here = self.s.scopes[at as usize];
            match here.kind {
                ScopeKind::Class => return Some(at),
                ScopeKind::Module => return None,
                ScopeKind::Function if here.own_self => return None,
                _ => at = self.s.scopes[here.parent as usize].hard,
            }
        }
        None
    }

    /// The scope whose self parameter the name is, seen from `scope`.
    pub(super) fn self_scope(&self, scope: u32, name: Text) -> Option<u32> {
        let mut at = scope;
        for _ in 0..OUTWARD_LIMIT {
            let here = &self.s.scopes[at as usize];
            if here.self_name == name {
                return Some(at);
            }
            if here.parent == NONE {
                return None;
            }
            if here.kind != ScopeKind::Class && self.binding_in(at, name).is_some() {
                return None;
            }
            at = here.parent;
        }
        None
    }
}
