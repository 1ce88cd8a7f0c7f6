//! Where the nodes of clang's JSON stand, and which of them are of the file that was compiled.
//!
//! Belongs here: the procedure `clang` of `[positions]` (`docs/reference/mapping.md` §5). Does not:
//! what its kinds mean (the mapping), other positions (`positions`).
//!
//! clang writes a place's file and line only where they differ from the place that it wrote before, so
//! every place has to be read, in the order of the JSON, also those in what is not kept.

use std::collections::{HashMap, HashSet};

use crate::hash;
use crate::intern::{Key, Keys};
use crate::positions::is_reversed;
use crate::tape::{Tag, Tape, Value};
use crate::tree::{Remarks, Span, Tree};

/// The members that the procedure reads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words {
    offset: Key,
    token_length: Key,
    file: Key,
    line: Key,
    column: Key,
    included_from: Key,
    expansion: Key,
    loc: Key,
    range: Key,
    begin: Key,
    end: Key,
    inner: Key,
    id: Key,
    kind: Key,
    name: Key,
    owner: Key,
    implicit: Key,
}

/// Kinds of declarations that others are in by name.
const CONTEXTS: [&str; 5] = [
    "NamespaceDecl",
    "RecordDecl",
    "CXXRecordDecl",
    "ClassTemplateSpecializationDecl",
    "ClassTemplatePartialSpecializationDecl",
];

/// Kinds that hold what was written and then its instances.
const TEMPLATES: [&str; 3] = [
    "ClassTemplateDecl",
    "FunctionTemplateDecl",
    "VarTemplateDecl",
];

/// Declarations around one another that are looked at, and the longest name that they make, in bytes.
const DEEPEST: usize = 32;
const LONGEST: usize = 1_024;

/// A declaration that others are in.
#[derive(Clone, Copy, Debug)]
struct Container {
    name: Value,
    /// The one around; `usize::MAX` if none.
    around: usize,
}

/// A member that says by an id which declaration its object is in, and the one that it stands in.
#[derive(Clone, Copy, Debug)]
struct Owned {
    id: Value,
    around: usize,
}

/// A place, with what it inherits.
#[derive(Clone, Copy, Debug)]
struct Place {
    value: Value,
    /// The text of its file's name.
    file: Option<Value>,
    /// 1-based; 0 if none was told.
    line: i32,
}

/// All places of an artifact, in its order.
#[derive(Debug, Default)]
pub(crate) struct Places {
    list: Vec<Place>,
    main: Option<Value>,
    containers: Vec<Container>,
    owned: Vec<Owned>,
    /// By a hash of the id.
    by_id: HashMap<u64, usize>,
}

impl Words {
    pub(crate) fn compile(keys: &mut Keys) -> Words {
        let mut key = |text: &str| keys.key(text);
        Words {
            offset: key("offset"),
            token_length: key("tokLen"),
            file: key("file"),
            line: key("line"),
            column: key("col"),
            included_from: key("includedFrom"),
            expansion: key("expansionLoc"),
            loc: key("loc"),
            range: key("range"),
            begin: key("begin"),
            end: key("end"),
            inner: key("inner"),
            id: key("id"),
            kind: key("kind"),
            name: key("name"),
            owner: key("parentDeclContextId"),
            implicit: key("isImplicit"),
        }
    }

    /// Read all places below a root; find the file that was compiled.
    pub(crate) fn read(&self, tape: &Tape<'_>, root: Value) -> Places {
        let mut found = Places::default();
        let (mut file, mut line) = (None, 0);
        // Declarations that the walk is in: their numbers and where they end.
        let mut open: Vec<(usize, Value)> = Vec::new();
        let mut at = root;
        let end = tape.next(root);
        while at < end {
            if tape.key(at) == Key::SHADOWED {
                at = tape.next(at);
                continue;
            }
            if tape.tag(at) != Tag::Object {
                at = Value(at.0 + 1);
                continue;
            }
            while open.last().is_some_and(|&(_, end)| end <= at) {
                open.pop();
            }
            let around = open.last().map_or(usize::MAX, |&(number, _)| number);
            if let Some(owner) = tape.get(at, self.owner) {
                found.owned.push(Owned { id: owner, around });
            }
            if let Some((id, name)) = self.container(tape, at) {
                let number = found.containers.len();
                found.containers.push(Container { name, around });
                found.by_id.insert(id, number);
                open.push((number, tape.next(at)));
            }
            if self.is_place(tape, at) {
                if let Some(told) = tape.get(at, self.file)
                    && tape.tag(told) == Tag::String
                {
                    file = Some(told);
                }
                let told = tape
                    .get(at, self.line)
                    .and_then(|told| positive(tape, told));
                line = told.unwrap_or(line);
                if found.main.is_none() && tape.get(at, self.included_from).is_none() {
                    let is_real =
                        |&file: &Value| !tape.str(file).is_none_or(|name| name.starts_with('<'));
                    found.main = file.filter(is_real);
                }
                found.list.push(Place {
                    value: at,
                    file,
                    line,
                });
            }
            at = Value(at.0 + 1);
        }
        found
    }

