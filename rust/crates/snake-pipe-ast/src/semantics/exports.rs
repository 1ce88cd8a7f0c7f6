//! Exports: rows and the flag on what they export.
//!
//! Belongs here: the action `export`. Does not: `module.exports` (`commonjs`).

use std::borrow::Cow;

use crate::mapping::Export;
use crate::path::{At, Item, unquoted};
use crate::rows::{ExportRow, Rows};
use crate::tree::NodeId;

use super::chains::Origin;
use super::imports::plain;
use super::scopes::{Meaning, Mode, Surroundings};
use super::{NONE, Pass, TOLD, Text};

/// Keys of the rows written: one row for each.
type Written = super::NumberSet<(u32, Text, Text)>;

/// A row of `exports`, not yet written.
#[derive(Clone, Copy, Debug)]
pub(super) struct ExportRecord {
    pub(super) node: NodeId,
    pub(super) kind: &'static str,
    pub(super) exported: Text,
    pub(super) local: Text,
    pub(super) module: Text,
    pub(super) scope: u32,
    /// `declared`: the node whose declarations are exported.
    pub(super) declared: Option<NodeId>,
    /// Nodes whose symbol is exported, if they made one: the first that did; `NONE`: no such node.
    pub(super) made_by: [u32; 2],
}

impl<'m, 'c> Pass<'m, 'c, '_> {
    pub(super) fn export(
        &mut self,
        export: &'m Export,
        at: &At<'m, 'c>,
        node: NodeId,
        inside: Surroundings,
    ) {
        let kind_at = |element: NodeId| {
            export
                .kind_when
                .iter()
                .find(|(when, _)| when.holds(at, element))
                .map_or(export.kind, |(_, kind)| *kind)
        };
        if let Some(declared) = &export.declared {
            let mut items = Vec::new();
            declared.alternatives(at, node, &mut items);
            for item in items {
                if let Item::Node(child) = item {
                    self.s.exports.push(ExportRecord {
                        node,
                        kind: kind_at(node),
                        exported: NONE,
                        local: NONE,
                        module: 0,
                        scope: inside.scope,
                        declared: Some(child),
                        made_by: [NONE; 2],
                    });
                }
            }
            return;
        }
        let mut elements = Vec::new();
        Self::elements(export.each.as_ref(), at, node, &mut elements);
        for element in elements {
            let row_node = if let Item::Node(element) = element {
                element
            } else {
                node
            };
            let kind = kind_at(row_node);
            let exported = match Self::element_text(&export.exported, at, element, node) {
                Some(text) => plain(text, export.unquote),
                None => Cow::Borrowed(export.exported_default.as_deref().unwrap_or("")),
            };
            let exported = if kind == "default" && exported.is_empty() {
                Cow::Borrowed("default")
            } else {
                exported
            };
            let module = Self::element_text(&export.module, at, element, node).unwrap_or_default();
            let module = self.text(&unquoted(module));
            let local = self.local_text(export, at, element, node);
            let local = plain(local, export.unquote);
            for paths in [&export.exported, &export.local] {
                if let Item::Node(element) = element
                    && let Some(holder) = paths.holder(at, element)
                    && holder != node
                {
                    self.mark(holder, TOLD);
                }
            }
            let (exported, local) = (self.text(&exported), self.text(&local));
            self.s.exports.push(ExportRecord {
                node: row_node,
                kind,
                exported,
                local,
                module,
                scope: inside.scope,
                declared: None,
                made_by: [NONE; 2],
            });
        }
    }

    fn local_text(
        &mut self,
        export: &'m Export,
        at: &At<'m, 'c>,
        element: Item,
        node: NodeId,
    ) -> Cow<'c, str> {
        let default = || Cow::Owned(export.local_default.as_deref().unwrap_or("").to_owned());
        let Some(item) = export.local.first_from(at, element, node) else {
            return default();
        };
        if let Item::Node(local) = item
            && local != node
        {
            let chain = self.read_chain(at, item);
            if chain.origin != Origin::Dynamic {
                self.tell_chain();
                return Cow::Owned(self.chain_text(&chain));
            }
        }
        at.text(item).unwrap_or_else(default)
    }

    pub(super) fn write_exports(&mut self, rows: &mut impl Rows) {
        let exports = std::mem::take(&mut self.s.exports);
        // What was declared, by node, to find what lies in a subtree.
        let mut declared = std::mem::take(&mut self.s.declared);
        if exports.iter().any(|export| export.declared.is_some()) {
            declared.sort_by_key(|&(_, node, _)| node);
        }
        let mut names: Vec<Text> = Vec::new();
        let mut seen: super::NumberSet<Text> = super::NumberSet::default();
        let mut written = Written::default();
        for export in &exports {
            names.clear();
            seen.clear();
            if let Some(child) = export.declared {
                let from = declared.partition_point(|&(_, node, _)| node < child);
                let to = declared.partition_point(|&(_, node, _)| node < self.cx.tree.end(child));
                for &(scope, _, name) in &declared[from..to] {
                    if scope == export.scope && seen.insert(name) {
                        names.push(name);
                    }
                }
                if export.kind == "default" {
                    names.truncate(1);
                }
            } else {
                names.push(export.local);
            }
            for &local in &names {
                self.write_export(export, local, &mut written, rows);
            }
        }
        self.s.exports = exports;
        self.s.declared = declared;
    }

    fn write_export(
        &mut self,
        export: &ExportRecord,
        local: Text,
        written: &mut Written,
        rows: &mut impl Rows,
    ) {
        let made = export
            .made_by
            .iter()
            .find_map(|node| self.s.made.get(node).copied());
        let mut symbol = made.unwrap_or(NONE);
        let local = made.map_or(local, |made| self.s.symbols[made as usize].name);
        let mut import_node = None;
        if self.s.texts.text(export.module).is_empty() && symbol == NONE {
            let text = self.s.texts.text(local);
            let root = text.split('.').next().unwrap_or("").trim_end_matches("()");
            let is_whole = root.len() == text.len();
            let binding = self
                .s
                .texts
                .find(root)
                .filter(|_| !root.is_empty())
                .and_then(|root| self.look_up(export.scope, root, Mode::Value));
            match binding.map(|binding| (binding.meaning, binding.symbol)) {
                Some((Meaning::Import(index), _)) => {
                    import_node = Some(self.s.imports[index as usize].node);
                }
                Some((Meaning::Symbol(index), _)) if is_whole => symbol = index,
                _ => {}
            }
        }
        if symbol != NONE {
            self.flag(symbol, "exported");
        }
        let exported = match export.declared {
            None => export.exported,
            Some(_) if export.kind == "default" => self.text("default"),
            Some(_) => local,
        };
        if !written.insert((export.node.0, exported, local)) {
            return;
        }
        let texts = &self.s.texts;
        rows.export(&ExportRow {
            node: export.node,
            kind: export.kind,
            exported_name: texts.text(exported),
            local_name: texts.text(local),
            module: texts.text(export.module),
            symbol_id: (symbol != NONE).then(|| self.s.symbols[symbol as usize].id),
            import_node,
        });
    }
}
