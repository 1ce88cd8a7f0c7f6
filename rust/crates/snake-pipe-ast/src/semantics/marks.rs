//! What a node says of symbols that are not its own: Ruby's `private`, the `public:` of C++.
//!
//! Belongs here: the action `mark`. Does not: modifiers of the declaration itself (`symbols`).

use crate::mapping::{Mark, VISIBILITIES};
use crate::path::At;
use crate::tree::NodeId;

use super::scopes::Surroundings;
use super::{Pass, Text};

/// The words of a mark, and which symbols they are said of.
#[derive(Clone, Debug)]
pub(super) struct Marked<'m> {
    visibility: Option<&'static str>,
    flags: Vec<Text>,
    kinds: &'m [&'static str],
}

impl<'m, 'c> Pass<'m, 'c, '_> {
    pub(super) fn mark_symbols(
        &mut self,
        mark: &'m Mark,
        at: &At<'m, 'c>,
        node: NodeId,
        inside: Surroundings,
    ) {
        let Some(text) = mark.path.text(at, node) else {
            return;
        };
        let mut marked = Marked {
            visibility: None,
            flags: Vec::new(),
            kinds: &mark.kinds,
        };
        for word in text.split_ascii_whitespace() {
            match VISIBILITIES.iter().find(|known| **known == word) {
                Some(word) => marked.visibility = marked.visibility.or(Some(*word)),
                None => marked.flags.push(self.s.texts.intern(word)),
            }
        }
        let scope = self.s.scopes[inside.scope as usize].hard;
        let Some(names) = &mark.names else {
            self.marks_after.insert(scope, marked);
            return;
        };
        let mut items = Vec::new();
        names.all(at, node, &mut items);
        for item in items {
            if let Some(name) = self.text_of(at, item) {
                self.marks_named.push((scope, name, marked.clone()));
            }
        }
    }

    /// What a mark before the declaration says of a new symbol.
    pub(super) fn marked(&mut self, symbol: u32, node: NodeId) -> Option<&'static str> {
        let scope = self.s.scope_of[node.index()];
        let scope = self.s.scopes[scope as usize].hard;
        let marked = self.marks_after.get(&scope)?;
        let kind = self.s.symbols[symbol as usize].kind;
        if !marked.is_said_of(kind) {
            return None;
        }
        let (visibility, flags) = (marked.visibility, marked.flags.clone());
        for flag in flags {
            self.push_flag(symbol, flag);
        }
        visibility
    }

    /// When everything is declared: what is said of symbols by name.
    pub(super) fn settle_marks(&mut self) {
        for (scope, name, marked) in std::mem::take(&mut self.marks_named) {
            let Some(symbol) = self.declared_symbol(scope, name) else {
                continue;
            };
            if !marked.is_said_of(self.s.symbols[symbol as usize].kind) {
                continue;
            }
            if let Some(visibility) = marked.visibility {
                self.s.symbols[symbol as usize].visibility = visibility;
            }
            for flag in marked.flags {
                self.push_flag(symbol, flag);
            }
        }
    }
}

impl Marked<'_> {
    fn is_said_of(&self, kind: &str) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }
}
