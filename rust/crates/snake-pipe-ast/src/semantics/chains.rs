//! Reading chains: `a.b().c` from its last member down to the name it begins with.
//!
//! Belongs here: `[chains]`, and a chain's texts. Does not: what its first name is bound to
//! (`references`).

use crate::mapping::KindFacts;
use crate::path::{At, Item};
use crate::tree::NodeId;

use super::{NONE, Pass, TOLD, Text};

/// Members and calls that a chain is read through; a longer one is dynamic.
const CHAIN_LIMIT: usize = 256;
/// In `steps`: a call of what stands before.
pub(super) const CALL: u32 = u32::MAX;

/// What a chain begins with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Origin {
    Name,
    SelfWord,
    Super,
    Dynamic,
}

/// A chain; its steps after the root are `steps[start..end]`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chain {
    pub(super) origin: Origin,
    /// Text of the root; of a dynamic chain the empty text.
    pub(super) root: Text,
    /// `super()` with its call.
    pub(super) is_super_call: bool,
    /// The root is looked for from the top: `\Foo`, `::foo`.
    pub(super) is_global: bool,
    /// Node of the last name, where the producer may say what it means; `NONE` if there is none.
    pub(super) last: u32,
    pub(super) start: u32,
    pub(super) end: u32,
}

impl<'m, 'c> Pass<'m, 'c, '_> {
    /// What the mapping says of the node's kind; unnamed nodes are not meant.
    #[inline]
    pub(super) fn facts(&self, node: NodeId) -> Option<&'m KindFacts> {
        if !self.cx.tree.is_named(node) {
            return None;
        }
        self.mapping.facts(self.cx.tree.kind(node))
    }

    /// Read a chain from its last member down to the root. The nodes read stay in `chain_nodes`.
    pub(super) fn read_chain(&mut self, at: &At<'m, 'c>, target: Item) -> Chain {
        self.read_target(at, target, false)
    }

    /// As [`Pass::read_chain`]; of the target of a call, a node that is member and call in one is
    /// the member alone.
    pub(super) fn read_target(&mut self, at: &At<'m, 'c>, target: Item, is_call: bool) -> Chain {
        let start = self.s.steps.len();
        self.s.chain_nodes.clear();
        let mut item = target;
        let mut is_super_call = false;
        let mut parts: Text = NONE;
        let mut last = NONE;
        let (origin, root) = loop {
            let node = match item {
                Item::Node(node) => node,
                Item::Value(value) => match self.cx.tape.str(value) {
                    Some(text) => {
                        parts = self.s.texts.intern(text);
                        break (Origin::Name, parts);
                    }
                    None => break (Origin::Dynamic, 0),
                },
                Item::Kind(_) => break (Origin::Dynamic, 0),
            };
            let Some(facts) = self.facts(node) else {
                break (Origin::Dynamic, 0);
            };
            if self.s.steps.len() - start >= CHAIN_LIMIT {
                break (Origin::Dynamic, 0);
            }
            if facts.is_super || self.is_super_call(at, facts, node) {
                is_super_call = !facts.is_super;
                last = if last == NONE { node.0 } else { last };
                self.s.chain_nodes.push(node);
                break (Origin::Super, self.s.texts.intern("super"));
            }
            if facts.is_self {
                last = if last == NONE { node.0 } else { last };
                self.s.chain_nodes.push(node);
                let text = at.text(item);
                break (
                    Origin::SelfWord,
                    self.s.texts.intern(text.as_deref().unwrap_or("this")),
                );
            }
            if let Some(member) = facts.member.iter().find(|one| one.applies(at, node)) {
                let Some(name_item) = member.name.first(at, node) else {
                    break (Origin::Dynamic, 0);
                };
                let Some(name) = self.text_of(at, name_item) else {
                    break (Origin::Dynamic, 0);
                };
                self.s.chain_nodes.push(node);
                last = if last == NONE { node.0 } else { last };
                if let Item::Node(name_node) = name_item {
                    self.s.chain_nodes.push(name_node);
                }
                if member.is_call && !(is_call && item == target) {
                    self.s.steps.push(CALL);
                }
                if member.object.is_empty() {
                    self.s.steps.push(name);
                    break (Origin::SelfWord, self.s.texts.intern("self"));
                }
                match member.object.first(at, node) {
                    Some(object) => {
                        self.s.steps.push(name);
                        item = object;
                    }
                    None => break (Origin::Name, name),
                }
                continue;
            }
            if let Some(call) = &facts.call {
                self.s.chain_nodes.push(node);
                self.s.steps.push(CALL);
                match call.first(at, node) {
                    Some(below) => item = below,
                    None => break (Origin::Dynamic, 0),
                }
                continue;
            }
            if let Some(through) = &facts.through {
                self.s.chain_nodes.push(node);
                match through.first(at, node) {
                    Some(below) => item = below,
                    None => break (Origin::Dynamic, 0),
                }
                continue;
            }
            let Some(root) = &facts.root else {
                break (Origin::Dynamic, 0);
            };
            self.s.chain_nodes.push(node);
            last = if last == NONE { node.0 } else { last };
            match root.text(at, node) {
                Some(text) => {
                    parts = self.s.texts.intern(&text);
                    break (Origin::Name, parts);
                }
                None => break (Origin::Dynamic, 0),
            }
        };
        self.s.steps[start..].reverse();
        let mut chain = Chain {
            origin,
            root,
            is_super_call,
            is_global: false,
            last,
            start: start as u32,
            end: self.s.steps.len() as u32,
        };
        if parts != NONE && self.has_parts(parts) {
            self.split_root(&mut chain);
        }
        if chain.origin == Origin::Name && !chain.is_global {
            chain.origin = self.origin_of(chain.root);
        }
        chain
    }

    /// Whether the text of a root is several names.
    fn has_parts(&self, text: Text) -> bool {
        let text = self.s.texts.text(text);
        match &self.mapping.chain_separator {
            Some(separator) => text.contains('.') || text.contains(&**separator),
            None => text.contains('.'),
        }
    }

    /// A name may be a word for the object or the class above.
    fn origin_of(&self, root: Text) -> Origin {
        let scopes = &self.mapping.scopes;
        if scopes.self_names.is_empty() && scopes.super_names.is_empty() {
            return Origin::Name;
        }
        let text = self.s.texts.text(root);
        if scopes.self_names.iter().any(|name| **name == *text) {
            Origin::SelfWord
        } else if scopes.super_names.iter().any(|name| **name == *text) {
            Origin::Super
        } else {
            Origin::Name
        }
    }

    /// A root `a.b.c` is the name `a` and the members `b`, `c`.
    pub(super) fn split_root(&mut self, chain: &mut Chain) {
        let mut text = self.s.texts.text(chain.root).to_owned();
        if let Some(separator) = &self.mapping.chain_separator {
            if let Some(rest) = text.strip_prefix(&**separator) {
                chain.is_global = true;
                text = rest.to_owned();
            }
            text = text.replace(&**separator, ".");
        }
        let mut parts = text.split('.');
        chain.root = self.s.texts.intern(parts.next().unwrap_or(""));
        let rest: Vec<u32> = self.s.steps.split_off(chain.start as usize);
        for part in parts {
            let part = self.s.texts.intern(part);
            self.s.steps.push(part);
        }
        self.s.steps.extend(rest);
        chain.end = self.s.steps.len() as u32;
    }

    fn is_super_call(&self, at: &At<'m, 'c>, facts: &KindFacts, node: NodeId) -> bool {
        let (Some(name), Some(call)) = (&self.mapping.scopes.super_call, &facts.call) else {
            return false;
        };
        let Some(callee) = call.first_node(at, node) else {
            return false;
        };
        let Some(root) = self.facts(callee).and_then(|facts| facts.root.as_ref()) else {
            return false;
        };
        root.text(at, callee).is_some_and(|text| *text == **name)
    }

    /// The nodes of the chain read last need no reads of their own.
    pub(super) fn tell_chain(&mut self) {
        for index in 0..self.s.chain_nodes.len() {
            let node = self.s.chain_nodes[index];
            self.mark(node, TOLD);
        }
    }

    pub(super) fn push_steps(&self, into: &mut String, steps: &[u32]) {
        for &step in steps {
            if step == CALL {
                into.push_str("()");
            } else {
                if !into.is_empty() {
                    into.push('.');
                }
                into.push_str(self.s.texts.text(step));
            }
        }
    }

    pub(super) fn chain_steps(&self, chain: &Chain) -> &[u32] {
        &self.s.steps[chain.start as usize..chain.end as usize]
    }

    /// The chain as a text.
    pub(super) fn chain_text(&self, chain: &Chain) -> String {
        let mut text = self.s.texts.text(chain.root).to_owned();
        if chain.is_super_call {
            text.push_str("()");
        }
        self.push_steps(&mut text, self.chain_steps(chain));
        text
    }

    pub(super) fn has_calls(&self, chain: &Chain) -> bool {
        self.chain_steps(chain).contains(&CALL)
    }

    /// The text of a step that is a member.
    pub(super) fn member_text(&self, step: u32) -> Option<&str> {
        (step != CALL).then(|| self.s.texts.text(step))
    }

    pub(super) fn is_called(&self, chain: &Chain) -> bool {
        self.chain_steps(chain)
            .last()
            .map_or(chain.is_super_call, |last| *last == CALL)
    }

    /// Last name of a chain that can be read.
    pub(super) fn last_name(&self, chain: &Chain) -> Option<Text> {
        if chain.origin == Origin::Dynamic {
            return None;
        }
        match self.chain_steps(chain).last() {
            None => Some(chain.root),
            Some(&CALL) => None,
            Some(&name) => Some(name),
        }
    }
}