    /// The name of the file that was compiled.
    pub(crate) fn main_file<'t>(&self, tape: &'t Tape<'_>, root: Value) -> Option<&'t str> {
        tape.str(self.read(tape, root).main?)
    }

    /// The id and name of a declaration that others can be in.
    fn container(&self, tape: &Tape<'_>, object: Value) -> Option<(u64, Value)> {
        tape.get(object, self.inner)?;
        let kind = tape.str(tape.get(object, self.kind)?)?;
        let name = tape.get(object, self.name)?;
        let id = tape.str(tape.get(object, self.id)?)?;
        (CONTEXTS.contains(&kind) && tape.tag(name) == Tag::String)
            .then(|| (hash::text(id.as_bytes()), name))
    }

    fn is_place(&self, tape: &Tape<'_>, object: Value) -> bool {
        tape.get(object, self.offset).is_some() && tape.get(object, self.token_length).is_some()
    }

    /// The place that an object is, or that of the macro's use.
    fn place<'p>(
        &self,
        tape: &Tape<'_>,
        object: Option<Value>,
        found: &'p Places,
    ) -> Option<&'p Place> {
        let object = object?;
        let value = tape.get(object, self.expansion).unwrap_or(object);
        let index = found.list.binary_search_by_key(&value, |place| place.value);
        Some(&found.list[index.ok()?])
    }

    /// Take out of the root's `inner` what does not stand in the file that was compiled. Of each file
    /// that this one includes, the first declaration stays, without what is in it.
    pub(crate) fn prune(&self, tape: &mut Tape<'_>, root: Value, found: &Places) {
        let Some(inner) = tape
            .get(root, self.inner)
            .filter(|_| !found.list.is_empty())
        else {
            return;
        };
        let main = found.main.and_then(|main| tape.str(main));
        let main = main.unwrap_or_default().to_owned();
        let mut seen = HashSet::new();
        let mut kept = Vec::new();
        let children: Vec<Value> = tape.elements(inner).collect();
        for child in children {
            let loc = self.place(tape, tape.get(child, self.loc), found);
            let begin = || {
                let range = tape.get(child, self.range)?;
                self.place(tape, tape.get(range, self.begin), found)
            };
            let place = loc.or_else(begin);
            let file = place.and_then(|place| tape.str(place.file?));
            if file.is_some_and(|file| file == main) && !self.is_implicit(tape, child) {
                kept.push(child);
                continue;
            }
            let from = place
                .and_then(|place| tape.get(place.value, self.included_from))
                .and_then(|from| tape.str(tape.get(from, self.file)?));
            let is_first = file.is_some_and(|file| seen.insert(hash::text(file.as_bytes())));
            if is_first && from.is_some_and(|from| from == main) {
                if let Some(below) = tape.get(child, self.inner) {
                    tape.shadow(below);
                }
            } else {
                tape.shadow(child);
            }
        }
        while let Some(object) = kept.pop() {
            self.prune_repeats(tape, object, &mut kept);
        }
    }

    fn kind_of<'t>(&self, tape: &'t Tape<'_>, object: Value) -> &'t str {
        let kind = tape.get(object, self.kind);
        kind.and_then(|kind| tape.str(kind)).unwrap_or_default()
    }

    /// Whether a declaration is one that nobody wrote.
    fn is_implicit(&self, tape: &Tape<'_>, object: Value) -> bool {
        let told = tape.get(object, self.implicit);
        told.is_some_and(|told| tape.tag(told) == Tag::True)
            && self.kind_of(tape, object).ends_with("Decl")
    }

    /// Take out of `inner` what clang made of what was written: implicit declarations, instances of
    /// templates, the second copy of a lambda's body. What stays goes to `kept`.
    fn prune_repeats(&self, tape: &mut Tape<'_>, object: Value, kept: &mut Vec<Value>) {
        let Some(inner) = tape.get(object, self.inner) else {
            return;
        };
        let kind = self.kind_of(tape, object);
        let is_lambda = kind == "LambdaExpr";
        let is_template = TEMPLATES.contains(&kind);
        let mut has_pattern = false;
        let children: Vec<Value> = tape.elements(inner).collect();
        for child in children {
            let kind = self.kind_of(tape, child);
            let is_pattern = is_template && kind.ends_with("Decl") && !kind.ends_with("ParmDecl");
            let is_repeat = is_pattern && has_pattern
                || is_lambda && kind == "CompoundStmt"
                || !is_lambda && self.is_implicit(tape, child);
            has_pattern |= is_pattern;
            if is_repeat {
                tape.shadow(child);
            } else {
                kept.push(child);
            }
        }
    }

    /// Give the nodes their spans.
    pub(crate) fn locate(
        &self,
        tape: &Tape<'_>,
        found: &Places,
        tree: &mut Tree,
        remarks: &mut Remarks,
    ) {
        let main = found.main.and_then(|main| tape.str(main));
        for node in 0..tree.len() {
            let value = tree.value[node];
            let Some(range) = tape.get(value, self.range) else {
                continue;
            };
            let edge = |key: Key| {
                let place = self.place(tape, tape.get(range, key), found)?;
                let file = place.file.and_then(|file| tape.str(file));
                (file == main).then_some(place)
            };
            let mut span = Span::NONE;
            let mut is_valid = true;
            for (part, key) in [self.begin, self.end].into_iter().enumerate() {
                let Some(place) = edge(key) else { continue };
                let number = |key: Key| tape.get(place.value, key).map(|value| tape.as_i64(value));
                let after = match number(self.token_length) {
                    Some(Some(length)) if (0..1 << 31).contains(&length) => length * part as i64,
                    _ => {
                        is_valid &= part == 0;
                        0
                    }
                };
                if place.line > 0 {
                    span.lines[2 * part] = place.line;
                }
                match number(self.column) {
                    Some(Some(column)) if (1..1 << 31).contains(&column) => {
                        match i32::try_from(column - 1 + after) {
                            Ok(column) => span.lines[2 * part + 1] = column,
                            Err(_) => is_valid = false,
                        }
                    }
                    Some(_) => is_valid = false,
                    None => {}
                }
                match number(self.offset) {
                    Some(Some(offset)) if (0..=1 << 53).contains(&offset) => {
                        span.bytes[part] = offset + after;
                    }
                    _ => is_valid = false,
                }
            }
            if !is_valid {
                remarks.invalid_positions.add(value);
            }
            if is_reversed(&span) {
                remarks.reversed_positions.add(value);
            }
            tree.span[node] = span;
        }
    }
}

