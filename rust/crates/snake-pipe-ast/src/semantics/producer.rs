//! What the producer itself says a name means, by ids of its own.
//!
//! Belongs here: `[producer]`: which symbol an id stands for, the id of a use. Does not: targets in
//! other documents (resolve joins those by `target_key`).

use std::borrow::Cow;
use std::collections::HashMap;

use crate::mapping::ProducerScope;
use crate::path::Paths;
use crate::tree::NodeId;

use super::chains::Chain;
use super::{NONE, Pass};

/// The producer's ids of a document's symbols.
#[derive(Debug, Default)]
pub(super) struct Produced {
    /// By id: index and id of the symbol.
    symbols: HashMap<Box<str>, (u32, i64)>,
    /// By symbol, if ids are those of the whole source.
    keys: HashMap<u32, Box<str>>,
}

impl Produced {
    pub(super) fn key_of(&self, symbol: u32) -> Option<&str> {
        if self.keys.is_empty() {
            return None;
        }
        self.keys.get(&symbol).map(|key| &**key)
    }
}

impl<'c> Pass<'_, 'c, '_> {
    /// Ids of all symbols, when these have theirs.
    pub(super) fn produce(&self) -> Produced {
        let mut produced = Produced::default();
        let Some(producer) = &self.mapping.producer else {
            return produced;
        };
        self.collect(&producer.id, &mut produced);
        if producer.scope == ProducerScope::Source {
            let keys = produced.symbols.iter();
            produced.keys = keys
                .map(|(key, &(symbol, _))| (symbol, key.clone()))
                .collect();
        }
        for &(node, symbol) in &self.s.again {
            self.learn(&producer.id, node, symbol, &mut produced);
        }
        self.collect(&producer.also, &mut produced);
        produced
    }

    fn collect(&self, paths: &Paths, into: &mut Produced) {
        if paths.is_empty() {
            return;
        }
        for (index, symbol) in self.s.symbols.iter().enumerate() {
            if symbol.is_phantom {
                continue;
            }
            self.learn(paths, symbol.node, index as u32, into);
        }
    }

    /// The id at a node is a symbol's, unless it is another's.
    fn learn(&self, paths: &Paths, node: NodeId, symbol: u32, into: &mut Produced) {
        let at = self.at(node, self.s.scope_of[node.index()]);
        if let Some(text) = paths.text(&at, node)
            && !text.is_empty()
        {
            into.symbols
                .entry(text.into())
                .or_insert((symbol, self.s.symbols[symbol as usize].id));
        }
    }

    /// The id that the last name of a chain has.
    pub(super) fn target_key(&self, chain: &Chain) -> Option<Cow<'c, str>> {
        let producer = self.mapping.producer.as_ref()?;
        if chain.last == NONE {
            return None;
        }
        let node = NodeId(chain.last);
        let at = self.at(node, self.s.scope_of[node.index()]);
        let mut items = Vec::new();
        producer.reference.all(&at, node, &mut items);
        let mut texts = items
            .into_iter()
            .filter_map(|item| at.text(item))
            // Ids below zero are the language's own.
            .filter(|text| !text.is_empty() && !text.starts_with('-'));
        let first = texts.next()?;
        if self.produced.symbols.contains_key(&*first) {
            return Some(first);
        }
        let known = texts.find(|text| self.produced.symbols.contains_key(&**text));
        Some(known.unwrap_or(first))
    }

    /// The symbol of an id, or the id for other documents to know.
    pub(super) fn target<'k>(&self, key: Option<&'k str>) -> (Option<i64>, Option<&'k str>) {
        let (Some(key), Some(producer)) = (key, &self.mapping.producer) else {
            return (None, None);
        };
        match self.produced.symbols.get(key) {
            Some(&(_, id)) => (Some(id), None),
            None if producer.scope == ProducerScope::Source => (None, Some(key)),
            None => (None, None),
        }
    }
}
