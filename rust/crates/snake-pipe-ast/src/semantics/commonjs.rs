//! `CommonJS`: `require` and `module.exports`.
//!
//! Belongs here: the procedure `commonjs` (`docs/reference/mapping.md` §8), in the words of `ESTree`,
//! Babel and tree-sitter. Does not: ES modules, which rules say.

use crate::intern::{Key, KindId};
use crate::path::{At, Item, Names, Path, unquoted};
use crate::tape::Value;
use crate::tree::NodeId;

use super::chains::{Chain, Origin};
use super::exports::ExportRecord;
use super::scopes::{Mode, Surroundings};
use super::symbols::Late;
use super::{NONE, OWNED, Pass, Text};

/// Native kinds and members that the procedure reads.
#[derive(Debug)]
pub(crate) struct Words {
    calls: Vec<KindId>,
    assignments: Vec<KindId>,
    /// Declarators with the paths to what they bind and to the value.
    declarators: Vec<(KindId, Path, Path)>,
    statements: Vec<KindId>,
    members: Vec<KindId>,
    functions: Vec<KindId>,
    classes: Vec<KindId>,
    objects: Vec<KindId>,
    object_patterns: Vec<KindId>,
    properties: Vec<KindId>,
    methods: Vec<KindId>,
    shorthands: Vec<KindId>,
    defaults: Vec<KindId>,
    object_default: KindId,
    strings: Vec<KindId>,
    plain_string: KindId,
    computed_names: Vec<KindId>,
    left: Path,
    right: Path,
    object: Path,
    key: Path,
    name: Path,
    value: Path,
    arguments: Path,
    operator: Key,
    computed: Key,
    literal: Key,
    expression: Key,
}

impl Words {
    pub(crate) fn compile(names: &mut Names<'_>) -> Result<Words, String> {
        let mut kinds = |words: &[&str]| -> Vec<KindId> {
            words.iter().map(|word| names.kinds.kind(word)).collect()
        };
        let calls = kinds(&["CallExpression", "call_expression"]);
        let assignments = kinds(&["AssignmentExpression", "assignment_expression"]);
        let statements = kinds(&["ExpressionStatement", "expression_statement"]);
        let members = kinds(&["MemberExpression", "member_expression"]);
        let functions = kinds(&[
            "FunctionExpression",
            "ArrowFunctionExpression",
            "function_expression",
            "arrow_function",
            "generator_function",
        ]);
        let classes = kinds(&["ClassExpression", "class"]);
        let objects = kinds(&["ObjectExpression", "object"]);
        let object_patterns = kinds(&["ObjectPattern", "object_pattern"]);
        let properties = kinds(&[
            "Property",
            "ObjectProperty",
            "KeyValueProperty",
            "KeyValuePatternProperty",
            "pair",
            "pair_pattern",
        ]);
        let methods = kinds(&[
            "ObjectMethod",
            "MethodProperty",
            "GetterProperty",
            "SetterProperty",
            "method_definition",
        ]);
        // swc's `{ a }` holds the identifier itself.
        let shorthands = kinds(&[
            "Identifier",
            "AssignmentPatternProperty",
            "shorthand_property_identifier",
            "shorthand_property_identifier_pattern",
        ]);
        let defaults = kinds(&[
            "AssignmentPattern",
            "object_assignment_pattern",
            "assignment_pattern",
        ]);
        let strings = kinds(&["Literal", "StringLiteral"]);
        let declarators = kinds(&["VariableDeclarator", "variable_declarator"]);
        let object_default = names.kinds.kind("object_assignment_pattern");
        let plain_string = names.kinds.kind("string");
        let computed_names = ["computed_property_name", "Computed"];
        let computed_names = computed_names
            .iter()
            .map(|kind| names.kinds.kind(kind))
            .collect();
        let declarators = vec![
            (
                declarators[0],
                Path::compile("id", names)?,
                Path::compile("init", names)?,
            ),
            (
                declarators[1],
                Path::compile("name", names)?,
                Path::compile("value", names)?,
            ),
        ];
        Ok(Words {
            calls,
            assignments,
            declarators,
            statements,
            members,
            functions,
            classes,
            objects,
            object_patterns,
            properties,
            methods,
            shorthands,
            defaults,
            object_default,
            strings,
            plain_string,
            computed_names,
            left: Path::compile("left", names)?,
            right: Path::compile("right", names)?,
            object: Path::compile("object", names)?,
            key: Path::compile("key", names)?,
            name: Path::compile("name", names)?,
            value: Path::compile("value", names)?,
            arguments: Path::compile("arguments", names)?,
            operator: names.keys.key("operator"),
            computed: names.keys.key("computed"),
            literal: names.keys.key("value"),
            expression: names.keys.key("expression"),
        })
    }
}