impl Places {
    /// Write names in the place of ids that say which declaration a declaration is in.
    ///
    /// The name begins below the declarations around: `D`, or `ns::D` outside of `ns`. It is empty if
    /// the id is unknown.
    pub(crate) fn name_owners(&self, tape: &mut Tape<'_>) {
        for owned in &self.owned {
            let Some(id) = tape.str(owned.id) else {
                continue;
            };
            let number = self.by_id.get(&hash::text(id.as_bytes())).copied();
            let name = |number: usize| tape.str(self.containers[number].name);
            let mut names: Vec<&str> = self
                .chain(number.unwrap_or(usize::MAX))
                // Namespaces are opened again and again: the name counts.
                .take_while(|&number| !self.chain(owned.around).any(|one| name(one) == name(number)))
                .filter_map(name)
                .collect();
            names.reverse();
            let bytes: usize = names.iter().map(|name| name.len()).sum();
            let text = if bytes > LONGEST {
                String::new()
            } else {
                names.join("::")
            };
            tape.rewrite(owned.id, &text);
        }
    }

    /// A declaration and those around it, innermost first.
    fn chain(&self, from: usize) -> impl Iterator<Item = usize> + '_ {
        let known = |number: usize| (number != usize::MAX).then_some(number);
        std::iter::successors(known(from), move |&number| {
            known(self.containers[number].around)
        })
        .take(DEEPEST)
    }
}

/// A line's number, if the value is one.
fn positive(tape: &Tape<'_>, value: Value) -> Option<i32> {
    let number = tape.as_i64(value)?;
    i32::try_from(number).ok().filter(|&number| number > 0)
}
