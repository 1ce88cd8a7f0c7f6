//! JSON Schema, compiled to checks of one node at a time.
//!
//! Belongs here: the subset of JSON Schema 2020-12 that dialects use, and its evaluation.
//! Does not: walking the tree; `tree` asks for each member as it passes.
//!
//! Most of a kind's schema says of each member only which types it may have. That is a bit mask
//! here ([`Member`]), tested with a value whose type the walk knows anyway. What says more becomes a
//! [`Rule`], evaluated on the tape without recursion into nodes.

use std::collections::HashMap;
use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::intern::{Key, Keys, KindId, Kinds};
use crate::tape::{Tag, Tape, Value};
use crate::tree::Strip;

/// Types as bits; an object is a node or plain.
pub(crate) mod types {
    pub(crate) const NULL: u16 = 1;
    pub(crate) const BOOLEAN: u16 = 2;
    pub(crate) const INTEGER: u16 = 4;
    pub(crate) const FLOAT: u16 = 8;
    pub(crate) const STRING: u16 = 16;
    pub(crate) const ARRAY: u16 = 32;
    pub(crate) const PLAIN: u16 = 64;
    pub(crate) const NODE: u16 = 128;
    pub(crate) const NUMBER: u16 = INTEGER | FLOAT;
    pub(crate) const OBJECT: u16 = PLAIN | NODE;
    pub(crate) const ALL: u16 = 255;
}

/// What a member of a node may be.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Member {
    /// Types allowed.
    pub(crate) types: u16,
    /// Types that elements may have, if it is an array.
    pub(crate) items: u16,
    /// Number of a further rule plus one; 0 for none.
    pub(crate) rule: u32,
}

impl Member {
    pub(crate) const ANY: Member = Member {
        types: types::ALL,
        items: types::ALL,
        rule: 0,
    };
}

/// What a kind's schema asks.
#[derive(Clone, Debug, Default)]
pub(crate) struct KindCheck {
    /// By the mapping's number of a key: member (24 bits) and bit of `required` (8 bits).
    pub(crate) members: Vec<u32>,
    /// Keys that must be there, at most 63; their bits are their indices.
    pub(crate) required: Vec<Key>,
    /// All bits of `required`.
    pub(crate) required_mask: u64,
    /// Rules on the whole object.
    pub(crate) rules: Vec<u32>,
}

/// A `members` entry that asks nothing: member 0 is [`Member::ANY`], bit 63 stands for none.
pub(crate) const UNCHECKED: u32 = 63 << 24;

/// The schema of a mapping.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schema {
    pub(crate) members: Vec<Member>,
    pub(crate) kinds: Vec<Option<KindCheck>>,
    rules: Vec<Rule>,
    discriminators: Vec<Key>,
    /// Rules on the JSON root.
    pub(crate) root: Vec<u32>,
}

#[derive(Clone, Debug)]
enum Rule {
    Types(u16),
    Const(Json),
    Enum(Vec<Json>),
    Required(Vec<Key>),
    Properties(Vec<(Key, Vec<u32>)>),
    /// Keys with rules of their own are left out.
    Additional(Vec<Key>, Vec<u32>),
    Items(Vec<u32>),
    Bounds {
        minimum: Option<f64>,
        maximum: Option<f64>,
    },
    Lengths {
        text: Option<u64>,
        items: Option<u64>,
    },
    MostItems(u64),
    All(Vec<u32>),
    Any(Vec<Vec<u32>>),
    Not(Vec<u32>),
    If {
        condition: Vec<u32>,
        then: Vec<u32>,
        otherwise: Vec<u32>,
    },
    Never,
}

struct Compiler<'s, 'k> {
    definitions: &'s serde_json::Map<String, Json>,
    keys: &'k mut Keys,
    schema: Schema,
    local: HashMap<Key, u16>,
    /// Where `schema.members` has what is known already.
    numbers: HashMap<Member, u32>,
    /// What members that are but a reference may be, by the definition's name.
    referred: HashMap<&'s str, Member>,
    depth: u32,
}

/// Annotations, which ask nothing.
const ANNOTATIONS: [&str; 8] = [
    "title",
    "description",
    "$comment",
    "default",
    "examples",
    "$schema",
    "$id",
    "deprecated",
];

