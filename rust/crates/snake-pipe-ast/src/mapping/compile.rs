//! From a mapping as written to one that is looked up by the numbers of native kinds.
//!
//! Belongs here: compiling every table, and the words that they may use. Does not: applying them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::raw::{
    OneOrMany, RawBind, RawDefine, RawExport, RawImport, RawImportWhen, RawKind, RawKindWhen,
    RawLevel, RawMapping, RawMember, RawReference, RawRule, RawSelf, RawTraits, RawValueDefine,
};
use super::{
    Bind, Complexity, Define, Docstring, Export, Import, KINDS, KindFacts, Mapping, Mark, Member,
    Modules, NamedKind, Procedure, Producer, Reference, Rule, ScopeKind, Scopes, Traits, Types,
    VISIBILITIES, Visibility,
};
use crate::intern::{Keys, Kinds};
use crate::path::{Names, Path, Paths, RawPaths};
use crate::predicate::{Predicate, RawWhen, compile_slots};
use crate::semantics::commonjs::Words;

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
                    object: self.paths(raw.object.as_ref())?,
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
                strip: Box::default(),
            },
            RawKind::Table(table) => NamedKind {
                kind: canonical(table.kind.as_deref().unwrap_or("unknown"))?,
                when: self.kind_when(&table.kind_when)?,
                name: self.paths(table.name.as_ref())?,
                unquote: table.unquote,
                prefix: table.prefix.as_deref().map(Into::into),
                strip: table.strip.as_str().into(),
            },
        };
        self.facts(native).named = Some(named);
        Ok(())
    }

    fn traits(&mut self, raw: &RawTraits<'_>) -> Result<Traits, String> {
        Ok(Traits {
            flags: raw
                .flags
                .iter()
                .map(|(flag, when)| Ok((flag.as_str().into(), self.when(Some(when))?)))
                .collect::<Result<_, String>>()?,
            modifiers: self.paths(raw.modifiers)?,
            visibility: raw.visibility.unwrap_or(Visibility::Public),
            visibility_default: match raw.visibility_default {
                Some(text) => word(text, &VISIBILITIES, "visibility")?,
                None => "public",
            },
            visibility_when: raw
                .visibility_when
                .iter()
                .map(|one| {
                    let word = word(&one.visibility, &VISIBILITIES, "visibility")?;
                    Ok((self.when(Some(&one.when))?, word))
                })
                .collect::<Result<_, String>>()?,
            docstring: raw
                .docstring
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
            kind_when: self.kind_when(&raw.kind_when)?,
            container: self.some_paths(raw.container.as_ref())?,
            stand_in: raw.stand_in.as_deref().map(canonical).transpose()?,
            extends: raw.extends,
            apart: raw
                .apart
                .as_ref()
                .map(|one| self.when(Some(one)))
                .transpose()?,
            declaration: raw
                .declaration
                .as_ref()
                .map(|one| self.when(Some(one)))
                .transpose()?,
            traits: self.traits(&raw.traits())?,
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
                .map(|(native, raw)| {
                    let (kind, when) = match raw {
                        RawValueDefine::Kind(kind) => (kind, None),
                        RawValueDefine::When { kind, when } => (kind, Some(when)),
                    };
                    let native = self.names.kinds.kind(native);
                    Ok((native, canonical(kind)?, self.when(when)?))
                })
                .collect::<Result<_, String>>()?,
            traits: self.traits(&raw.traits())?,
        })
    }

    fn import(&mut self, raw: &RawImport) -> Result<Import, String> {
        Ok(Import {
            each: self.some_paths(raw.each.as_ref())?,
            module: self.paths(raw.module.as_ref())?,
            imported: self.paths(raw.imported.as_ref())?,
            imported_default: raw.imported_default.as_deref().map(Into::into),
            alias: self.paths(raw.alias.as_ref())?,
            level: match &raw.level {
                Some(RawLevel::Told(paths)) => self.paths(Some(paths))?,
                _ => Paths::default(),
            },
            level_default: match &raw.level {
                Some(RawLevel::Fixed(level)) => *level,
                _ => 0,
            },
            is_split: raw.split,
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
        if raw.following && !matches!(raw.scope, Some(ScopeKind::Module | ScopeKind::Class)) {
            return Err("`following` needs a scope of kind `module` or `class`".into());
        }
        Ok(Rule {
            when: self.when(raw.when.as_ref())?,
            scope: raw.scope,
            outer: self.paths(raw.outer.as_ref())?,
            own_self: raw.own_self,
            following: raw.following,
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
            mark: match &raw.mark {
                Some(mark) => Some(Mark {
                    path: self.paths(Some(&mark.path))?,
                    names: self.some_paths(mark.names.as_ref())?,
                    kinds: mark
                        .kinds
                        .iter()
                        .map(|kind| canonical(kind))
                        .collect::<Result<_, _>>()?,
                }),
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
            Some(RawPaths::Joined(_)) => return Err(types("`unwrap.argument` is no text".into())),
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
                facts.follows |= rule.following;
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
        let producer = raw.producer.as_ref().map(|raw| {
            Ok(Producer {
                id: compiler.paths(Some(&raw.id))?,
                also: compiler.paths(raw.also.as_ref())?,
                reference: compiler.paths(Some(&raw.reference))?,
                scope: raw.scope,
            })
        });
        let producer = producer
            .transpose()
            .map_err(|why: String| format!("[producer]: {why}"))?;
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
            producer,
            chain_separator: raw.chains.separator.as_deref().map(Into::into),
            ignored: boxed(&raw.patterns.ignore).into_iter().collect(),
            commonjs,
            rules,
            scopes: Scopes {
                class_members: raw.scopes.class_members,
                first_parameter: matches!(
                    &raw.scopes.own, Some(RawSelf::Word(word)) if word == "first_parameter"
                ),
                self_names: boxed(&raw.scopes.self_names).into(),
                super_names: boxed(&raw.scopes.parent.names).into(),
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
                words: raw
                    .types
                    .words
                    .as_ref()
                    .map(|words| boxed(words).into_iter().collect()),
                stop: raw.types.stop.as_deref().map(Into::into),
                opaque: raw
                    .types
                    .opaque
                    .iter()
                    .map(|name| name.as_str().into())
                    .collect(),
            },
        })
    }
}

/// A path alone, for the modules that compile other tables.
///
/// # Errors
/// What is wrong with the path.
pub fn compile_path(text: &str, keys: &mut Keys, kinds: &mut Kinds) -> Result<Path, String> {
    Path::compile(text, &mut Names { keys, kinds })
}
