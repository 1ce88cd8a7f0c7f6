//! A dialect's mapping, compiled.
//!
//! Belongs here: the tables `kinds`, `scopes`, `modules`, `patterns`, `chains`, `constructs`,
//! `types` and `rule` of `docs/reference/mapping.md`, as the dialect writes them and as the engine
//! looks them up (by the number of the native kind).
//! Does not: `detect` and `frame` (`frame`), `nodes` (`tree`), `positions`; applying rules
//! (`semantics`).

mod compile;
pub mod layers;
mod raw;

use std::borrow::Cow;
use std::collections::HashSet;

use serde::Deserialize;

use crate::intern::KindId;
use crate::path::{ANCESTORS, At, Item, Paths, unquoted};
use crate::predicate::{Predicate, Slots};
use crate::semantics::commonjs::Words;
use crate::tree::{Context, NodeId};

pub use compile::compile_path;

/// Canonical kinds, as `model/kinds.py` lists them.
pub const KINDS: [&str; 44] = [
    "repository",
    "package",
    "directory",
    "file",
    "module",
    "namespace",
    "class",
    "interface",
    "trait",
    "struct",
    "union",
    "enum",
    "enum_member",
    "type_alias",
    "type_parameter",
    "contract",
    "function",
    "method",
    "constructor",
    "lambda",
    "macro",
    "modifier",
    "variable",
    "constant",
    "field",
    "property",
    "parameter",
    "event",
    "block",
    "control_structure",
    "call",
    "identifier",
    "literal",
    "return",
    "import",
    "annotation",
    "comment",
    "type",
    "operator",
    "expression",
    "statement",
    "pattern",
    "token",
    "unknown",
];

/// What a scope is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScopeKind {
    /// The document, a namespace.
    Module,
    /// A type's members.
    Class,
    /// A callable's parameters and body.
    Function,
    /// A block of statements.
    Block,
    /// A comprehension.
    Comprehension,
}

/// How far names move when they are bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Hoist {
    /// To the innermost scope that is not a block.
    #[default]
    Scope,
    /// Not at all.
    Block,
    /// Out of blocks and comprehensions.
    Function,
}

/// Which names of a class are visible by bare name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ClassMembers {
    /// Directly in the class body.
    Body,
    /// Nowhere.
    #[default]
    Never,
    /// Everywhere in the class.
    Always,
}

/// How visibility is told from a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Visibility {
    Underscore,
    Hash,
    Modifiers,
    Capital,
    Public,
}

/// What an import binds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Binds {
    AliasOrImported,
    FirstSegment,
    LastSegment,
    GoPackage,
    Alias,
    Nothing,
}

/// How a node counts in cognitive complexity.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Cognitive {
    Nested,
    Flat,
}

/// Where `names` moves names to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outward {
    Module,
    Function,
}

/// How far a producer's own ids reach.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ProducerScope {
    /// They mean something in their artifact alone, and may be others next time.
    Artifact,
    /// They are unique in what was compiled together.
    Source,
}

/// Built-in procedures.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Procedure {
    Commonjs,
}

/// What symbol strings begin with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Namespace {
    Path,
    Package,
}

/// Words that set the visibility wherever they stand among modifiers.
pub(crate) const VISIBILITIES: [&str; 5] =
    ["public", "protected", "private", "package", "internal"];

/// Canonical kind and name of a native kind.
#[derive(Debug)]
pub(crate) struct NamedKind {
    pub(crate) kind: &'static str,
    pub(crate) when: Box<[(Predicate, &'static str)]>,
    pub(crate) name: Paths,
    pub(crate) unquote: bool,
    pub(crate) prefix: Option<Box<str>>,
    /// Characters taken off both ends.
    pub(crate) strip: Box<str>,
}

impl NamedKind {
    /// Whether the text found is not the name yet.
    #[inline]
    pub(crate) fn changes_text(&self) -> bool {
        self.unquote || self.prefix.is_some() || !self.strip.is_empty()
    }

    /// The name, from the text found: stripped, unquoted, prefixed.
    pub(crate) fn change<'t>(&self, text: Cow<'t, str>) -> Cow<'t, str> {
        let mut text = text;
        if !self.strip.is_empty() {
            let is_stripped = |character| self.strip.contains(character);
            text = match text {
                Cow::Borrowed(text) => Cow::Borrowed(text.trim_matches(is_stripped)),
                Cow::Owned(text) => Cow::Owned(text.trim_matches(is_stripped).to_owned()),
            };
        }
        if self.unquote {
            text = unquoted(text);
        }
        match &self.prefix {
            Some(prefix) => Cow::Owned(format!("{prefix}{text}")),
            None => text,
        }
    }
}