impl Schema {
    /// Compile a dialect's schema. `local` numbers the keys that its kinds name, from 1 on.
    pub(crate) fn compile(
        source: &Json,
        discriminators: &[Key],
        strip: &Strip,
        keys: &mut Keys,
        kinds: &mut Kinds,
    ) -> Result<(Schema, HashMap<Key, u16>), String> {
        let empty = serde_json::Map::new();
        let definitions = source
            .get("$defs")
            .and_then(Json::as_object)
            .unwrap_or(&empty);
        let mut compiler = Compiler {
            definitions,
            keys,
            schema: Schema {
                discriminators: discriminators.to_vec(),
                ..Schema::default()
            },
            local: HashMap::new(),
            numbers: HashMap::new(),
            referred: HashMap::new(),
            depth: 0,
        };
        compiler.schema.members.push(Member::ANY);
        let cases = definitions.get("node").and_then(|node| node.get("allOf"));
        for case in cases.and_then(Json::as_array).into_iter().flatten() {
            let mut names = Vec::new();
            constants(case.get("if").unwrap_or(&Json::Null), &mut names);
            // Of nodes that a key makes, the key is the kind.
            let keys = case
                .get("if")
                .and_then(|condition| condition.get("required"));
            if let (true, Some(keys)) = (names.is_empty(), keys.and_then(Json::as_array)) {
                names.extend(keys.iter().filter_map(Json::as_str));
            }
            let then = case
                .get("then")
                .ok_or("schema: a case of `$defs.node.allOf` has no `then`")?;
            if names.is_empty() {
                return Err("schema: a case of `$defs.node.allOf` names no kind by `const`".into());
            }
            names.dedup();
            // What holds for all kinds of a case is compiled once.
            let check = compiler.kind(then, names[0])?;
            for name in names {
                let kind = kinds.kind(strip.bare(name));
                if compiler.schema.kinds.len() <= kind.index() {
                    compiler.schema.kinds.resize(kind.index() + 1, None);
                }
                compiler.schema.kinds[kind.index()] = Some(check.clone());
            }
        }
        if let Some(root) = definitions.get("root") {
            compiler.schema.root = compiler.rules(root, "root")?;
        }
        let width = compiler.local.len() + 1;
        for check in compiler.schema.kinds.iter_mut().flatten() {
            check.members.resize(width, UNCHECKED);
        }
        Ok((compiler.schema, compiler.local))
    }

    /// The check of a kind, if the schema names it.
    #[inline]
    pub(crate) fn kind(&self, kind: KindId) -> Option<&KindCheck> {
        self.kinds.get(kind.index())?.as_ref()
    }

    /// Whether the value obeys a rule; if not, the value at fault and a sentence's end.
    pub(crate) fn fault(
        &self,
        rule: u32,
        tape: &Tape<'_>,
        value: Value,
        keys: &Keys,
    ) -> Option<Fault> {
        let fault = |message: String| Some(Fault { value, message });
        match &self.rules[rule as usize] {
            Rule::Never => fault("is not allowed here".into()),
            Rule::Types(allowed) => {
                let found = self.type_of(tape, value);
                (!fits(tape, value, found, *allowed)).then(|| Fault {
                    value,
                    message: type_message(found, *allowed),
                })
            }
            Rule::Const(wanted) => (!is_equal(tape, value, wanted, keys)).then(|| Fault {
                value,
                message: format!("must be {wanted}"),
            }),
            Rule::Enum(wanted) => {
                if wanted
                    .iter()
                    .any(|wanted| is_equal(tape, value, wanted, keys))
                {
                    return None;
                }
                let mut message = String::from("must be one of");
                for wanted in wanted.iter().take(12) {
                    let _ = write!(message, " {wanted}");
                }
                fault(message)
            }
            Rule::Required(required) => {
                if tape.tag(value) != Tag::Object {
                    return None;
                }
                let missing = required
                    .iter()
                    .find(|&&key| tape.member(value, key).is_none())?;
                fault(format!("has no member `{}`", keys.text(missing.0)))
            }
            Rule::Properties(properties) => properties.iter().find_map(|(key, rules)| {
                let member = tape.member(value, *key)?;
                self.first(rules, tape, member, keys)
            }),
            Rule::Additional(named, rules) => tape.members(value).find_map(|member| {
                if named.contains(&tape.key(member)) {
                    return None;
                }
                self.first(rules, tape, member, keys)
            }),
            Rule::Items(rules) => tape
                .elements(value)
                .find_map(|element| self.first(rules, tape, element, keys)),
            Rule::Bounds { minimum, maximum } => {
                let number: f64 = tape.number_text(value)?.parse().ok()?;
                if let Some(minimum) = minimum.filter(|&minimum| number < minimum) {
                    return fault(format!("is less than {minimum}"));
                }
                let maximum = maximum.filter(|&maximum| number > maximum)?;
                fault(format!("is more than {maximum}"))
            }
            Rule::Lengths { text, items } => {
                if let (Some(least), Some(found)) = (text, tape.str(value))
                    && (found.chars().count() as u64) < *least
                {
                    return fault(format!("has fewer than {least} characters"));
                }
                if let Some(least) = items
                    && tape.tag(value) == Tag::Array
                    && (tape.count(value) as u64) < *least
                {
                    return fault(format!("has fewer than {least} elements"));
                }
                None
            }
            Rule::MostItems(most) => (tape.count(value) as u64 > *most).then(|| Fault {
                value,
                message: format!("has more than {most} elements"),
            }),
            Rule::All(rules) => self.first(rules, tape, value, keys),
            Rule::Any(choices) => {
                let mut first = None;
                for rules in choices {
                    let fault = self.first(rules, tape, value, keys)?;
                    first.get_or_insert(fault);
                }
                first
            }
            Rule::Not(rules) => match self.first(rules, tape, value, keys) {
                Some(_) => None,
                None => fault("is what must not be here".into()),
            },
            Rule::If {
                condition,
                then,
                otherwise,
            } => {
                let branch = if self.first(condition, tape, value, keys).is_none() {
                    then
                } else {
                    otherwise
                };
                self.first(branch, tape, value, keys)
            }
        }
    }

