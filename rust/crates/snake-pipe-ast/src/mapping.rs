//! A dialect's mapping, compiled.
//!
//! Belongs here: the tables `kinds`, `scopes`, `modules`, `patterns`, `chains`, `constructs`,
//! `types` and `rule` of `docs/reference/mapping.md`, as the dialect writes them and as the engine
//! looks them up (by the number of the native kind).
//! Does not: `detect` and `frame` (`frame`), `nodes` (`tree`), `positions`; applying rules
//! (`semantics`).

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;

use crate::intern::{Keys, KindId, Kinds};
use crate::path::{
    ANCESTORS, At, Item, Names, Path, Paths, Predicate, RawPaths, RawWhen, Slots, compile_slots,
};
use crate::semantics::commonjs::Words;
use crate::tree::{Context, NodeId};

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

/// Built-in procedures.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Procedure {
    Commonjs,
}

// ---- as a dialect writes it ------------------------------------------------------------------

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    Many(Vec<T>),
    One(T),
}

impl<T> OneOrMany<T> {
    fn slice(&self) -> &[T] {
        match self {
            OneOrMany::Many(many) => many,
            OneOrMany::One(one) => std::slice::from_ref(one),
        }
    }
}

/// What this module needs of `[nodes]`.
#[derive(Deserialize, Default)]
#[serde(default)]
struct RawNodes {
    extras: Vec<String>,
}

