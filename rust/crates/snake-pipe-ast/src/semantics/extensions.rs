//! What is added to a type away from its declaration: `impl`, extensions, `void A::f()`.
//!
//! Belongs here: `extends`, `stand_in`: finding the type, or standing in for it. Does not: Go's
//! receivers (`symbols`), members themselves.

use crate::mapping::{ClassMembers, Namespace, ScopeKind};
use crate::tree::NodeId;

use super::scopes::{Meaning, Mode, Surroundings};
use super::symbols::{Form, Late, form};
use super::{NONE, Numbers, Pass, Text};

/// Scopes around a type that are looked at for the one that is to be put into it.
const OUTWARD_LIMIT: usize = 1_000;

impl Pass<'_, '_, '_> {
    /// The symbol that adds to the type of this name here; whether it is new.
    pub(super) fn extension(
        &mut self,
        node: NodeId,
        kind: &'static str,
        name: Text,
        around: Surroundings,
    ) -> (u32, bool) {
        if let Some(&known) = self.extensions.get(&(around.symbol, name)) {
            return (known, false);
        }
        let index = self.s.symbols.len() as u32;
        self.extensions.insert((around.symbol, name), index);
        let mut symbol = Self::blank(node, kind, name, around.symbol);
        symbol.late = Some(Late::Extends(name, around.scope));
        self.s.symbols.push(symbol);
        (index, true)
    }

    /// When everything is declared: what adds to a type of the document is that type.
    pub(super) fn settle_extensions(&mut self) {
        if self.extensions.is_empty() {
            return;
        }
        let mut types = None;
        let mut merged = Vec::new();
        let mut gone: Numbers<u32, u32> = Numbers::default();
        for index in 0..self.s.symbols.len() as u32 {
            let Some(Late::Extends(name, scope)) = self.s.symbols[index as usize].late else {
                continue;
            };
            let is_of_package = self.mapping.modules.namespace == Namespace::Package
                && self.s.symbols[index as usize].container == 0;
            let mut found = self.type_at(name, scope, &mut types);
            if found.is_none() && is_of_package {
                // Its string is that of the document's own type of this name, seen or not.
                let types = types.get_or_insert_with(|| self.types_by_name());
                found = types.get(&(0, name)).copied();
            }
            if let Some(found) = found
                && !self.holds(index, found)
            {
                merged.push((found, index));
                gone.insert(index, found);
            } else if is_of_package {
                // The type of another document of the package.
                self.s.symbols[index as usize].is_phantom = true;
            } else {
                self.flag(index, "extension");
            }
        }
        if merged.is_empty() {
            return;
        }
        let moved: Vec<u32> = (0..self.s.symbols.len() as u32)
            .filter(|&index| gone.contains_key(&self.s.symbols[index as usize].container))
            .collect();
        self.merge(&merged);
        let mut same = Vec::new();
        for index in moved {
            if self.s.symbols[index as usize].late.is_none() {
                same.extend(self.same_term(index));
            }
        }
        if !same.is_empty() {
            self.merge(&same);
        }
        self.put_into_types();
    }

    /// The type of a name, or of a name in another (`A::B`), that the document declares.
    fn type_at(
        &self,
        name: Text,
        scope: u32,
        types: &mut Option<Numbers<(u32, u32), u32>>,
    ) -> Option<u32> {
        let text = self.s.texts.text(name);
        let separator = self.mapping.chain_separator.as_deref().unwrap_or(".");
        let mut parts = text.split(separator);
        let first = self.s.texts.find(parts.next()?)?;
        let binding = self.look_up(scope, first, Mode::Type)?;
        let Meaning::Symbol(mut at) = binding.meaning else {
            return None;
        };
        for part in parts {
            let part = self.s.texts.find(part)?;
            let types = types.get_or_insert_with(|| self.types_by_name());
            at = *types.get(&(at, part))?;
        }
        let form = form(self.s.symbols[at as usize].kind);
        matches!(form, Form::Type | Form::Namespace).then_some(at)
    }

    /// Types and namespaces by what holds them and their names: the first of each.
    fn types_by_name(&self) -> Numbers<(u32, u32), u32> {
        let mut types = Numbers::default();
        for (index, symbol) in self.s.symbols.iter().enumerate() {
            let is_addition = matches!(symbol.late, Some(Late::Extends(..)));
            if !is_addition && matches!(form(symbol.kind), Form::Type | Form::Namespace) {
                let key = (symbol.container, symbol.name);
                types.entry(key).or_insert(index as u32);
            }
        }
        types
    }

    /// Where members are visible by bare name, they are where a type is added to, too.
    fn put_into_types(&mut self) {
        if self.mapping.scopes.class_members != ClassMembers::Always {
            return;
        }
        let mut own: Numbers<u32, u32> = Numbers::default();
        for (index, scope) in self.s.scopes.iter().enumerate() {
            if scope.kind == ScopeKind::Class
                && scope.owner != NONE
                && self.s.symbols[scope.owner as usize].node == scope.node
            {
                own.entry(scope.owner).or_insert(index as u32);
            }
        }
        for index in 1..self.s.scopes.len() {
            let scope = self.s.scopes[index];
            if scope.owner == NONE {
                continue;
            }
            let owner = &self.s.symbols[scope.owner as usize];
            let class = match scope.kind {
                ScopeKind::Class if owner.node != scope.node => scope.owner,
                ScopeKind::Function if owner.is_away => owner.container,
                _ => continue,
            };
            if let Some(&class) = own.get(&class)
                && !self.is_around(index as u32, class)
            {
                self.s.scopes[index].parent = class;
            }
        }
    }

    /// Whether `outer` is `inner` or around it, or so far out that it may be.
    fn is_around(&self, outer: u32, inner: u32) -> bool {
        let mut at = inner;
        for _ in 0..OUTWARD_LIMIT {
            if at == outer {
                return true;
            }
            at = self.s.scopes[at as usize].parent;
            if at == NONE {
                return false;
            }
        }
        true
    }
}