    fn first(&self, rules: &[u32], tape: &Tape<'_>, value: Value, keys: &Keys) -> Option<Fault> {
        rules
            .iter()
            .find_map(|&rule| self.fault(rule, tape, value, keys))
    }

    fn type_of(&self, tape: &Tape<'_>, value: Value) -> u16 {
        match tape.tag(value) {
            Tag::Object => {
                let is_node = self.discriminators.iter().any(|&key| {
                    tape.member(value, key)
                        .is_some_and(|found| tape.tag(found) == Tag::String)
                });
                if is_node { types::NODE } else { types::PLAIN }
            }
            tag => scalar_type(tag),
        }
    }
}

/// A value that breaks the schema.
pub(crate) struct Fault {
    /// The value at fault.
    pub(crate) value: Value,
    /// The rest of a sentence that begins with the value.
    pub(crate) message: String,
}

/// The bit of everything that is not an object.
#[inline]
pub(crate) fn scalar_type(tag: Tag) -> u16 {
    const BITS: [u16; 8] = [
        types::NULL,
        types::BOOLEAN,
        types::BOOLEAN,
        types::INTEGER,
        types::FLOAT,
        types::STRING,
        types::ARRAY,
        types::PLAIN,
    ];
    BITS[tag as usize]
}

/// Whether a value of this type bit is allowed. Integers may be written `-1`, `1.0` or with more
/// than 32 bits, which the tag does not tell.
#[inline]
pub(crate) fn fits(tape: &Tape<'_>, value: Value, found: u16, allowed: u16) -> bool {
    found & allowed != 0
        || found == types::FLOAT && allowed & types::INTEGER != 0 && is_integral(tape, value)
}

fn is_integral(tape: &Tape<'_>, value: Value) -> bool {
    let Some(text) = tape.number_text(value) else {
        return false;
    };
    if text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'-')
    {
        return true;
    }
    text.parse::<f64>()
        .is_ok_and(|number| number.is_finite() && number.fract() == 0.0)
}

/// "is a string, but null or integer is allowed".
pub(crate) fn type_message(found: u16, allowed: u16) -> String {
    let name = |bit| match bit {
        types::NULL => "null",
        types::BOOLEAN => "a boolean",
        types::INTEGER => "an integer",
        types::FLOAT => "a number",
        types::STRING => "a string",
        types::ARRAY => "an array",
        types::PLAIN => "an object without a kind",
        _ => "a node",
    };
    let wanted: Vec<&str> = (0..8)
        .map(|bit| 1 << bit)
        .filter(|bit| allowed & bit != 0)
        .map(name)
        .collect();
    let wanted = if wanted.is_empty() {
        "nothing".to_owned()
    } else {
        wanted.join(" or ")
    };
    format!("is {}, but must be {wanted}", name(found))
}