#[derive(Deserialize)]
struct RawMapping {
    #[serde(default)]
    nodes: RawNodes,
    #[serde(default)]
    kinds: BTreeMap<String, RawKind>,
    #[serde(default)]
    scopes: RawScopes,
    #[serde(default)]
    modules: RawModules,
    #[serde(default)]
    patterns: RawPatterns,
    #[serde(default)]
    chains: RawChains,
    #[serde(default)]
    constructs: BTreeMap<String, RawPaths>,
    #[serde(default)]
    types: RawTypes,
    #[serde(default)]
    rule: Vec<RawRule>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawKind {
    Kind(String),
    Table(RawKindTable),
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawKindTable {
    kind: Option<String>,
    name: Option<RawPaths>,
    unquote: bool,
    prefix: Option<String>,
    kind_when: Vec<RawKindWhen>,
    anonymous: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKindWhen {
    when: RawWhen,
    kind: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawSelf {
    Word(String),
    Kinds(Vec<String>),
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawSuper {
    call: Option<String>,
    kinds: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawScopes {
    class_members: ClassMembers,
    #[serde(rename = "self")]
    own: Option<RawSelf>,
    #[serde(rename = "super")]
    parent: RawSuper,
    implicit_self: bool,
    methods_apart: bool,
    builtins: Vec<String>,
    conditional: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawModules {
    separator: String,
    join: Option<String>,
    namespace: Namespace,
    drop_extensions: Vec<String>,
    roots: Vec<String>,
    index: Vec<String>,
    document_kind: String,
    package: RawPaths,
    apart: RawApart,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawApart {
    when: Option<RawWhen>,
    suffixes: Vec<String>,
}

impl Default for RawModules {
    fn default() -> Self {
        RawModules {
            separator: ".".into(),
            join: None,
            namespace: Namespace::Path,
            drop_extensions: Vec::new(),
            roots: Vec::new(),
            index: Vec::new(),
            document_kind: "module".into(),
            package: RawPaths::One("directory".into()),
            apart: RawApart::default(),
        }
    }
}

/// What symbol strings begin with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Namespace {
    Path,
    Package,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMember {
    object: RawPaths,
    name: RawPaths,
    when: Option<RawWhen>,
    unless: Option<RawWhen>,
    #[serde(default)]
    call: bool,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawPatterns {
    leaf: BTreeMap<String, RawPaths>,
    inner: BTreeMap<String, RawPaths>,
    member: BTreeMap<String, OneOrMany<RawMember>>,
    ignore: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawChains {
    root: BTreeMap<String, RawPaths>,
    member: BTreeMap<String, OneOrMany<RawMember>>,
    call: BTreeMap<String, RawPaths>,
    through: BTreeMap<String, RawPaths>,
    #[serde(rename = "self")]
    own: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawUnwrap {
    names: Vec<String>,
    argument: RawPaths,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawTypes {
    through: BTreeMap<String, RawPaths>,
    unwrap: Option<RawUnwrap>,
    opaque: Vec<String>,
    string: BTreeMap<String, RawPaths>,
    union: BTreeMap<String, RawPaths>,
    slots: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    on: Vec<String>,
    when: Option<RawWhen>,
    scope: Option<ScopeKind>,
    outer: Option<RawPaths>,
    #[serde(default)]
    own_self: bool,
    define: Option<RawDefine>,
    bind: Option<OneOrMany<RawBind>>,
    names: Option<RawNames>,
    import: Option<OneOrMany<RawImport>>,
    export: Option<OneOrMany<RawExport>>,
    reference: Option<OneOrMany<RawReference>>,
    #[serde(default)]
    types: Vec<RawTypeUse>,
    complexity: Option<RawComplexity>,
    procedure: Option<Procedure>,
    #[serde(default)]
    r#final: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDocstring {
    path: RawPaths,
    when: Option<RawWhen>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDefine {
    kind: Option<String>,
    name: Option<RawPaths>,
    name_default: Option<String>,
    #[serde(default)]
    unquote: bool,
    #[serde(default)]
    kind_in: BTreeMap<String, String>,
    #[serde(default)]
    kind_named: BTreeMap<String, String>,
    container: Option<RawPaths>,
    apart: Option<RawWhen>,
    #[serde(default)]
    flags: BTreeMap<String, RawWhen>,
    modifiers: Option<RawPaths>,
    visibility: Option<Visibility>,
    visibility_default: Option<String>,
    docstring: Option<RawDocstring>,
    parameters: Option<RawPaths>,
    parameter_name: Option<RawPaths>,
    value: Option<RawPaths>,
    r#type: Option<RawPaths>,
    bind: Option<bool>,
    #[serde(default)]
    hoist: Hoist,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBind {
    targets: RawPaths,
    kind: Option<String>,
    value: Option<RawPaths>,
    r#type: Option<RawPaths>,
    #[serde(default)]
    hoist: Hoist,
    #[serde(default)]
    value_defines: BTreeMap<String, String>,
    #[serde(default)]
    flags: BTreeMap<String, RawWhen>,
    modifiers: Option<RawPaths>,
    visibility: Option<Visibility>,
    visibility_default: Option<String>,
    docstring: Option<RawDocstring>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNames {
    path: RawPaths,
    to: Outward,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawImportWhen {
    when: RawWhen,
    kind: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawImport {
    each: Option<RawPaths>,
    module: Option<RawPaths>,
    imported: Option<RawPaths>,
    imported_default: Option<String>,
    alias: Option<RawPaths>,
    level: Option<RawPaths>,
    kind: Option<String>,
    #[serde(default)]
    kind_when: Vec<RawImportWhen>,
    binds: Option<Binds>,
    wildcard: Option<String>,
    #[serde(default)]
    unquote: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawExport {
    each: Option<RawPaths>,
    exported: Option<RawPaths>,
    exported_default: Option<String>,
    local: Option<RawPaths>,
    local_default: Option<String>,
    module: Option<RawPaths>,
    kind: Option<String>,
    #[serde(default)]
    kind_when: Vec<RawImportWhen>,
    declared: Option<RawPaths>,
    #[serde(default)]
    unquote: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRoleWhen {
    when: RawWhen,
    role: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawReference {
    role: String,
    #[serde(default)]
    role_when: Vec<RawRoleWhen>,
    each: Option<RawPaths>,
    target: Option<RawPaths>,
    arguments: Option<RawPaths>,
    #[serde(default)]
    patterns: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTypeUse {
    path: RawPaths,
    role: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawComplexity {
    #[serde(default)]
    cyclomatic: u32,
    cognitive: Option<Cognitive>,
    #[serde(default)]
    nests: bool,
    count: Option<RawPaths>,
}

// ---- compiled --------------------------------------------------------------------------------

/// Canonical kind and name of a native kind.
#[derive(Debug)]
pub(crate) struct NamedKind {
    pub(crate) kind: &'static str,
    pub(crate) when: Box<[(Predicate, &'static str)]>,
    pub(crate) name: Paths,
    pub(crate) unquote: bool,
    pub(crate) prefix: Option<Box<str>>,
}

/// How a member access is read.
#[derive(Debug)]
pub(crate) struct Member {
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
    pub(crate) container: Option<Paths>,
    /// Its string begins with the document's own symbol.
    pub(crate) apart: Option<Predicate>,
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
    pub(crate) value_defines: Box<[(KindId, &'static str)]>,
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
    pub(crate) define: Option<Define>,
    pub(crate) bind: Box<[Bind]>,
    pub(crate) names: Option<(Paths, Outward)>,
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
    /// Parents and fields in which chains of types begin; empty: everywhere.
    pub(crate) slots: Slots,
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
    extras: Box<[KindId]>,
    /// Names that patterns do not bind.
    pub(crate) ignored: HashSet<Box<str>>,
    pub(crate) commonjs: Option<Words>,
}

fn canonical(kind: &str) -> Result<&'static str, String> {
    KINDS
        .iter()
        .find(|known| **known == kind)
        .copied()
        .ok_or_else(|| format!("`{kind}` is no canonical kind"))
}

fn word(text: &str, words: &[&'static str], what: &str) -> Result<&'static str, String> {
    words
        .iter()
        .find(|known| **known == text)
        .copied()
        .ok_or_else(|| format!("`{text}` is no {what} (known: {})", words.join(", ")))
}

const ROLES: [&str; 11] = [
    "call",
    "instantiate",
    "read",
    "write",
    "inherit",
    "implement",
    "mixin",
    "type",
    "returns",
    "throws",
    "decorate",
];
const IMPORT_KINDS: [&str; 8] = [
    "module",
    "symbol",
    "wildcard",
    "re_export",
    "dynamic",
    "include",
    "type",
    "side_effect",
];
const EXPORT_KINDS: [&str; 5] = ["symbol", "default", "wildcard", "namespace", "equals"];
/// Words that set the visibility wherever they stand among modifiers.
pub(crate) const VISIBILITIES: [&str; 5] =
    ["public", "protected", "private", "package", "internal"];

struct Compiler<'n> {
    names: Names<'n>,
    facts: Vec<KindFacts>,
}

impl Compiler<'_> {
    fn facts(&mut self, kind: &str) -> &mut KindFacts {
        let index = self.names.kinds.kind(kind).index();
        while self.facts.len() <= index {
            self.facts.push(KindFacts::default());
        }
        &mut self.facts[index]
    }

    fn paths(&mut self, raw: Option<&RawPaths>) -> Result<Paths, String> {
        Paths::compile(raw, &mut self.names)
    }

    fn some_paths(&mut self, raw: Option<&RawPaths>) -> Result<Option<Paths>, String> {
        raw.map(|raw| self.paths(Some(raw))).transpose()
    }

    fn when(&mut self, raw: Option<&RawWhen>) -> Result<Predicate, String> {
        Predicate::compile(raw, &mut self.names)
    }

    fn kind_when(
        &mut self,
        raw: &[RawKindWhen],
    ) -> Result<Box<[(Predicate, &'static str)]>, String> {
        raw.iter()
            .map(|one| Ok((self.when(Some(&one.when))?, canonical(&one.kind)?)))
            .collect()
    }

    fn word_when(
        &mut self,
        raw: &[RawImportWhen],
        words: &[&'static str],
        what: &str,
    ) -> Result<Box<[(Predicate, &'static str)]>, String> {
        raw.iter()
            .map(|one| Ok((self.when(Some(&one.when))?, word(&one.kind, words, what)?)))
            .collect()
    }

    fn by_kind(
        &mut self,
        raw: &BTreeMap<String, RawPaths>,
        place: impl Fn(&mut KindFacts) -> &mut Option<Paths>,
    ) -> Result<(), String> {
        for (kind, paths) in raw {
            let paths = self.paths(Some(paths))?;
            *place(self.facts(kind)) = Some(paths);
        }
        Ok(())
    }

    fn members(
        &mut self,
        raw: &BTreeMap<String, OneOrMany<RawMember>>,
        place: impl Fn(&mut KindFacts) -> &mut Vec<Member>,
    ) -> Result<(), String> {
        for (kind, members) in raw {
            for raw in members.slice() {
                let member = Member {
                    object: self.paths(Some(&raw.object))?,
                    name: self.paths(Some(&raw.name))?,
                    when: self.when(raw.when.as_ref())?,
                    unless: raw
                        .unless
                        .as_ref()
                        .map(|one| self.when(Some(one)))
                        .transpose()?,
                    is_call: raw.call,
                };
                place(self.facts(kind)).push(member);
            }
        }
        Ok(())
    }

    fn kind(&mut self, native: &str, raw: &RawKind) -> Result<(), String> {
        let named = match raw {
            RawKind::Kind(kind) => NamedKind {
                kind: canonical(kind)?,
                when: Box::default(),
                name: Paths::default(),
                unquote: false,
                prefix: None,
            },
            RawKind::Table(table) => NamedKind {
                kind: canonical(table.kind.as_deref().unwrap_or("unknown"))?,
                when: self.kind_when(&table.kind_when)?,
                name: self.paths(table.name.as_ref())?,
                unquote: table.unquote,
                prefix: table.prefix.as_deref().map(Into::into),
            },
        };
        self.facts(native).named = Some(named);
        Ok(())
    }

    fn traits(
        &mut self,
        flags: &BTreeMap<String, RawWhen>,
        modifiers: Option<&RawPaths>,
        visibility: Option<Visibility>,
        visibility_default: Option<&String>,
        docstring: Option<&RawDocstring>,
    ) -> Result<Traits, String> {
        Ok(Traits {
            flags: flags
                .iter()
                .map(|(flag, when)| Ok((flag.as_str().into(), self.when(Some(when))?)))
                .collect::<Result<_, String>>()?,
            modifiers: self.paths(modifiers)?,
            visibility: visibility.unwrap_or(Visibility::Public),
            visibility_default: match visibility_default {
                Some(text) => word(text, &VISIBILITIES, "visibility")?,
                None => "public",
            },
            docstring: docstring
                .map(|raw| {
                    Ok::<_, String>(Docstring {
                        path: self.paths(Some(&raw.path))?,
                        when: self.when(raw.when.as_ref())?,
                    })
                })
                .transpose()?,
        })
    }

    fn define(&mut self, raw: &RawDefine) -> Result<Define, String> {
        let scope_kind = |text: &str| match text {
            "module" => Ok(ScopeKind::Module),
            "class" => Ok(ScopeKind::Class),
            "function" => Ok(ScopeKind::Function),
            "block" => Ok(ScopeKind::Block),
            "comprehension" => Ok(ScopeKind::Comprehension),
            _ => Err(format!("`{text}` is no kind of scope")),
        };
        Ok(Define {
            kind: canonical(raw.kind.as_deref().unwrap_or("variable"))?,
            name: self.paths(raw.name.as_ref())?,
            name_default: raw.name_default.as_deref().map(Into::into),
            unquote: raw.unquote,
            kind_in: raw
                .kind_in
                .iter()
                .map(|(scope, kind)| Ok((scope_kind(scope)?, canonical(kind)?)))
                .collect::<Result<_, String>>()?,
            kind_named: raw
                .kind_named
                .iter()
                .map(|(name, kind)| Ok((name.as_str().into(), canonical(kind)?)))
                .collect::<Result<_, String>>()?,
            container: self.some_paths(raw.container.as_ref())?,
            apart: raw
                .apart
                .as_ref()
                .map(|one| self.when(Some(one)))
                .transpose()?,
            traits: self.traits(
                &raw.flags,
                raw.modifiers.as_ref(),
                raw.visibility,
                raw.visibility_default.as_ref(),
                raw.docstring.as_ref(),
            )?,
            parameters: self.some_paths(raw.parameters.as_ref())?,
            parameter_name: self.paths(raw.parameter_name.as_ref())?,
            value: self.paths(raw.value.as_ref())?,
            r#type: self.paths(raw.r#type.as_ref())?,
            is_bound: raw.bind.unwrap_or(true),
            hoist: raw.hoist,
        })
    }

    fn bind(&mut self, raw: &RawBind) -> Result<Bind, String> {
        Ok(Bind {
            targets: self.paths(Some(&raw.targets))?,
            kind: canonical(raw.kind.as_deref().unwrap_or("variable"))?,
            value: self.paths(raw.value.as_ref())?,
            r#type: self.paths(raw.r#type.as_ref())?,
            hoist: raw.hoist,
            value_defines: raw
                .value_defines
                .iter()
                .map(|(native, kind)| Ok((self.names.kinds.kind(native), canonical(kind)?)))
                .collect::<Result<_, String>>()?,
            traits: self.traits(
                &raw.flags,
                raw.modifiers.as_ref(),
                raw.visibility,
                raw.visibility_default.as_ref(),
                raw.docstring.as_ref(),
            )?,
        })
    }

    fn import(&mut self, raw: &RawImport) -> Result<Import, String> {
        Ok(Import {
            each: self.some_paths(raw.each.as_ref())?,
            module: self.paths(raw.module.as_ref())?,
            imported: self.paths(raw.imported.as_ref())?,
            imported_default: raw.imported_default.as_deref().map(Into::into),
            alias: self.paths(raw.alias.as_ref())?,
            level: self.paths(raw.level.as_ref())?,
            kind: word(
                raw.kind.as_deref().unwrap_or("symbol"),
                &IMPORT_KINDS,
                "import kind",
            )?,
            kind_when: self.word_when(&raw.kind_when, &IMPORT_KINDS, "import kind")?,
            binds: raw.binds,
            wildcard: raw.wildcard.as_deref().map(Into::into),
            unquote: raw.unquote,
        })
    }

    fn export(&mut self, raw: &RawExport) -> Result<Export, String> {
        Ok(Export {
            each: self.some_paths(raw.each.as_ref())?,
            exported: self.paths(raw.exported.as_ref())?,
            exported_default: raw.exported_default.as_deref().map(Into::into),
            local: self.paths(raw.local.as_ref())?,
            local_default: raw.local_default.as_deref().map(Into::into),
            module: self.paths(raw.module.as_ref())?,
            kind: word(
                raw.kind.as_deref().unwrap_or("symbol"),
                &EXPORT_KINDS,
                "export kind",
            )?,
            kind_when: self.word_when(&raw.kind_when, &EXPORT_KINDS, "export kind")?,
            declared: self.some_paths(raw.declared.as_ref())?,
            unquote: raw.unquote,
        })
    }

    fn reference(&mut self, raw: &RawReference) -> Result<Reference, String> {
        Ok(Reference {
            role: word(&raw.role, &ROLES, "role")?,
            role_when: raw
                .role_when
                .iter()
                .map(|one| {
                    Ok((
                        self.when(Some(&one.when))?,
                        word(&one.role, &ROLES, "role")?,
                    ))
                })
                .collect::<Result<_, String>>()?,
            each: self.some_paths(raw.each.as_ref())?,
            target: self.paths(Some(
                raw.target
                    .as_ref()
                    .unwrap_or(&RawPaths::One("$self".into())),
            ))?,
            arguments: self.some_paths(raw.arguments.as_ref())?,
            patterns: raw.patterns,
        })
    }

    fn rule(&mut self, raw: &RawRule) -> Result<Rule, String> {
        fn slice<T>(raw: Option<&OneOrMany<T>>) -> &[T] {
            raw.map_or(&[], OneOrMany::slice)
        }
        Ok(Rule {
            when: self.when(raw.when.as_ref())?,
            scope: raw.scope,
            outer: self.paths(raw.outer.as_ref())?,
            own_self: raw.own_self,
            define: raw
                .define
                .as_ref()
                .map(|one| self.define(one))
                .transpose()?,
            bind: slice(raw.bind.as_ref())
                .iter()
                .map(|one| self.bind(one))
                .collect::<Result<_, _>>()?,
            names: match &raw.names {
                Some(names) => Some((self.paths(Some(&names.path))?, names.to)),
                None => None,
            },
            import: slice(raw.import.as_ref())
                .iter()
                .map(|one| self.import(one))
                .collect::<Result<_, _>>()?,
            export: slice(raw.export.as_ref())
                .iter()
                .map(|one| self.export(one))
                .collect::<Result<_, _>>()?,
            reference: slice(raw.reference.as_ref())
                .iter()
                .map(|one| self.reference(one))
                .collect::<Result<_, _>>()?,
            types: raw
                .types
                .iter()
                .map(|one| {
                    let role = word(one.role.as_deref().unwrap_or("type"), &ROLES, "role")?;
                    Ok((self.paths(Some(&one.path))?, role))
                })
                .collect::<Result<_, String>>()?,
            complexity: match &raw.complexity {
                Some(one) => Some(Complexity {
                    cyclomatic: one.cyclomatic,
                    cognitive: one.cognitive,
                    nests: one.nests,
                    count: self.some_paths(one.count.as_ref())?,
                }),
                None => None,
            },
            procedure: raw.procedure,
            is_final: raw.r#final,
        })
    }
}

impl Mapping {
    /// Compile the tables of this module; other tables of `source` are left to their modules.
    ///
    /// # Errors
    /// One sentence that names the table and what is wrong with it.
    pub fn compile(
        source: &serde_json::Value,
        keys: &mut Keys,
        kinds: &mut Kinds,
    ) -> Result<Mapping, String> {
        let raw = RawMapping::deserialize(source).map_err(|why| why.to_string())?;
        let mut compiler = Compiler {
            names: Names { keys, kinds },
            facts: Vec::new(),
        };
        let mut anonymous = "token";
        for (native, kind) in &raw.kinds {
            match kind {
                RawKind::Table(table) if native == "*" => {
                    if let Some(kind) = &table.anonymous {
                        anonymous =
                            canonical(kind).map_err(|why| format!("[kinds.\"*\"]: {why}"))?;
                    }
                }
                _ => compiler
                    .kind(native, kind)
                    .map_err(|why| format!("[kinds] {native}: {why}"))?,
            }
        }
        let patterns = |why| format!("[patterns]: {why}");
        compiler
            .by_kind(&raw.patterns.leaf, |facts| &mut facts.leaf)
            .map_err(patterns)?;
        compiler
            .by_kind(&raw.patterns.inner, |facts| &mut facts.inner)
            .map_err(patterns)?;
        compiler
            .members(&raw.patterns.member, |facts| &mut facts.pattern_member)
            .map_err(patterns)?;
        let chains = |why| format!("[chains]: {why}");
        compiler
            .by_kind(&raw.chains.root, |facts| &mut facts.root)
            .map_err(chains)?;
        compiler
            .members(&raw.chains.member, |facts| &mut facts.member)
            .map_err(chains)?;
        compiler
            .by_kind(&raw.chains.call, |facts| &mut facts.call)
            .map_err(chains)?;
        compiler
            .by_kind(&raw.chains.through, |facts| &mut facts.through)
            .map_err(chains)?;
        for kind in &raw.chains.own {
            compiler.facts(kind).is_self = true;
        }
        if let Some(RawSelf::Kinds(kinds)) = &raw.scopes.own {
            for kind in kinds {
                compiler.facts(kind).is_self = true;
            }
        }
        for kind in &raw.scopes.parent.kinds {
            compiler.facts(kind).is_super = true;
        }
        compiler
            .by_kind(&raw.constructs, |facts| &mut facts.construct)
            .map_err(|why| format!("[constructs]: {why}"))?;
        let types = |why| format!("[types]: {why}");
        compiler
            .by_kind(&raw.types.through, |facts| &mut facts.type_through)
            .map_err(types)?;
        compiler
            .by_kind(&raw.types.string, |facts| &mut facts.type_string)
            .map_err(types)?;
        compiler
            .by_kind(&raw.types.union, |facts| &mut facts.type_union)
            .map_err(types)?;
        let argument = match raw.types.unwrap.as_ref().map(|unwrap| &unwrap.argument) {
            None => Vec::new(),
            Some(RawPaths::One(one)) => vec![one.clone()],
            Some(RawPaths::Many(many)) => many.clone(),
        };
        let argument = argument
            .into_iter()
            .map(|path| compiler.paths(Some(&RawPaths::One(path))))
            .collect::<Result<_, _>>()
            .map_err(types)?;

        let slots = compile_slots(&raw.types.slots, &mut compiler.names).map_err(types)?;
        let mut rules = Vec::new();
        let mut dispatch: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
        for (index, raw) in raw.rule.iter().enumerate() {
            let rule = compiler
                .rule(raw)
                .map_err(|why| format!("[[rule]] {} on {}: {why}", index + 1, raw.on.join(", ")))?;
            for kind in &raw.on {
                let facts = compiler.facts(kind);
                facts.opens_scope |= rule.scope.is_some();
                let kind = compiler.names.kinds.kind(kind).index();
                dispatch.entry(kind).or_default().push(index as u32);
            }
            rules.push(rule);
        }
        for (kind, rules) in dispatch {
            compiler.facts[kind].rules = rules.into();
        }
        let conditional = raw
            .scopes
            .conditional
            .iter()
            .map(|kind| compiler.names.kinds.kind(kind))
            .collect();
        let extras = raw
            .nodes
            .extras
            .iter()
            .map(|kind| compiler.names.kinds.kind(kind))
            .collect();
        let commonjs = if rules
            .iter()
            .any(|rule| rule.procedure == Some(Procedure::Commonjs))
        {
            Some(Words::compile(&mut compiler.names)?)
        } else {
            None
        };
        let boxed = |texts: &[String]| -> Vec<Box<str>> {
            texts.iter().map(|text| text.as_str().into()).collect()
        };
        let mut roots = boxed(&raw.modules.roots);
        roots.sort_by_key(|root| std::cmp::Reverse(root.split('/').count()));
        let apart_when = match &raw.modules.apart.when {
            Some(when) => Some(
                compiler
                    .when(Some(when))
                    .map_err(|why| format!("[modules] apart: {why}"))?,
            ),
            None => None,
        };
        let package = match &raw.modules.package {
            RawPaths::One(word) if word == "directory" => None,
            paths => Some(
                compiler
                    .paths(Some(paths))
                    .map_err(|why| format!("[modules]: {why}"))?,
            ),
        };
        Ok(Mapping {
            facts: compiler.facts,
            anonymous,
            extras,
            ignored: boxed(&raw.patterns.ignore).into_iter().collect(),
            commonjs,
            rules,
            scopes: Scopes {
                class_members: raw.scopes.class_members,
                first_parameter: matches!(
                    &raw.scopes.own, Some(RawSelf::Word(word)) if word == "first_parameter"
                ),
                super_call: raw.scopes.parent.call.as_deref().map(Into::into),
                implicit_self: raw.scopes.implicit_self,
                methods_apart: raw.scopes.methods_apart,
                builtins: raw
                    .scopes
                    .builtins
                    .iter()
                    .map(|name| name.as_str().into())
                    .collect(),
                conditional,
            },
            modules: Modules {
                join: raw
                    .modules
                    .join
                    .as_deref()
                    .unwrap_or(&raw.modules.separator)
                    .into(),
                separator: raw.modules.separator.as_str().into(),
                namespace: raw.modules.namespace,
                drop_extensions: boxed(&raw.modules.drop_extensions).into(),
                roots: roots.into(),
                index: boxed(&raw.modules.index).into(),
                document_kind: canonical(&raw.modules.document_kind)
                    .map_err(|why| format!("[modules] document_kind: {why}"))?,
                package,
                apart_when,
                apart_suffixes: boxed(&raw.modules.apart.suffixes).into(),
            },
            types: Types {
                unwrap: raw
                    .types
                    .unwrap
                    .iter()
                    .flat_map(|unwrap| &unwrap.names)
                    .map(|name| name.as_str().into())
                    .collect(),
                argument,
                slots,
                opaque: raw
                    .types
                    .opaque
                    .iter()
                    .map(|name| name.as_str().into())
                    .collect(),
            },
        })
    }

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
            if self
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

/// A path alone, for the modules that compile other tables.
///
/// # Errors
/// What is wrong with the path.
pub fn compile_path(text: &str, keys: &mut Keys, kinds: &mut Kinds) -> Result<Path, String> {
    Path::compile(text, &mut Names { keys, kinds })
}
