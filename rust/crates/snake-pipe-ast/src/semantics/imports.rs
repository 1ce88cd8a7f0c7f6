//! Imports: rows and the names they bind.
//!
//! Belongs here: the action `import`. Does not: `require` (`commonjs`), which file a module is.

use std::borrow::Cow;

use crate::mapping::{Binds, Hoist, Import, ScopeKind};
use crate::path::{ANCESTORS, At, Item, Paths, unquoted};
use crate::rows::{ImportRow, Rows};
use crate::tape::Tag;
use crate::tree::NodeId;

use super::scopes::{Declaration, Meaning, Surroundings};
use super::{NONE, Pass, TOLD, Text};

/// A row of `imports`, not yet written.
#[derive(Clone, Copy, Debug)]
pub(super) struct ImportRecord {
    pub(super) node: NodeId,
    scope: u32,
    pub(super) symbol: u32,
    module: Text,
    imported: Text,
    alias: Text,
    level: i32,
    kind: &'static str,
    is_conditional: bool,
}

/// Without one pair of quotes.
pub(super) fn plain(text: Cow<'_, str>, unquote: bool) -> Cow<'_, str> {
    if unquote { unquoted(text) } else { text }
}

/// Go names a package by the last segment of its path that is no version.
fn go_package(module: &str) -> &str {
    let is_version = |text: &str| {
        text.strip_prefix('v')
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let mut segments = module.rsplit('/');
    let last = segments.next().unwrap_or("");
    let last = if is_version(last) {
        segments.next().unwrap_or(last)
    } else {
        last
    };
    match last.rsplit_once('.') {
        Some((name, version)) if is_version(version) => name,
        _ => last,
    }
}

/// A module's text before its last segment, and that segment.
fn split_last<'t>(text: Cow<'t, str>, separator: &str) -> (Cow<'t, str>, Cow<'t, str>) {
    let start = if text.starts_with(separator) {
        separator.len()
    } else {
        0
    };
    let (before, last) = match text[start..].rfind(separator) {
        Some(at) => (start..start + at, start + at + separator.len()),
        None => (0..0, start),
    };
    match text {
        Cow::Borrowed(text) => (Cow::Borrowed(&text[before]), Cow::Borrowed(&text[last..])),
        Cow::Owned(text) => (
            Cow::Owned(text[before].to_owned()),
            Cow::Owned(text[last..].to_owned()),
        ),
    }
}

impl<'m, 'c> Pass<'m, 'c, '_> {
    /// The elements that an action is about: those of `each`, or the node itself.
    pub(super) fn elements(
        each: Option<&Paths>,
        at: &At<'m, 'c>,
        node: NodeId,
        into: &mut Vec<Item>,
    ) {
        match each {
            Some(each) => each.alternatives(at, node, into),
            None => into.push(Item::Node(node)),
        }
    }

    /// The text of a path at an element; an element that is no node is its own text.
    pub(super) fn element_text(
        paths: &Paths,
        at: &At<'m, 'c>,
        element: Item,
        node: NodeId,
    ) -> Option<Cow<'c, str>> {
        if paths.is_empty() {
            return None;
        }
        paths.text_from(at, element, node)
    }

    pub(super) fn import(
        &mut self,
        import: &'m Import,
        at: &At<'m, 'c>,
        node: NodeId,
        inside: Surroundings,
    ) {
        let mut elements = Vec::new();
        Self::elements(import.each.as_ref(), at, node, &mut elements);
        let separator = &*self.mapping.modules.separator;
        for element in elements {
            let row_node = if let Item::Node(element) = element {
                element
            } else {
                node
            };
            let text = |paths: &'m Paths| Self::element_text(paths, at, element, node);
            let module = text(&import.module).map(unquoted).unwrap_or_default();
            let imported = match text(&import.imported) {
                Some(text) => plain(text, import.unquote),
                None => Cow::Borrowed(import.imported_default.as_deref().unwrap_or("")),
            };
            let alias = plain(text(&import.alias).unwrap_or_default(), import.unquote);
            let mut kind = import
                .kind_when
                .iter()
                .find(|(when, _)| when.holds(at, row_node))
                .map_or(import.kind, |(_, kind)| *kind);
            if import
                .wildcard
                .as_deref()
                .is_some_and(|all| all == imported || all == alias)
            {
                kind = "wildcard";
            }
            let (module, imported) = if import.is_split
                && !matches!(kind, "wildcard" | "include")
                && imported.is_empty()
            {
                split_last(module, separator)
            } else {
                (module, imported)
            };
            let binds = import.binds.unwrap_or(match kind {
                "symbol" | "type" => Binds::AliasOrImported,
                "module" => Binds::Alias,
                _ => Binds::Nothing,
            });
            let bound: &str = match (kind, binds) {
                ("wildcard" | "side_effect", _) | (_, Binds::Nothing) => "",
                (_, Binds::Alias) => &alias,
                _ if !alias.is_empty() => &alias,
                (_, Binds::AliasOrImported) => &imported,
                (_, Binds::FirstSegment) => module
                    .split(separator)
                    .find(|part| !part.is_empty())
                    .unwrap_or(""),
                (_, Binds::LastSegment) => module
                    .rsplit(separator)
                    .find(|part| !part.is_empty())
                    .unwrap_or(""),
                (_, Binds::GoPackage) => go_package(&module),
            };
            let level =
                import
                    .level
                    .first_from(at, element, node)
                    .map_or(import.level_default, |item| match item {
                        Item::Value(value)
                            if matches!(self.cx.tape.tag(value), Tag::Int | Tag::Number) =>
                        {
                            self.cx
                                .tape
                                .as_i64(value)
                                .and_then(|level| i32::try_from(level).ok())
                                .unwrap_or(0)
                        }
                        item => at.text(item).map_or(0, |text| {
                            text.bytes().filter(|byte| *byte == b'.').count() as i32
                        }),
                    });
            let imported = if matches!(kind, "wildcard" | "include") {
                "*"
            } else {
                &*imported
            };
            self.push_import(row_node, &module, imported, bound, level, kind, inside);
        }
        self.mark_subtree(node, TOLD);
    }

    /// Record an import and bind its name, if it has one.
    pub(super) fn push_import(
        &mut self,
        node: NodeId,
        module: &str,
        imported: &str,
        alias: &str,
        level: i32,
        kind: &'static str,
        inside: Surroundings,
    ) {
        let scope = self.hoisted(inside.scope, Hoist::Scope);
        let record = ImportRecord {
            node,
            scope,
            symbol: inside.symbol,
            module: self.s.texts.intern(module),
            imported: self.s.texts.intern(imported),
            alias: self.s.texts.intern(alias),
            level,
            kind,
            is_conditional: self.is_conditional(node, scope),
        };
        self.s.has_open_names |= matches!(kind, "wildcard" | "include");
        let index = self.s.imports.len() as u32;
        self.s.imports.push(record);
        if !alias.is_empty() {
            let declaration = Declaration::of(Meaning::Import(index), NONE);
            self.bind_name(scope, record.alias, node, declaration);
        }
    }

    fn is_conditional(&self, node: NodeId, scope: u32) -> bool {
        let mut at = scope;
        for _ in 0..ANCESTORS {
            if at == NONE {
                break;
            }
            let here = &self.s.scopes[at as usize];
            if here.kind == ScopeKind::Function {
                return true;
            }
            at = here.parent;
        }
        let tree = self.cx.tree;
        let conditional = &self.mapping.scopes.conditional;
        !conditional.is_empty()
            && tree
                .ancestors(node)
                .take(ANCESTORS)
                .any(|above| conditional.contains(&tree.kind(above)))
    }

    pub(super) fn write_imports(&self, rows: &mut impl Rows) {
        let mut written = super::NumberSet::default();
        for import in &self.s.imports {
            // One row for each key of the table.
            if !written.insert((import.node.0, import.imported, import.alias)) {
                continue;
            }
            rows.import(&ImportRow {
                node: import.node,
                scope_id: self.s.scopes[import.scope as usize].node,
                symbol_id: self.s.symbols[import.symbol as usize].id,
                module: self.s.texts.text(import.module),
                imported_name: self.s.texts.text(import.imported),
                alias: self.s.texts.text(import.alias),
                level: import.level,
                kind: import.kind,
                is_conditional: import.is_conditional,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::go_package;

    #[test]
    fn the_last_segment_is_imported() {
        let split = |text: &'static str| super::split_last(text.into(), "::");
        assert_eq!(split("a::b::c"), ("a::b".into(), "c".into()));
        assert_eq!(split("::a"), ("".into(), "a".into()));
        assert_eq!(split("a"), ("".into(), "a".into()));
    }

    #[test]
    fn versions_name_no_package() {
        assert_eq!(go_package("fmt"), "fmt");
        assert_eq!(go_package("github.com/gin-gonic/gin/v2"), "gin");
        assert_eq!(go_package("gopkg.in/yaml.v3"), "yaml");
    }
}