fn is_equal(tape: &Tape<'_>, value: Value, wanted: &Json, keys: &Keys) -> bool {
    match wanted {
        Json::Null => tape.tag(value) == Tag::Null,
        Json::Bool(wanted) => tape.as_bool(value) == Some(*wanted),
        Json::String(wanted) => tape.str(value) == Some(wanted),
        Json::Number(wanted) => {
            let found = tape
                .number_text(value)
                .and_then(|text| text.parse::<f64>().ok());
            found.is_some() && found == wanted.as_f64()
        }
        Json::Array(wanted) => {
            tape.tag(value) == Tag::Array
                && tape.count(value) == wanted.len()
                && tape
                    .elements(value)
                    .zip(wanted)
                    .all(|(v, w)| is_equal(tape, v, w, keys))
        }
        Json::Object(wanted) => {
            tape.tag(value) == Tag::Object
                && tape.members(value).count() == wanted.len()
                && tape.members(value).all(|member| {
                    let wanted = wanted.get(keys.text(tape.key(member).0));
                    wanted.is_some_and(|wanted| is_equal(tape, member, wanted, keys))
                })
        }
    }
}

/// Every text that a `const` or `enum` names, at any depth of a condition.
fn constants<'s>(condition: &'s Json, into: &mut Vec<&'s str>) {
    match condition {
        Json::Object(members) => {
            for (key, value) in members {
                match (key.as_str(), value) {
                    ("const", Json::String(text)) => into.push(text),
                    ("enum", Json::Array(texts)) => {
                        into.extend(texts.iter().filter_map(Json::as_str));
                    }
                    _ => constants(value, into),
                }
            }
        }
        Json::Array(elements) => elements.iter().for_each(|element| constants(element, into)),
        _ => {}
    }
}

