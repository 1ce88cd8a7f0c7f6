//! Symbols: making them, what they are like, their strings and ids.
//!
//! Belongs here: `define`, flags, visibility, signatures, descriptors.
//! Does not: names in scopes (`scopes`), patterns (`bindings`).

use crate::hash;
use crate::mapping::{Define, Namespace, ScopeKind, Traits, VISIBILITIES, Visibility};
use crate::modules::push_name;
use crate::path::{ANCESTORS, At, Item, Paths, unquoted};
use crate::rows::{Rows, SymbolRow};
use crate::tree::NodeId;

use super::scopes::{Declaration, Meaning, Mode, Surroundings};
use super::{NONE, Pass, TOLD, Text, docstring};

/// Bytes of a symbol string or qualified name above which what it holds gives its hash instead.
const LONG: usize = 2_048;

/// A symbol.
#[derive(Clone, Debug)]
pub(super) struct Symbol {
    pub(super) node: NodeId,
    pub(super) kind: &'static str,
    pub(super) name: Text,
    pub(super) container: u32,
    pub(super) visibility: &'static str,
    /// A type of another document that owns symbols here, or a term that is another: no row.
    pub(super) is_phantom: bool,
    pub(super) is_static: bool,
    /// Its string begins with the document's own symbol.
    is_apart: bool,
    /// It is declared away from its container.
    pub(super) is_away: bool,
    /// Its node merely declares it.
    pub(super) is_declaration: bool,
    pub(super) late: Option<Late>,
    pub(super) signature: Option<Box<str>>,
    pub(super) docstring: Option<Box<str>>,
    pub(super) parameter_count: Option<i32>,
    pub(super) cyclomatic: u32,
    pub(super) cognitive: u32,
    pub(super) max_nesting: u32,
    pub(super) string: String,
    pub(super) qualified: String,
    pub(super) id: i64,
}

/// How a symbol finds its container when everything is declared.
#[derive(Clone, Copy, Debug)]
pub(super) enum Late {
    /// By the name of a type, seen from a scope.
    Type(Text, u32),
    /// By the name that a chain begins with, seen from a scope.
    Root(Text, u32),
    /// It adds to the type of this name, seen from a scope.
    Extends(Text, u32),
}

pub(super) fn is_callable(kind: &str) -> bool {
    matches!(
        kind,
        "function" | "method" | "constructor" | "lambda" | "macro" | "modifier"
    )
}

/// Descriptor forms: what stands before and after the name, and how a collision is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Type,
    Callable,
    Macro,
    TypeParameter,
    Parameter,
    Namespace,
    Term,
}

pub(super) fn form(kind: &str) -> Form {
    match kind {
        "class" | "interface" | "trait" | "struct" | "union" | "enum" | "type_alias"
        | "contract" | "type" => Form::Type,
        "function" | "method" | "constructor" | "lambda" | "modifier" => Form::Callable,
        "macro" => Form::Macro,
        "type_parameter" => Form::TypeParameter,
        "parameter" => Form::Parameter,
        "module" | "namespace" | "package" | "file" => Form::Namespace,
        _ => Form::Term,
    }
}

/// Whether symbols of this form and one string are one symbol.
pub(super) fn is_merged(form: Form) -> bool {
    matches!(form, Form::Term | Form::Parameter | Form::TypeParameter)
}