/// How a member access is read.
#[derive(Debug)]
pub(crate) struct Member {
    /// Empty: the object is the class around.
    pub(crate) object: Paths,
    pub(crate) name: Paths,
    when: Predicate,
    unless: Option<Predicate>,
    /// The node is the member and a call of it.
    pub(crate) is_call: bool,
}

impl Member {
    /// Whether the node is such a member access.
    #[inline]
    pub(crate) fn applies(&self, at: &At<'_, '_>, node: NodeId) -> bool {
        self.when.holds(at, node)
            && !self
                .unless
                .as_ref()
                .is_some_and(|unless| unless.holds(at, node))
    }
}

/// What a mapping says of one native kind.
#[derive(Debug, Default)]
pub(crate) struct KindFacts {
    pub(crate) named: Option<NamedKind>,
    pub(crate) leaf: Option<Paths>,
    pub(crate) inner: Option<Paths>,
    pub(crate) pattern_member: Vec<Member>,
    pub(crate) root: Option<Paths>,
    pub(crate) member: Vec<Member>,
    pub(crate) call: Option<Paths>,
    pub(crate) through: Option<Paths>,
    pub(crate) is_self: bool,
    pub(crate) is_super: bool,
    pub(crate) construct: Option<Paths>,
    pub(crate) type_through: Option<Paths>,
    pub(crate) type_string: Option<Paths>,
    pub(crate) type_union: Option<Paths>,
    pub(crate) rules: Box<[u32]>,
    pub(crate) opens_scope: bool,
    /// Whether a rule's scope goes on after the node.
    pub(crate) follows: bool,
}

/// Docstring of a define or bind.
#[derive(Debug)]
pub(crate) struct Docstring {
    pub(crate) path: Paths,
    pub(crate) when: Predicate,
}