impl<'s> Compiler<'s, '_> {
    fn kind(&mut self, then: &'s Json, name: &str) -> Result<KindCheck, String> {
        // `then` is one reference to the kind's definition; more than that is a rule.
        let only = then
            .as_object()
            .filter(|then| then.len() == 1)
            .and_then(|then| then.get("$ref"));
        let target = only
            .and_then(Json::as_str)
            .and_then(|text| text.strip_prefix("#/$defs/"));
        let definitions = self.definitions;
        let source = match target {
            Some(target) => definitions.get(target).ok_or_else(|| {
                format!("schema: kind `{name}` refers to `{target}`, which is not there")
            })?,
            None => then,
        };
        let mut check = KindCheck::default();
        let Some(members) = source.as_object() else {
            return Ok(check);
        };
        let mut rest = serde_json::Map::new();
        for (keyword, value) in members {
            match keyword.as_str() {
                "type" if value == "object" => {}
                "properties" | "required" => {}
                _ => {
                    rest.insert(keyword.clone(), value.clone());
                }
            }
        }
        if rest.contains_key("additionalProperties")
            && let Some(properties) = members.get("properties")
        {
            rest.insert("properties".into(), properties.clone());
        }
        check.rules = self.rules(&Json::Object(rest), name)?;
        for key in members
            .get("required")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
        {
            let text = key
                .as_str()
                .ok_or_else(|| format!("schema: `{name}.required` holds no text"))?;
            let key = self.keys.key(text);
            let bit = check.required.len();
            if bit == 63 {
                return Err(format!("schema: `{name}` requires more than 63 members"));
            }
            check.required.push(key);
            check.required_mask |= 1 << bit;
            let slot = self.slot(&mut check, key);
            check.members[slot] = (bit as u32) << 24;
        }
        let properties = members.get("properties").and_then(Json::as_object);
        for (text, schema) in properties.into_iter().flatten() {
            let member = self.member(schema, || format!("{name}.{text}"))?;
            if member == Member::ANY {
                continue;
            }
            let members = &mut self.schema.members;
            let number = *self.numbers.entry(member).or_insert_with(|| {
                members.push(member);
                members.len() as u32 - 1
            });
            let key = self.keys.key(text);
            let slot = self.slot(&mut check, key);
            check.members[slot] = check.members[slot] & !0x00FF_FFFF | number;
        }
        Ok(check)
    }

    fn slot(&mut self, check: &mut KindCheck, key: Key) -> usize {
        let next = self.local.len() as u16 + 1;
        let slot = *self.local.entry(key).or_insert(next) as usize;
        if check.members.len() <= slot {
            check.members.resize(slot + 1, UNCHECKED);
        }
        slot
    }

    /// A member as masks, with a rule where masks do not suffice.
    fn member(
        &mut self,
        schema: &'s Json,
        place: impl FnOnce() -> String,
    ) -> Result<Member, String> {
        let referred = match schema {
            Json::Object(members) if members.len() == 1 => {
                members.get("$ref").and_then(Json::as_str)
            }
            _ => None,
        };
        if let Some(known) = referred.and_then(|name| self.referred.get(name)) {
            return Ok(*known);
        }
        let member = self.new_member(schema, place)?;
        if let Some(name) = referred {
            self.referred.insert(name, member);
        }
        Ok(member)
    }

    fn new_member(
        &mut self,
        schema: &Json,
        place: impl FnOnce() -> String,
    ) -> Result<Member, String> {
        if let Some((types, items)) = self.masks(schema) {
            return Ok(Member {
                types,
                items,
                rule: 0,
            });
        }
        let rules = self.rules(schema, &place())?;
        let rule = self.push(Rule::All(rules));
        Ok(Member {
            types: types::ALL,
            items: types::ALL,
            rule: rule + 1,
        })
    }

    /// Types and types of elements, if that is all the schema says.
    fn masks(&self, schema: &Json) -> Option<(u16, u16)> {
        match schema {
            Json::Bool(true) => Some((types::ALL, types::ALL)),
            Json::Bool(false) => Some((0, 0)),
            Json::Object(members) => {
                let (mut allowed, mut items) = (types::ALL, types::ALL);
                for (keyword, value) in members {
                    match keyword.as_str() {
                        "$ref" => match value.as_str()?.strip_prefix("#/$defs/")? {
                            "node" | "is_node" => allowed &= types::NODE,
                            "child" => {}
                            name => {
                                let (more, of_items) = self.masks(self.definitions.get(name)?)?;
                                allowed &= more;
                                items &= of_items;
                            }
                        },
                        "type" => allowed &= type_mask(value)?,
                        "items" => {
                            let (elements, below) = self.masks(value)?;
                            if below != types::ALL {
                                return None;
                            }
                            items &= elements;
                        }
                        "anyOf" => {
                            let (mut any, mut below) = (0, None);
                            for choice in value.as_array()? {
                                let (more, of_items) = self.masks(choice)?;
                                any |= more;
                                if more & types::ARRAY != 0 {
                                    // Two kinds of arrays: the union of masks would say too little.
                                    if below.is_some_and(|below| below != of_items) {
                                        return None;
                                    }
                                    below = Some(of_items);
                                }
                            }
                            allowed &= any;
                            items &= below.unwrap_or(types::ALL);
                        }
                        other if ANNOTATIONS.contains(&other) => {}
                        _ => return None,
                    }
                }
                Some((allowed, items))
            }
            _ => None,
        }
    }

    fn push(&mut self, rule: Rule) -> u32 {
        self.schema.rules.push(rule);
        self.schema.rules.len() as u32 - 1
    }

    fn rules(&mut self, schema: &Json, place: &str) -> Result<Vec<u32>, String> {
        self.depth += 1;
        if self.depth > 64 {
            return Err(format!(
                "schema: `{place}` refers to itself or is nested too deep"
            ));
        }
        let rules = self.rules_inside(schema, place);
        self.depth -= 1;
        rules
    }

    fn rules_inside(&mut self, schema: &Json, place: &str) -> Result<Vec<u32>, String> {
        let members = match schema {
            Json::Bool(true) => return Ok(Vec::new()),
            Json::Bool(false) => return Ok(vec![self.push(Rule::Never)]),
            Json::Object(members) => members,
            _ => return Err(format!("schema: `{place}` is no schema")),
        };
        let mut rules = Vec::new();
        for (keyword, value) in members {
            let bad = || format!("schema: `{place}` has a `{keyword}` that cannot be read");
            let rule = match keyword.as_str() {
                "type" => Rule::Types(type_mask(value).ok_or_else(bad)?),
                "const" => Rule::Const(value.clone()),
                "enum" => Rule::Enum(value.as_array().ok_or_else(bad)?.clone()),
                "required" => {
                    let mut required = Vec::new();
                    for key in value.as_array().ok_or_else(bad)? {
                        required.push(self.keys.key(key.as_str().ok_or_else(bad)?));
                    }
                    Rule::Required(required)
                }
                "properties" => {
                    let mut properties = Vec::new();
                    for (key, schema) in value.as_object().ok_or_else(bad)? {
                        let rules = self.rules(schema, &format!("{place}.{key}"))?;
                        if !rules.is_empty() {
                            properties.push((self.keys.key(key), rules));
                        }
                    }
                    Rule::Properties(properties)
                }
                "additionalProperties" => {
                    let inside = self.rules(value, place)?;
                    if inside.is_empty() {
                        continue;
                    }
                    let named = members.get("properties").and_then(Json::as_object);
                    let named = named.into_iter().flat_map(serde_json::Map::keys);
                    let named: Vec<Key> = named.map(|key| self.keys.key(key)).collect();
                    Rule::Additional(named, inside)
                }
                "items" => {
                    let inside = self.rules(value, place)?;
                    if inside.is_empty() {
                        continue;
                    }
                    Rule::Items(inside)
                }
                "minimum" => Rule::Bounds {
                    minimum: Some(value.as_f64().ok_or_else(bad)?),
                    maximum: None,
                },
                "maximum" => Rule::Bounds {
                    minimum: None,
                    maximum: Some(value.as_f64().ok_or_else(bad)?),
                },
                "minLength" => Rule::Lengths {
                    text: Some(value.as_u64().ok_or_else(bad)?),
                    items: None,
                },
                "minItems" => Rule::Lengths {
                    text: None,
                    items: Some(value.as_u64().ok_or_else(bad)?),
                },
                "maxItems" => Rule::MostItems(value.as_u64().ok_or_else(bad)?),
                "allOf" => {
                    let mut all = Vec::new();
                    for part in value.as_array().ok_or_else(bad)? {
                        all.extend(self.rules(part, place)?);
                    }
                    Rule::All(all)
                }
                "anyOf" => {
                    let mut any = Vec::new();
                    for part in value.as_array().ok_or_else(bad)? {
                        any.push(self.rules(part, place)?);
                    }
                    Rule::Any(any)
                }
                "not" => Rule::Not(self.rules(value, place)?),
                "if" => {
                    let condition = self.rules(value, place)?;
                    let then = members
                        .get("then")
                        .map_or(Ok(Vec::new()), |then| self.rules(then, place))?;
                    let otherwise = members
                        .get("else")
                        .map_or(Ok(Vec::new()), |e| self.rules(e, place))?;
                    Rule::If {
                        condition,
                        then,
                        otherwise,
                    }
                }
                "then" | "else" => continue,
                "$ref" => match value
                    .as_str()
                    .and_then(|text| text.strip_prefix("#/$defs/"))
                {
                    // The walk reaches every node and child by itself.
                    Some("node" | "is_node") => Rule::Types(types::NODE),
                    Some("child") => continue,
                    Some(name) => {
                        let Some(schema) = self.definitions.get(name) else {
                            return Err(format!(
                                "schema: `{place}` refers to `{name}`, which is not there"
                            ));
                        };
                        Rule::All(self.rules(schema, place)?)
                    }
                    None => {
                        return Err(format!("schema: `{place}` has a `$ref` outside `#/$defs/`"));
                    }
                },
                other if ANNOTATIONS.contains(&other) => continue,
                other => {
                    return Err(format!(
                        "schema: `{place}` uses the keyword `{other}`, which the engine does not know"
                    ));
                }
            };
            rules.push(self.push(rule));
        }
        Ok(rules)
    }
}

fn type_mask(value: &Json) -> Option<u16> {
    let one = |name: &Json| {
        Some(match name.as_str()? {
            "null" => types::NULL,
            "boolean" => types::BOOLEAN,
            "integer" => types::INTEGER,
            "number" => types::NUMBER,
            "string" => types::STRING,
            "array" => types::ARRAY,
            "object" => types::OBJECT,
            _ => return None,
        })
    };
    match value {
        Json::Array(names) => names
            .iter()
            .try_fold(0, |mask, name| Some(mask | one(name)?)),
        name => one(name),
    }
}