impl<'m, 'c> Pass<'m, 'c, '_> {
    pub(super) fn open_document(&mut self) {
        self.open_scope(ScopeKind::Module, NodeId::ROOT, NONE, false);
        let name = self.place.name.clone();
        let name = self.text(&name);
        let kind = self.mapping.modules.document_kind;
        let mut symbol = Self::blank(NodeId::ROOT, kind, name, NONE);
        symbol.cyclomatic = 1;
        self.s.symbols.push(symbol);
        self.s.scopes[0].owner = 0;
    }

    pub(super) fn blank(node: NodeId, kind: &'static str, name: Text, container: u32) -> Symbol {
        Symbol {
            node,
            kind,
            name,
            container,
            visibility: "public",
            is_phantom: false,
            is_static: false,
            is_apart: false,
            is_away: false,
            is_declaration: false,
            late: None,
            signature: None,
            docstring: None,
            parameter_count: None,
            cyclomatic: 1,
            cognitive: 0,
            max_nesting: 0,
            string: String::new(),
            qualified: String::new(),
            id: 0,
        }
    }

    /// Make a symbol, or find the one that a term of this string is already; whether it is new.
    pub(super) fn symbol(
        &mut self,
        node: NodeId,
        kind: &'static str,
        name: Text,
        container: u32,
        late: Option<Late>,
    ) -> (u32, bool) {
        let index = self.s.symbols.len() as u32;
        let form = form(kind);
        if is_merged(form) && late.is_none() {
            match self.s.terms.entry((container, name, form as u32)) {
                std::collections::hash_map::Entry::Occupied(entry) => {
                    if self.mapping.producer.is_some() {
                        self.s.again.push((node, *entry.get()));
                    }
                    return (*entry.get(), false);
                }
                std::collections::hash_map::Entry::Vacant(entry) => entry.insert(index),
            };
        }
        let mut symbol = Self::blank(node, kind, name, container);
        symbol.late = late;
        self.s.symbols.push(symbol);
        (index, true)
    }

    /// Apply `define`; the symbol made (or given by `owner`, which then takes its traits).
    pub(super) fn define(
        &mut self,
        define: &Define,
        at: &At<'m, 'c>,
        node: NodeId,
        around: Surroundings,
        opened: Option<u32>,
        owner: Option<u32>,
    ) -> Option<u32> {
        if node == NodeId::ROOT {
            self.traits(0, &define.traits, at, node);
            return None;
        }
        let item = define.name.first(at, node);
        let name = define.name.text(at, node);
        let name = match name {
            Some(name) if define.unquote => Some(unquoted(name)),
            other => other,
        };
        let name = name.as_deref().or(define.name_default.as_deref());
        if let Some(holder) = item.and_then(|_| define.name.holder(at, node)) {
            self.mark(holder, TOLD);
        }
        if let Some(owner) = owner {
            // The symbol is there; this says what it is like, but for who sees it and what marks say.
            let visibility = self.s.symbols[owner as usize].visibility;
            let marks = std::mem::take(&mut self.marks_after);
            self.callable(owner, define, at, node, opened);
            self.traits(owner, &define.traits, at, node);
            self.marks_after = marks;
            self.s.symbols[owner as usize].visibility = visibility;
            return Some(owner);
        }
        let name = name?;
        let scope_kind = at.scope.unwrap_or(ScopeKind::Module);
        let mut kind = define.kind;
        if let Some((_, in_scope)) = define
            .kind_in
            .iter()
            .find(|(scope, _)| *scope == scope_kind)
        {
            kind = in_scope;
            if let Some((_, named)) = define.kind_named.iter().find(|(one, _)| **one == *name) {
                kind = named;
            }
        } else if define.kind_in.is_empty()
            && let Some((_, named)) = define.kind_named.iter().find(|(one, _)| **one == *name)
        {
            kind = named;
        }
        if let Some((_, told)) = define
            .kind_when
            .iter()
            .find(|(when, _)| when.holds(at, node))
        {
            kind = told;
        }
        let name = self.s.texts.intern(name);
        let container = define.container.as_ref().and_then(|paths| {
            let container = paths.text(at, node).filter(|text| !text.is_empty())?;
            Some(self.s.texts.intern(&container))
        });
        let is_new_parameter = kind == "parameter";
        let mut owned_by = around.symbol;
        let mut late = None;
        if let (Some(container), Some(stand_in)) = (container, define.stand_in) {
            owned_by = self.extension(node, stand_in, container, around).0;
        } else if let Some(container) = container {
            late = Some(Late::Type(container, around.scope));
        }
        if is_new_parameter && !self.scope_has_symbol(opened.unwrap_or(around.scope)) {
            let declaration = Declaration::of(Meaning::Parameter, NONE);
            self.bind_name(around.scope, name, node, declaration);
            return None;
        }
        let (symbol, is_new) = if define.extends {
            self.extension(node, kind, name, around)
        } else {
            self.symbol(node, kind, name, owned_by, late)
        };
        self.s.symbols[symbol as usize].is_away |= container.is_some();
        let stated = define.r#type.first(at, node);
        let type_of = match stated {
            Some(Item::Node(at_type)) => self.declared_type(at, at_type),
            Some(Item::Value(value)) => self.quoted_type(node, value),
            _ => NONE,
        };
        let value = define.value.first_node(at, node);
        let target = match opened {
            _ if !define.is_bound || define.extends => None,
            Some(opened) if kind == "type_parameter" => Some(opened),
            _ => Some(self.hoisted(around.scope, define.hoist)),
        };
        if let Some(target) = target {
            let meaning = if is_new_parameter {
                Meaning::Parameter
            } else {
                Meaning::Symbol(symbol)
            };
            let mut declaration = Declaration::of(meaning, symbol);
            declaration.annotation = type_of;
            if let (None, Some(value)) = (stated, value) {
                declaration.construction = self.construction(at, value);
            }
            self.bind_name(target, name, node, declaration);
        }
        if is_new {
            self.s.symbols[symbol as usize].is_apart = define
                .apart
                .as_ref()
                .is_some_and(|apart| apart.holds(at, node));
            self.s.symbols[symbol as usize].is_declaration = define
                .declaration
                .as_ref()
                .is_some_and(|declaration| declaration.holds(at, node));
            self.traits(symbol, &define.traits, at, node);
            self.callable(symbol, define, at, node, opened);
            if let (None, Some(value)) = (stated, value) {
                self.held(at, value, symbol);
            }
        }
        Some(symbol)
    }

    /// Whether the innermost scope that is no block was opened by a symbol.
    pub(super) fn scope_has_symbol(&self, scope: u32) -> bool {
        let hard = self.s.scopes[scope as usize].hard;
        self.s.scopes[hard as usize].owner != NONE
    }

    /// Parameters of a callable, and which of them is itself.
    fn callable(
        &mut self,
        symbol: u32,
        define: &Define,
        at: &At<'m, 'c>,
        node: NodeId,
        opened: Option<u32>,
    ) {
        let kind = self.s.symbols[symbol as usize].kind;
        let Some(parameters) = &define.parameters else {
            return;
        };
        if !is_callable(kind) {
            return;
        }
        let mut items = Vec::new();
        parameters.all(at, node, &mut items);
        let mut signature = String::from("(");
        for (index, &item) in items.iter().enumerate() {
            if index > 0 {
                signature.push_str(", ");
            }
            let text = Self::parameter_text(&define.parameter_name, at, item);
            if index == 0
                && self.mapping.scopes.first_parameter
                && matches!(kind, "method" | "constructor")
                && !self.s.symbols[symbol as usize].is_static
                && let Some(opened) = opened
                && let Some(text) = &text
            {
                let name = self.s.texts.intern(text);
                self.s.scopes[opened as usize].self_name = name;
            }
            signature.push_str(text.as_deref().unwrap_or("_"));
        }
        signature.push(')');
        let symbol = &mut self.s.symbols[symbol as usize];
        symbol.parameter_count = Some(items.len() as i32);
        symbol.signature = Some(signature.into());
    }

    fn parameter_text(
        names: &Paths,
        at: &At<'m, 'c>,
        item: Item,
    ) -> Option<std::borrow::Cow<'c, str>> {
        match item {
            Item::Node(parameter) if !names.is_empty() => names.text(at, parameter),
            other => at.text(other),
        }
    }

    /// Flags, visibility and docstring.
    pub(super) fn traits(&mut self, symbol: u32, traits: &Traits, at: &At<'m, 'c>, node: NodeId) {
        for (flag, when) in &traits.flags {
            if when.holds(at, node) {
                self.flag(symbol, flag);
            }
        }
        let mut visibility = None;
        if !traits.modifiers.is_empty() {
            let mut items = Vec::new();
            traits.modifiers.all(at, node, &mut items);
            for item in items {
                let Some(text) = at.text(item) else { continue };
                for word in text.split_ascii_whitespace() {
                    match VISIBILITIES.iter().find(|known| **known == word) {
                        Some(word) => visibility = visibility.or(Some(*word)),
                        None => self.flag(symbol, word),
                    }
                }
            }
        }
        let visibility = if self.marks_after.is_empty() {
            visibility
        } else {
            visibility.or(self.marked(symbol, node))
        };
        let name = self.s.texts.text(self.s.symbols[symbol as usize].name);
        let visibility = visibility.unwrap_or_else(|| {
            let told = traits.visibility_when.iter();
            told.into_iter()
                .find(|(when, _)| when.holds(at, node))
                .map_or_else(|| visible(traits, name), |(_, word)| *word)
        });
        let text = traits.docstring.as_ref().and_then(|docstring| {
            if !docstring.when.holds(at, node) {
                return None;
            }
            let mut items = Vec::new();
            docstring.path.alternatives(at, node, &mut items);
            let mut text = String::new();
            for (index, item) in items.into_iter().enumerate() {
                if index > 0 {
                    text.push('\n');
                }
                text.push_str(&at.text(item)?);
            }
            Some(docstring::clean(&text)).filter(|text| !text.is_empty())
        });
        let symbol = &mut self.s.symbols[symbol as usize];
        symbol.visibility = visibility;
        if let Some(text) = text {
            symbol.docstring = Some(text.into());
        }
    }

    pub(super) fn flag(&mut self, symbol: u32, flag: &str) {
        if flag == "static" {
            self.s.symbols[symbol as usize].is_static = true;
        }
        let flag = self.s.texts.intern(flag);
        self.push_flag(symbol, flag);
    }

    pub(super) fn push_flag(&mut self, symbol: u32, flag: Text) {
        self.s.flags.push((symbol, flag));
    }

    /// Containers that only the whole document tells.
    pub(super) fn settle_containers(&mut self) {
        let mut merged = Vec::new();
        for index in 0..self.s.symbols.len() {
            let Some(late) = self.s.symbols[index].late else {
                continue;
            };
            let container = match late {
                Late::Type(name, scope) => self.type_named(name, scope),
                Late::Root(name, scope) => match self.look_up(scope, name, Mode::Value) {
                    Some(binding) => (binding.symbol != NONE && binding.symbol as usize != index)
                        .then_some(binding.symbol),
                    None => Some(0),
                },
                Late::Extends(..) => continue,
            };
            if let Some(container) = container
                && !self.holds(index as u32, container)
            {
                self.s.symbols[index].container = container;
            }
            merged.extend(self.same_term(index as u32));
        }
        if !merged.is_empty() {
            self.merge(&merged);
        }
    }

    /// The term that is now one with this one: both, the first first.
    pub(super) fn same_term(&mut self, index: u32) -> Option<(u32, u32)> {
        let symbol = &self.s.symbols[index as usize];
        let form = form(symbol.kind);
        if !is_merged(form) {
            return None;
        }
        let key = (symbol.container, symbol.name, form as u32);
        match self.s.terms.entry(key) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(index);
                None
            }
            std::collections::hash_map::Entry::Occupied(mut entry) => {
                let other = *entry.get();
                let (first, second) = (other.min(index), other.max(index));
                entry.insert(first);
                (first != second).then_some((first, second))
            }
        }
    }

    /// The second of each pair is the first.
    pub(super) fn merge(&mut self, merged: &[(u32, u32)]) {
        let mut now: Vec<u32> = (0..self.s.symbols.len() as u32).collect();
        for &(first, second) in merged {
            now[second as usize] = first;
            let gone = &mut self.s.symbols[second as usize];
            gone.is_phantom = true;
            if self.mapping.producer.is_some() {
                self.s.again.push((gone.node, first));
            }
        }
        // Chains of merges lead to smaller numbers: one pass in order settles them.
        for index in 0..now.len() {
            now[index] = now[now[index] as usize];
        }
        let settle = |symbol: &mut u32| {
            if *symbol != NONE {
                *symbol = now[*symbol as usize];
            }
        };
        for symbol in &mut self.s.symbols {
            settle(&mut symbol.container);
        }
        for binding in &mut self.s.bindings {
            settle(&mut binding.symbol);
            if let Meaning::Symbol(symbol) = &mut binding.meaning {
                settle(symbol);
            }
        }
        for scope in &mut self.s.scopes {
            settle(&mut scope.owner);
        }
        self.s.symbol_of.iter_mut().for_each(settle);
        self.s.made.values_mut().for_each(settle);
        for (_, symbol) in &mut self.s.again {
            settle(symbol);
        }
        for one in &mut self.s.uses {
            settle(&mut one.symbol);
        }
        for one in &mut self.s.imports {
            settle(&mut one.symbol);
        }
        // Flags are those of the first declaration.
        self.s
            .flags
            .retain(|&(symbol, _)| now[symbol as usize] == symbol);
    }

    /// Whether `inner` is `outer` or stands in it, or so deep that it may.
    pub(super) fn holds(&self, outer: u32, inner: u32) -> bool {
        let mut at = inner;
        for _ in 0..ANCESTORS {
            if at == outer {
                return true;
            }
            at = self.s.symbols[at as usize].container;
            if at == NONE {
                return false;
            }
        }
        true
    }

    /// The symbol of that name here; of another document of the package, a stand-in.
    fn type_named(&mut self, name: Text, scope: u32) -> Option<u32> {
        if let Some(binding) = self.look_up(scope, name, Mode::Type)
            && let Meaning::Symbol(symbol) = binding.meaning
        {
            return Some(symbol);
        }
        if self.mapping.modules.namespace != Namespace::Package {
            return None;
        }
        let index = self.s.symbols.len() as u32;
        let known = *self
            .s
            .terms
            .entry((0, name, Form::Type as u32))
            .or_insert(index);
        if known == index {
            let mut symbol = Self::blank(NodeId::ROOT, "class", name, 0);
            symbol.is_phantom = true;
            self.s.symbols.push(symbol);
        }
        Some(known)
    }

    /// Strings, ids and qualified names, containers first.
    pub(super) fn name_symbols(&mut self) {
        let count = self.s.symbols.len();
        // How many symbols of one string came before, in order of declaration.
        let mut collisions: super::Numbers<(u32, u32, u32), u32> = super::Numbers::default();
        let mut numbers = vec![0_u32; count];
        for (index, symbol) in self.s.symbols.iter().enumerate().skip(1) {
            let form = form(symbol.kind);
            if symbol.is_phantom {
                continue;
            }
            let seen = collisions
                .entry((symbol.container, symbol.name, form as u32))
                .or_insert(0);
            numbers[index] = *seen;
            *seen += 1;
        }
        let place = &self.place;
        let document = &mut self.s.symbols[0];
        document.string.clone_from(&place.symbol);
        document.qualified.clone_from(&place.module);
        document.id = hash::id(&document.string);
        let mut waiting = Vec::new();
        for index in 1..count {
            waiting.push(index);
            while let Some(&top) = waiting.last() {
                if !self.s.symbols[top].string.is_empty() {
                    waiting.pop();
                    continue;
                }
                let container = self.s.symbols[top].container as usize;
                if self.s.symbols[container].string.is_empty() {
                    waiting.push(container);
                    continue;
                }
                waiting.pop();
                let (mut string, mut qualified) = if container == 0 && self.s.symbols[top].is_apart
                {
                    (place.symbol.clone(), place.qualifier.clone())
                } else if container == 0 {
                    (place.prefix.clone(), place.qualifier.clone())
                } else {
                    let container = &self.s.symbols[container];
                    // Nesting must not cost a square: a long container stands as its hash.
                    let string = if container.string.len() > LONG {
                        format!("{}~{:016x}/", place.head, container.id)
                    } else {
                        container.string.clone()
                    };
                    let qualified = if container.qualified.len() > LONG {
                        format!("~{:016x}", container.id)
                    } else {
                        container.qualified.clone()
                    };
                    (string, qualified)
                };
                let symbol = &self.s.symbols[top];
                let name = self.s.texts.text(symbol.name);
                describe(&mut string, symbol.kind, name, numbers[top]);
                if !name.is_empty() {
                    if !qualified.is_empty() {
                        qualified.push('.');
                    }
                    qualified.push_str(name);
                }
                let symbol = &mut self.s.symbols[top];
                symbol.id = hash::id(&string);
                symbol.string = string;
                symbol.qualified = qualified;
            }
        }
    }

    pub(super) fn write_symbols(&mut self, rows: &mut impl Rows) {
        self.s.flags.sort_by_key(|&(symbol, _)| symbol);
        let mut flags = self.s.flags.as_slice();
        let mut words: Vec<&str> = Vec::new();
        let mut joined = String::new();
        for (index, symbol) in self.s.symbols.iter().enumerate() {
            words.clear();
            while let Some((&(owner, flag), rest)) = flags.split_first()
                && owner as usize == index
            {
                words.push(self.s.texts.text(flag));
                flags = rest;
            }
            words.sort_unstable();
            words.dedup();
            joined.clear();
            for word in &words {
                if !joined.is_empty() {
                    joined.push(' ');
                }
                joined.push_str(word);
            }
            if symbol.is_phantom {
                continue;
            }
            let counts = index == 0 || is_callable(symbol.kind);
            rows.symbol(&SymbolRow {
                symbol_id: symbol.id,
                symbol: &symbol.string,
                node: symbol.node,
                kind: symbol.kind,
                name: self.s.texts.text(symbol.name),
                qualified_name: &symbol.qualified,
                container_id: (symbol.container != NONE)
                    .then(|| self.s.symbols[symbol.container as usize].id),
                visibility: symbol.visibility,
                flags: &joined,
                signature: symbol.signature.as_deref(),
                docstring: symbol.docstring.as_deref(),
                cyclomatic_complexity: counts.then_some(symbol.cyclomatic as i32),
                cognitive_complexity: counts.then_some(symbol.cognitive as i32),
                max_nesting: counts.then_some(symbol.max_nesting as i32),
                parameter_count: symbol.parameter_count,
                producer_key: self.produced.key_of(index as u32),
            });
        }
    }
}