/// What defines and binds have in common.
#[derive(Debug)]
pub(crate) struct Traits {
    pub(crate) flags: Box<[(Box<str>, Predicate)]>,
    pub(crate) modifiers: Paths,
    pub(crate) visibility: Visibility,
    pub(crate) visibility_default: &'static str,
    pub(crate) visibility_when: Box<[(Predicate, &'static str)]>,
    pub(crate) docstring: Option<Docstring>,
}

#[derive(Debug)]
pub(crate) struct Define {
    pub(crate) kind: &'static str,
    pub(crate) name: Paths,
    pub(crate) name_default: Option<Box<str>>,
    pub(crate) unquote: bool,
    pub(crate) kind_in: Box<[(ScopeKind, &'static str)]>,
    pub(crate) kind_named: Box<[(Box<str>, &'static str)]>,
    pub(crate) kind_when: Box<[(Predicate, &'static str)]>,
    pub(crate) container: Option<Paths>,
    /// Kind of what stands for a container that the document does not declare.
    pub(crate) stand_in: Option<&'static str>,
    /// It adds to the type of its name.
    pub(crate) extends: bool,
    /// Its string begins with the document's own symbol.
    pub(crate) apart: Option<Predicate>,
    /// Where it holds, the node merely declares what may be defined elsewhere.
    pub(crate) declaration: Option<Predicate>,
    pub(crate) traits: Traits,
    pub(crate) parameters: Option<Paths>,
    pub(crate) parameter_name: Paths,
    pub(crate) value: Paths,
    pub(crate) r#type: Paths,
    /// Whether the name is visible in the scope.
    pub(crate) is_bound: bool,
    pub(crate) hoist: Hoist,
}

#[derive(Debug)]
pub(crate) struct Bind {
    pub(crate) targets: Paths,
    pub(crate) kind: &'static str,
    pub(crate) value: Paths,
    pub(crate) r#type: Paths,
    pub(crate) hoist: Hoist,
    pub(crate) value_defines: Box<[(KindId, &'static str, Predicate)]>,
    pub(crate) traits: Traits,
}

#[derive(Debug)]
pub(crate) struct Import {
    pub(crate) each: Option<Paths>,
    pub(crate) module: Paths,
    pub(crate) imported: Paths,
    pub(crate) imported_default: Option<Box<str>>,
    pub(crate) alias: Paths,
    pub(crate) level: Paths,
    /// Where the paths yield none.
    pub(crate) level_default: i32,
    /// The module's last segment is the imported name.
    pub(crate) is_split: bool,
    pub(crate) kind: &'static str,
    pub(crate) kind_when: Box<[(Predicate, &'static str)]>,
    pub(crate) binds: Option<Binds>,
    pub(crate) wildcard: Option<Box<str>>,
    pub(crate) unquote: bool,
}

#[derive(Debug)]
pub(crate) struct Export {
    pub(crate) each: Option<Paths>,
    pub(crate) exported: Paths,
    pub(crate) exported_default: Option<Box<str>>,
    pub(crate) local: Paths,
    pub(crate) local_default: Option<Box<str>>,
    pub(crate) module: Paths,
    pub(crate) kind: &'static str,
    pub(crate) kind_when: Box<[(Predicate, &'static str)]>,
    pub(crate) declared: Option<Paths>,
    pub(crate) unquote: bool,
}

#[derive(Debug)]
pub(crate) struct Reference {
    pub(crate) role: &'static str,
    pub(crate) role_when: Box<[(Predicate, &'static str)]>,
    pub(crate) each: Option<Paths>,
    pub(crate) target: Paths,
    pub(crate) arguments: Option<Paths>,
    pub(crate) patterns: bool,
}

/// What a node says of symbols that are not its own.
#[derive(Debug)]
pub(crate) struct Mark {
    pub(crate) path: Paths,
    /// Of these names; absent: of all that are declared after the node in its scope.
    pub(crate) names: Option<Paths>,
    /// Only symbols of these kinds; empty: of any.
    pub(crate) kinds: Box<[&'static str]>,
}

#[derive(Debug)]
pub(crate) struct Complexity {
    pub(crate) cyclomatic: u32,
    pub(crate) cognitive: Option<Cognitive>,
    pub(crate) nests: bool,
    pub(crate) count: Option<Paths>,
}

/// One `[[rule]]`.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) when: Predicate,
    pub(crate) scope: Option<ScopeKind>,
    pub(crate) outer: Paths,
    pub(crate) own_self: bool,
    /// The scope holds what stands after the node among its siblings.
    pub(crate) following: bool,
    pub(crate) define: Option<Define>,
    pub(crate) bind: Box<[Bind]>,
    pub(crate) names: Option<(Paths, Outward)>,
    pub(crate) mark: Option<Mark>,
    pub(crate) import: Box<[Import]>,
    pub(crate) export: Box<[Export]>,
    pub(crate) reference: Box<[Reference]>,
    pub(crate) types: Box<[(Paths, &'static str)]>,
    pub(crate) complexity: Option<Complexity>,
    pub(crate) procedure: Option<Procedure>,
    pub(crate) is_final: bool,
}

/// `[scopes]`
#[derive(Debug)]
pub(crate) struct Scopes {
    pub(crate) class_members: ClassMembers,
    pub(crate) first_parameter: bool,
    pub(crate) super_call: Option<Box<str>>,
    pub(crate) self_names: Box<[Box<str>]>,
    pub(crate) super_names: Box<[Box<str>]>,
    pub(crate) implicit_self: bool,
    /// Methods have names of their own: bare calls see them and imports alone.
    pub(crate) methods_apart: bool,
    pub(crate) builtins: HashSet<Box<str>>,
    pub(crate) conditional: Box<[KindId]>,
}

/// `[modules]`
#[derive(Debug)]
pub(crate) struct Modules {
    pub(crate) separator: Box<str>,
    pub(crate) join: Box<str>,
    pub(crate) namespace: Namespace,
    pub(crate) drop_extensions: Box<[Box<str>]>,
    /// Longest first.
    pub(crate) roots: Box<[Box<str>]>,
    pub(crate) index: Box<[Box<str>]>,
    pub(crate) document_kind: &'static str,
    /// Absent: the directory of the module.
    pub(crate) package: Option<Paths>,
    /// Documents that are one of several variants of the same declarations.
    pub(crate) apart_when: Option<Predicate>,
    /// The same, told by the end of the file name less its extension.
    pub(crate) apart_suffixes: Box<[Box<str>]>,
}

/// `[types] unwrap`, `opaque` and `slots`
#[derive(Debug, Default)]
pub(crate) struct Types {
    pub(crate) unwrap: HashSet<Box<str>>,
    pub(crate) argument: Box<[Paths]>,
    pub(crate) opaque: HashSet<Box<str>>,
    /// Where given, texts hold several names, and these words among them are none.
    pub(crate) words: Option<HashSet<Box<str>>>,
    /// Where a type that is a text ends.
    pub(crate) stop: Option<Box<str>>,
    /// Parents and fields in which chains of types begin; empty: everywhere.
    pub(crate) slots: Slots,
}

/// `[producer]`: ids by which the producer says what a name means
#[derive(Debug)]
pub(crate) struct Producer {
    pub(crate) id: Paths,
    pub(crate) also: Paths,
    pub(crate) reference: Paths,
    pub(crate) scope: ProducerScope,
}

/// A compiled mapping: everything but how to find and lay out the tree.
#[derive(Debug)]
pub struct Mapping {
    facts: Vec<KindFacts>,
    pub(crate) anonymous: &'static str,
    pub(crate) rules: Vec<Rule>,
    pub(crate) scopes: Scopes,
    pub(crate) modules: Modules,
    pub(crate) types: Types,
    pub(crate) producer: Option<Producer>,
    extras: Box<[KindId]>,
    /// Splits the texts of chain roots besides dots.
    pub(crate) chain_separator: Option<Box<str>>,
    /// Names that patterns do not bind.
    pub(crate) ignored: HashSet<Box<str>>,
    pub(crate) commonjs: Option<Words>,
}

impl Mapping {
    #[inline]
    pub(crate) fn facts(&self, kind: KindId) -> Option<&KindFacts> {
        self.facts.get(kind.index())
    }

    #[inline]
    pub(crate) fn named_kind(&self, kind: KindId) -> Option<&NamedKind> {
        self.facts(kind)?.named.as_ref()
    }

    pub(crate) fn is_extra(&self, kind: KindId) -> bool {
        self.extras.contains(&kind)
    }

    /// Whether `[kinds]` names the native kind.
    #[must_use]
    pub fn is_listed(&self, kind: KindId) -> bool {
        self.named_kind(kind).is_some()
    }

    /// Canonical kind of a node: what `[kinds]` says, `kind_when` applied; `unknown` if nothing.
    #[inline]
    #[must_use]
    pub fn kind(&self, cx: &Context<'_>, node: NodeId) -> &'static str {
        if !cx.tree.is_named(node) {
            return self.anonymous;
        }
        match self.named_kind(cx.tree.kind(node)) {
            Some(named) if named.when.is_empty() => named.kind,
            Some(named) => {
                let at = At {
                    mapping: self,
                    cx,
                    rule_node: node,
                    scope: None,
                };
                named
                    .when
                    .iter()
                    .find(|(when, _)| when.holds(&at, node))
                    .map_or(named.kind, |(_, kind)| *kind)
            }
            None => "unknown",
        }
    }

    /// Name of a node (§4), uncut.
    #[inline]
    #[must_use]
    pub fn name<'c>(&self, cx: &'c Context<'c>, node: NodeId) -> Option<Cow<'c, str>> {
        if self.named_kind(cx.tree.kind(node))?.name.is_empty() {
            return None;
        }
        At {
            mapping: self,
            cx,
            rule_node: node,
            scope: None,
        }
        .name(node)
    }

    /// Innermost scope around a node, blocks passed over, told from the tree alone.
    pub(crate) fn scope_around(&self, cx: &Context<'_>, node: NodeId) -> Option<ScopeKind> {
        let mut below = node;
        for above in cx.tree.ancestors(node).take(ANCESTORS) {
            if cx.tree.is_named(above)
                && self
                    .facts(cx.tree.kind(above))
                    .is_some_and(|facts| facts.opens_scope)
                && let Some(scope) = self.scope_of(cx, above, below)
                && scope != ScopeKind::Block
            {
                return Some(scope);
            }
            if above == NodeId::ROOT {
                return Some(ScopeKind::Module);
            }
            below = above;
        }
        (node == NodeId::ROOT).then_some(ScopeKind::Module)
    }

    /// The scope that `above` opens for what is below its child `child`, if it does.
    fn scope_of(&self, cx: &Context<'_>, above: NodeId, child: NodeId) -> Option<ScopeKind> {
        let at = At {
            mapping: self,
            cx,
            rule_node: above,
            scope: None,
        };
        let mut scope = None;
        for &index in &self.facts(cx.tree.kind(above))?.rules {
            let rule = &self.rules[index as usize];
            if (rule.scope.is_none() && rule.outer.is_empty()) || !rule.when.holds(&at, above) {
                continue;
            }
            let mut outer = Vec::new();
            rule.outer.all(&at, above, &mut outer);
            // Deeper outer subtrees (`args.defaults[]`) hold no definitions that ask for this.
            if outer.contains(&Item::Node(child)) {
                return None;
            }
            scope = scope.or(rule.scope);
        }
        scope
    }
}
