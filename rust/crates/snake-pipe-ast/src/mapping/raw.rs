//! A mapping as a dialect writes it.
//!
//! Belongs here: the shape of the tables that [`super::Mapping`] is compiled from. Does not: what
//! their words mean.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    Binds, ClassMembers, Cognitive, Hoist, Namespace, Outward, Procedure, ProducerScope, ScopeKind,
    Visibility,
};
use crate::path::RawPaths;
use crate::predicate::RawWhen;

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany<T> {
    Many(Vec<T>),
    One(T),
}

impl<T> OneOrMany<T> {
    pub(super) fn slice(&self) -> &[T] {
        match self {
            OneOrMany::Many(many) => many,
            OneOrMany::One(one) => std::slice::from_ref(one),
        }
    }
}

/// What this module needs of `[nodes]`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct RawNodes {
    pub(super) extras: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct RawMapping {
    #[serde(default)]
    pub(super) nodes: RawNodes,
    #[serde(default)]
    pub(super) kinds: BTreeMap<String, RawKind>,
    #[serde(default)]
    pub(super) scopes: RawScopes,
    #[serde(default)]
    pub(super) modules: RawModules,
    #[serde(default)]
    pub(super) patterns: RawPatterns,
    #[serde(default)]
    pub(super) chains: RawChains,
    #[serde(default)]
    pub(super) constructs: BTreeMap<String, RawPaths>,
    #[serde(default)]
    pub(super) types: RawTypes,
    pub(super) producer: Option<RawProducer>,
    #[serde(default)]
    pub(super) rule: Vec<RawRule>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum RawKind {
    Kind(String),
    Table(RawKindTable),
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawKindTable {
    pub(super) kind: Option<String>,
    pub(super) name: Option<RawPaths>,
    pub(super) unquote: bool,
    pub(super) prefix: Option<String>,
    pub(super) strip: String,
    pub(super) kind_when: Vec<RawKindWhen>,
    pub(super) anonymous: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawKindWhen {
    pub(super) when: RawWhen,
    pub(super) kind: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum RawSelf {
    Word(String),
    Kinds(Vec<String>),
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawSuper {
    pub(super) call: Option<String>,
    pub(super) kinds: Vec<String>,
    pub(super) names: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawScopes {
    pub(super) class_members: ClassMembers,
    #[serde(rename = "self")]
    pub(super) own: Option<RawSelf>,
    #[serde(rename = "super")]
    pub(super) parent: RawSuper,
    pub(super) implicit_self: bool,
    pub(super) methods_apart: bool,
    pub(super) self_names: Vec<String>,
    pub(super) builtins: Vec<String>,
    pub(super) conditional: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawModules {
    pub(super) separator: String,
    pub(super) join: Option<String>,
    pub(super) namespace: Namespace,
    pub(super) drop_extensions: Vec<String>,
    pub(super) roots: Vec<String>,
    pub(super) index: Vec<String>,
    pub(super) document_kind: String,
    pub(super) package: RawPaths,
    pub(super) apart: RawApart,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawApart {
    pub(super) when: Option<RawWhen>,
    pub(super) suffixes: Vec<String>,
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMember {
    pub(super) object: Option<RawPaths>,
    pub(super) name: RawPaths,
    pub(super) when: Option<RawWhen>,
    pub(super) unless: Option<RawWhen>,
    #[serde(default)]
    pub(super) call: bool,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawPatterns {
    pub(super) leaf: BTreeMap<String, RawPaths>,
    pub(super) inner: BTreeMap<String, RawPaths>,
    pub(super) member: BTreeMap<String, OneOrMany<RawMember>>,
    pub(super) ignore: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawChains {
    pub(super) root: BTreeMap<String, RawPaths>,
    pub(super) member: BTreeMap<String, OneOrMany<RawMember>>,
    pub(super) call: BTreeMap<String, RawPaths>,
    pub(super) through: BTreeMap<String, RawPaths>,
    #[serde(rename = "self")]
    pub(super) own: Vec<String>,
    pub(super) separator: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawUnwrap {
    pub(super) names: Vec<String>,
    pub(super) argument: RawPaths,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawTypes {
    pub(super) through: BTreeMap<String, RawPaths>,
    pub(super) unwrap: Option<RawUnwrap>,
    pub(super) words: Option<Vec<String>>,
    #[serde(default)]
    pub(super) stop: Option<String>,
    pub(super) opaque: Vec<String>,
    pub(super) string: BTreeMap<String, RawPaths>,
    pub(super) union: BTreeMap<String, RawPaths>,
    pub(super) slots: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRule {
    pub(super) on: Vec<String>,
    pub(super) when: Option<RawWhen>,
    pub(super) scope: Option<ScopeKind>,
    pub(super) outer: Option<RawPaths>,
    #[serde(default)]
    pub(super) own_self: bool,
    #[serde(default)]
    pub(super) following: bool,
    pub(super) define: Option<RawDefine>,
    pub(super) bind: Option<OneOrMany<RawBind>>,
    pub(super) names: Option<RawNames>,
    pub(super) mark: Option<RawMark>,
    pub(super) import: Option<OneOrMany<RawImport>>,
    pub(super) export: Option<OneOrMany<RawExport>>,
    pub(super) reference: Option<OneOrMany<RawReference>>,
    #[serde(default)]
    pub(super) types: Vec<RawTypeUse>,
    pub(super) complexity: Option<RawComplexity>,
    pub(super) procedure: Option<Procedure>,
    #[serde(default)]
    pub(super) r#final: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDocstring {
    pub(super) path: RawPaths,
    pub(super) when: Option<RawWhen>,
}

/// A table with the members that `define` and `bind` have in common.
macro_rules! with_traits {
    ($(#[$meta:meta])* pub(super) struct $name:ident { $($fields:tt)* }) => {
        $(#[$meta])*
        pub(super) struct $name {
            #[serde(default)]
            flags: BTreeMap<String, RawWhen>,
            modifiers: Option<RawPaths>,
            visibility: Option<Visibility>,
            visibility_default: Option<String>,
            #[serde(default)]
            visibility_when: Vec<RawWordWhen>,
            docstring: Option<RawDocstring>,
            $($fields)*
        }

        impl $name {
            pub(super) fn traits(&self) -> RawTraits<'_> {
                RawTraits {
                    flags: &self.flags,
                    modifiers: self.modifiers.as_ref(),
                    visibility: self.visibility,
                    visibility_default: self.visibility_default.as_deref(),
                    visibility_when: &self.visibility_when,
                    docstring: self.docstring.as_ref(),
                }
            }
        }
    };
}

/// The members that `define` and `bind` have in common.
pub(super) struct RawTraits<'r> {
    pub(super) flags: &'r BTreeMap<String, RawWhen>,
    pub(super) modifiers: Option<&'r RawPaths>,
    pub(super) visibility: Option<Visibility>,
    pub(super) visibility_default: Option<&'r str>,
    pub(super) visibility_when: &'r [RawWordWhen],
    pub(super) docstring: Option<&'r RawDocstring>,
}

with_traits! {
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDefine {
    pub(super) kind: Option<String>,
    pub(super) name: Option<RawPaths>,
    pub(super) name_default: Option<String>,
    #[serde(default)]
    pub(super) unquote: bool,
    #[serde(default)]
    pub(super) kind_in: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) kind_named: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) kind_when: Vec<RawKindWhen>,
    pub(super) container: Option<RawPaths>,
    pub(super) stand_in: Option<String>,
    #[serde(default)]
    pub(super) extends: bool,
    pub(super) apart: Option<RawWhen>,
    pub(super) declaration: Option<RawWhen>,
    pub(super) parameters: Option<RawPaths>,
    pub(super) parameter_name: Option<RawPaths>,
    pub(super) value: Option<RawPaths>,
    pub(super) r#type: Option<RawPaths>,
    pub(super) bind: Option<bool>,
    #[serde(default)]
    pub(super) hoist: Hoist,
}
}

with_traits! {
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawBind {
    pub(super) targets: RawPaths,
    pub(super) kind: Option<String>,
    pub(super) value: Option<RawPaths>,
    pub(super) r#type: Option<RawPaths>,
    #[serde(default)]
    pub(super) hoist: Hoist,
    #[serde(default)]
    pub(super) value_defines: BTreeMap<String, RawValueDefine>,
}
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawNames {
    pub(super) path: RawPaths,
    pub(super) to: Outward,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawImportWhen {
    pub(super) when: RawWhen,
    pub(super) kind: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawImport {
    pub(super) each: Option<RawPaths>,
    pub(super) module: Option<RawPaths>,
    pub(super) imported: Option<RawPaths>,
    pub(super) imported_default: Option<String>,
    pub(super) alias: Option<RawPaths>,
    pub(super) level: Option<RawLevel>,
    #[serde(default)]
    pub(super) split: bool,
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) kind_when: Vec<RawImportWhen>,
    pub(super) binds: Option<Binds>,
    pub(super) wildcard: Option<String>,
    #[serde(default)]
    pub(super) unquote: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExport {
    pub(super) each: Option<RawPaths>,
    pub(super) exported: Option<RawPaths>,
    pub(super) exported_default: Option<String>,
    pub(super) local: Option<RawPaths>,
    pub(super) local_default: Option<String>,
    pub(super) module: Option<RawPaths>,
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) kind_when: Vec<RawImportWhen>,
    pub(super) declared: Option<RawPaths>,
    #[serde(default)]
    pub(super) unquote: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRoleWhen {
    pub(super) when: RawWhen,
    pub(super) role: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawReference {
    pub(super) role: String,
    #[serde(default)]
    pub(super) role_when: Vec<RawRoleWhen>,
    pub(super) each: Option<RawPaths>,
    pub(super) target: Option<RawPaths>,
    pub(super) arguments: Option<RawPaths>,
    #[serde(default)]
    pub(super) patterns: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTypeUse {
    pub(super) path: RawPaths,
    pub(super) role: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawComplexity {
    #[serde(default)]
    pub(super) cyclomatic: u32,
    pub(super) cognitive: Option<Cognitive>,
    #[serde(default)]
    pub(super) nests: bool,
    pub(super) count: Option<RawPaths>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawWordWhen {
    pub(super) when: RawWhen,
    pub(super) visibility: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum RawValueDefine {
    Kind(String),
    When { kind: String, when: RawWhen },
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum RawLevel {
    Fixed(i32),
    Told(RawPaths),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMark {
    pub(super) path: RawPaths,
    pub(super) names: Option<RawPaths>,
    #[serde(default)]
    pub(super) kinds: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawProducer {
    pub(super) id: RawPaths,
    pub(super) also: Option<RawPaths>,
    pub(super) reference: RawPaths,
    pub(super) scope: ProducerScope,
}