/// Append the descriptor of a symbol.
fn describe(into: &mut String, kind: &str, name: &str, number: u32) {
    let form = form(kind);
    match form {
        Form::TypeParameter => into.push('['),
        Form::Parameter => into.push('('),
        _ => {}
    }
    push_name(into, name);
    let collision = if number > 0 && !is_merged(form) {
        format!("(+{number})")
    } else {
        String::new()
    };
    match form {
        Form::Type => {
            into.push_str(&collision);
            into.push('#');
        }
        Form::Callable => {
            into.push_str(if collision.is_empty() {
                "()"
            } else {
                &collision
            });
            into.push('.');
        }
        Form::Macro => {
            into.push_str(&collision);
            into.push('!');
        }
        Form::TypeParameter => into.push(']'),
        Form::Parameter => into.push(')'),
        Form::Namespace => {
            into.push_str(&collision);
            into.push('/');
        }
        Form::Term => into.push('.'),
    }
}

/// Visibility by the name.
fn visible(traits: &Traits, name: &str) -> &'static str {
    match traits.visibility {
        Visibility::Underscore => {
            let begins = name.starts_with("__");
            let ends = name.ends_with("__");
            if begins && !ends {
                "private"
            } else if name.starts_with('_') && !(begins && ends) {
                "protected"
            } else {
                traits.visibility_default
            }
        }
        Visibility::Hash if name.starts_with('#') => "private",
        Visibility::Capital => {
            if name.chars().next().is_some_and(char::is_uppercase) {
                "public"
            } else {
                "package"
            }
        }
        Visibility::Hash | Visibility::Modifiers | Visibility::Public => traits.visibility_default,
    }
}