fn node_at(path: &Path, at: &At<'_, '_>, node: NodeId) -> Option<NodeId> {
    match path.first(at, node)? {
        Item::Node(node) => Some(node),
        _ => None,
    }
}

/// What an assignment to `module.exports` or `exports` assigns to.
enum Exporting {
    /// `module.exports = …` (true) or `exports = …`.
    Whole(bool),
    Member(Text),
    Deeper,
}

impl<'m, 'c> Pass<'m, 'c, '_> {
    pub(super) fn commonjs(&mut self, at: &At<'m, 'c>, node: NodeId, inside: Surroundings) {
        let Some(words) = &self.mapping.commonjs else {
            return;
        };
        let kind = self.cx.tree.kind(node);
        if words.calls.contains(&kind) {
            if let Some(module) = self.required(words, at, node) {
                self.require(words, at, node, &module, inside);
            }
        } else if words.assignments.contains(&kind) && self.is_plain(words, node) {
            self.define_member(words, at, node, inside);
            self.export_assigned(words, at, node, inside);
        }
    }

    fn kind_in(&self, node: NodeId, kinds: &[KindId]) -> bool {
        kinds.contains(&self.cx.tree.kind(node))
    }

    /// Whether an assignment is `=`; tree-sitter has another kind for the others.
    fn is_plain(&self, words: &Words, node: NodeId) -> bool {
        let operator = self.cx.tape.get(self.cx.tree.value(node), words.operator);
        self.cx.layout.is_list
            || operator.and_then(|operator| self.cx.tape.str(operator)) == Some("=")
    }

    fn is_foreign(&mut self, name: &str, scope: u32) -> bool {
        let name = self.text(name);
        self.look_up(scope, name, Mode::Value).is_none()
    }

    fn literal(&self, words: &Words, at: &At<'m, 'c>, node: NodeId) -> Option<String> {
        if self.kind_in(node, &words.strings) {
            let value = self.cx.tape.get(self.cx.tree.value(node), words.literal)?;
            return self.cx.tape.str(value).map(str::to_owned);
        }
        if self.cx.tree.kind(node) == words.plain_string {
            return at
                .text(Item::Node(node))
                .map(|text| unquoted(text).into_owned());
        }
        None
    }

    /// An argument of a call; swc wraps each as `{spread, expression}`.
    fn argument(&self, words: &Words, value: Value) -> Item {
        let wrapped = self.cx.tape.get(value, words.expression);
        match crate::path::of(self.cx, value) {
            Item::Value(value) => crate::path::of(self.cx, wrapped.unwrap_or(value)),
            item => item,
        }
    }

    /// The module of `require("m")`.
    fn required(&mut self, words: &Words, at: &At<'m, 'c>, node: NodeId) -> Option<String> {
        if !self.kind_in(node, &words.calls) {
            return None;
        }
        // Cheap before sure: most calls are of something else.
        let callee = self.facts(node)?.call.as_ref()?.first_node(at, node)?;
        let root = self.facts(callee)?.root.as_ref()?;
        if root.text(at, callee)? != "require" {
            return None;
        }
        let arguments: Vec<Item> = if self.cx.layout.is_list {
            let holder = node_at(&words.arguments, at, node)?;
            let tree = self.cx.tree;
            tree.children(holder)
                .filter(|&child| tree.is_named(child) && !self.mapping.is_extra(tree.kind(child)))
                .map(Item::Node)
                .collect()
        } else {
            match words.arguments.first(at, node)? {
                Item::Value(array) => self
                    .cx
                    .tape
                    .elements(array)
                    .filter(|&one| self.cx.tape.tag(one) != crate::tape::Tag::Null)
                    .map(|one| self.argument(words, one))
                    .collect(),
                one => vec![one],
            }
        };
        let [Item::Node(argument)] = arguments[..] else {
            return None;
        };
        let module = self.literal(words, at, argument)?;
        let scope = self.s.scope_of[node.index()];
        self.is_foreign("require", scope).then_some(module)
    }

    fn require(
        &mut self,
        words: &'m Words,
        at: &At<'m, 'c>,
        node: NodeId,
        module: &str,
        inside: Surroundings,
    ) {
        let tree = self.cx.tree;
        let mut above = tree.parent(node);
        let mut value = node;
        let mut imported = String::new();
        if let Some(member) = above
            && self.kind_in(member, &words.members)
            && node_at(&words.object, at, member) == Some(node)
        {
            let chain = self.read_chain(at, Item::Node(member));
            // `require` called, then one member.
            if chain.origin == Origin::Name
                && let [_, name] = self.chain_steps(&chain)
                && let Some(name) = self.member_text(*name)
            {
                imported = name.to_owned();
                value = member;
                above = tree.parent(member);
            }
        }
        if let Some(above) = above
            && let Some((_, target, init)) = words
                .declarators
                .iter()
                .find(|(kind, ..)| *kind == tree.kind(above))
            && node_at(init, at, above) == Some(value)
            && let Some(target) = node_at(target, at, above)
        {
            if let Some(leaf) = self.facts(target).and_then(|facts| facts.leaf.as_ref()) {
                let alias = leaf.text(at, target).unwrap_or_default().into_owned();
                let kind = if imported.is_empty() {
                    "module"
                } else {
                    "symbol"
                };
                self.push_import(node, module, &imported, &alias, 0, kind, inside);
                return;
            }
            if self.kind_in(target, &words.object_patterns) && imported.is_empty() {
                self.require_properties(words, at, target, module, inside);
                return;
            }
        }
        let is_statement = tree
            .parent(node)
            .is_some_and(|parent| self.kind_in(parent, &words.statements));
        let kind = if is_statement {
            "side_effect"
        } else {
            "module"
        };
        self.push_import(node, module, "", "", 0, kind, inside);
    }

    fn require_properties(
        &mut self,
        words: &'m Words,
        at: &At<'m, 'c>,
        pattern: NodeId,
        module: &str,
        inside: Surroundings,
    ) {
        let tree = self.cx.tree;
        for child in tree.children(pattern) {
            let mut named = child;
            if tree.kind(child) == words.object_default {
                named = node_at(&words.left, at, child).unwrap_or(child);
            }
            let is_shorthand = self.kind_in(named, &words.shorthands);
            if !is_shorthand && !self.kind_in(named, &words.properties) {
                continue;
            }
            let Some(key) = self.property_key(words, at, named) else {
                continue;
            };
            let mut local = if is_shorthand {
                Some(named)
            } else {
                node_at(&words.value, at, named)
            };
            while let Some(default) = local
                && self.kind_in(default, &words.defaults)
            {
                local = node_at(&words.left, at, default);
            }
            let alias = local.and_then(|local| {
                if self.kind_in(local, &words.shorthands) {
                    return at.text(Item::Node(local));
                }
                self.facts(local)?.leaf.as_ref()?.text(at, local)
            });
            let alias = alias.unwrap_or_default().into_owned();
            self.push_import(child, module, &key, &alias, 0, "symbol", inside);
        }
    }

    /// The name of a property, if it is not computed.
    fn property_key(&self, words: &Words, at: &At<'m, 'c>, node: NodeId) -> Option<String> {
        if self.kind_in(node, &words.shorthands) {
            return at.text(Item::Node(node)).map(std::borrow::Cow::into_owned);
        }
        let computed = self.cx.tape.get(self.cx.tree.value(node), words.computed);
        if computed.and_then(|computed| self.cx.tape.as_bool(computed)) == Some(true) {
            return None;
        }
        let key = node_at(&words.key, at, node).or_else(|| node_at(&words.name, at, node))?;
        if self.kind_in(key, &words.computed_names) {
            return None;
        }
        self.literal(words, at, key)
            .or_else(|| at.text(Item::Node(key)).map(std::borrow::Cow::into_owned))
    }

    /// What an assignment assigns in the end (`a = b = value`).
    fn assigned(&self, words: &Words, at: &At<'m, 'c>, node: NodeId) -> Option<NodeId> {
        let mut value = node_at(&words.right, at, node)?;
        while self.kind_in(value, &words.assignments) && self.is_plain(words, value) {
            value = node_at(&words.right, at, value)?;
        }
        Some(value)
    }

    /// How a chain begins with `exports` or `module.exports` that the document does not declare.
    fn exporting(&mut self, chain: &Chain, scope: u32) -> Option<Exporting> {
        if chain.origin != Origin::Name || self.has_calls(chain) {
            return None;
        }
        let steps: Vec<u32> = self.chain_steps(chain).to_vec();
        let root = self.s.texts.text(chain.root);
        let is_module = root == "module"
            && steps
                .first()
                .is_some_and(|&first| self.s.texts.text(first) == "exports");
        let (name, rest) = if is_module {
            ("module", &steps[1..])
        } else if root == "exports" {
            ("exports", &steps[..])
        } else {
            return None;
        };
        if !self.is_foreign(name, scope) {
            return None;
        }
        Some(match rest {
            [] => Exporting::Whole(is_module),
            [name] => Exporting::Member(*name),
            _ => Exporting::Deeper,
        })
    }

    /// A function or class assigned to a member is a symbol.
    fn define_member(
        &mut self,
        words: &'m Words,
        at: &At<'m, 'c>,
        node: NodeId,
        inside: Surroundings,
    ) {
        let Some(value) = self.assigned(words, at, node) else {
            return;
        };
        let is_class = self.kind_in(value, &words.classes);
        if !is_class && !self.kind_in(value, &words.functions) || self.has_mark(value, OWNED) {
            return;
        }
        let Some(target) = node_at(&words.left, at, node) else {
            return;
        };
        let chain = self.read_chain(at, Item::Node(target));
        if chain.origin != Origin::Name || self.has_calls(&chain) {
            return;
        }
        let scope = self.s.scope_of[node.index()];
        let exporting = self.exporting(&chain, scope);
        let mut kind = if is_class { "class" } else { "function" };
        if let Some(Exporting::Whole(is_module)) = exporting {
            if is_module && !self.has_own_name(at, value) {
                let name = self.text("exports");
                self.own(value, kind, name, 0, None);
            }
            return;
        }
        let steps: Vec<u32> = self.chain_steps(&chain).to_vec();
        let Some((&name, before)) = steps.split_last() else {
            return;
        };
        let is_prototype = before
            .iter()
            .any(|&step| self.s.texts.text(step) == "prototype");
        if is_prototype && !is_class {
            kind = "method";
        }
        if exporting.is_some() {
            self.own(value, kind, name, 0, None);
        } else {
            let late = Late::Root(chain.root, scope);
            self.own(value, kind, name, inside.symbol, Some(late));
        }
    }

    fn has_own_name(&self, at: &At<'m, 'c>, value: NodeId) -> bool {
        let Some(facts) = self.facts(value) else {
            return false;
        };
        facts
            .rules
            .iter()
            .find_map(|&index| {
                let rule = &self.mapping.rules[index as usize];
                rule.define
                    .as_ref()
                    .filter(|_| rule.when.holds(&At { scope: None, ..*at }, value))
            })
            .is_some_and(|define| define.name.text(at, value).is_some())
    }

    fn own(
        &mut self,
        value: NodeId,
        kind: &'static str,
        name: Text,
        container: u32,
        late: Option<Late>,
    ) {
        let (symbol, _) = self.symbol(value, kind, name, container, late);
        self.mark(value, OWNED);
        self.s.owned.insert(value.0, symbol);
        self.s.made.entry(value.0).or_insert(symbol);
    }

    fn export_assigned(
        &mut self,
        words: &'m Words,
        at: &At<'m, 'c>,
        node: NodeId,
        inside: Surroundings,
    ) {
        let Some(target) = node_at(&words.left, at, node) else {
            return;
        };
        let chain = self.read_chain(at, Item::Node(target));
        let scope = self.s.scope_of[node.index()];
        let exported = match self.exporting(&chain, scope) {
            Some(Exporting::Whole(true)) => None,
            Some(Exporting::Member(name)) => Some(name),
            _ => return,
        };
        let value = self.assigned(words, at, node);
        let mut record = ExportRecord {
            node,
            kind: "symbol",
            exported: exported.unwrap_or(0),
            local: 0,
            module: 0,
            scope: inside.scope,
            declared: None,
            made_by: [NONE; 2],
        };
        if exported.is_some() {
            self.exported_value(words, at, value, &mut record);
            self.s.exports.push(record);
            return;
        }
        record.kind = "equals";
        if let Some(value) = value
            && let Some(module) = self.required(words, at, value)
        {
            record.module = self.text(&module);
            self.s.exports.push(record);
            return;
        }
        self.exported_value(words, at, value, &mut record);
        self.s.exports.push(record);
        let Some(object) = value.filter(|&value| self.kind_in(value, &words.objects)) else {
            return;
        };
        for child in self.cx.tree.children(object) {
            let is_shorthand = self.kind_in(child, &words.shorthands);
            if !is_shorthand
                && !self.kind_in(child, &words.properties)
                && !self.kind_in(child, &words.methods)
            {
                continue;
            }
            let Some(key) = self.property_key(words, at, child) else {
                continue;
            };
            let below = if is_shorthand {
                Some(child)
            } else {
                node_at(&words.value, at, child)
            };
            let mut record = ExportRecord {
                node: child,
                kind: "symbol",
                local: 0,
                ..record
            };
            record.exported = self.text(&key);
            record.made_by = [NONE; 2];
            self.exported_value(words, at, below, &mut record);
            record.made_by[1] = child.0;
            self.s.exports.push(record);
        }
    }

    /// The local side of an export: a chain, or the function or class that the value is.
    fn exported_value(
        &mut self,
        words: &Words,
        at: &At<'m, 'c>,
        value: Option<NodeId>,
        record: &mut ExportRecord,
    ) {
        let Some(value) = value else { return };
        if self.kind_in(value, &words.functions) || self.kind_in(value, &words.classes) {
            record.made_by[0] = value.0;
            return;
        }
        if self.kind_in(value, &words.shorthands) {
            self.mark(value, super::TOLD);
            if let Some(name) = self.text_of(at, Item::Node(value)) {
                record.local = name;
            }
            return;
        }
        let chain = self.read_chain(at, Item::Node(value));
        if chain.origin == Origin::Dynamic || self.has_calls(&chain) {
            return;
        }
        self.tell_chain();
        let text = self.chain_text(&chain);
        record.local = self.text(&text);
    }
}
