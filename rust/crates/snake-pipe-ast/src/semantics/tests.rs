//! Small trees through small mappings.

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use std::collections::HashMap;

use crate::hash;
use crate::scan::{Data, Engine, Input, Options};

/// A language of defs, classes, assignments, uses and imports.
const MAPPING: &str = r#"{
  "name": "toy", "version": "1", "languages": ["toy"],
  "detect": {"any": [{"path": "@t", "equals": "Module"}]},
  "frame": {"root": [""], "path": [], "language": [{"default": "toy"}]},
  "nodes": {"discriminator": ["t"]},
  "positions": {"encoding": "utf8", "forms": [{"start_line": "line"}]},
  "kinds": {"Module": "module", "Def": {"kind": "function", "name": "name"}, "Class": "class",
    "Name": {"kind": "identifier", "name": "id"}, "Member": {"kind": "expression", "name": "attr"},
    "Call": {"kind": "call", "name": "func"}},
  "scopes": {"class_members": "body", "self": "first_parameter", "super": {"call": "super"},
    "builtins": ["print"], "conditional": ["If"]},
  "modules": {"separator": ".", "drop_extensions": [".toy"], "roots": ["src"], "index": ["__init__"]},
  "patterns": {"leaf": {"Name": "id", "Arg": "arg"}, "inner": {"Tuple": "items[]"},
    "member": {"Member": {"object": "value", "name": "attr"}}, "ignore": ["_"]},
  "chains": {"root": {"Name": "id"}, "member": {"Member": {"object": "value", "name": "attr"}},
    "call": {"Call": "func"}},
  "constructs": {"Call": "func"},
  "types": {"through": {"Of": "value"}, "unwrap": {"names": ["Optional"], "argument": "arg"},
    "opaque": ["Literal"], "union": {"Or": "items[]"}, "string": {"Str": "s"}},
  "rule": [
    {"on": ["Def"], "scope": "function", "outer": ["decorators[]", "defaults[]"],
     "types": [{"path": "returns", "role": "returns"}],
     "define": {"kind": "function", "kind_in": {"class": "method"}, "kind_named": {"init": "constructor"},
       "name": "name", "visibility": "underscore", "parameters": ["args[]"], "parameter_name": ["arg"],
       "docstring": {"path": "doc"}}},
    {"on": ["Class"], "scope": "class", "outer": ["bases[]"],
     "define": {"kind": "class", "name": "name", "visibility": "underscore"},
     "reference": {"role": "inherit", "each": "bases[]"}},
    {"on": ["Lambda"], "scope": "function"},
    {"on": ["Arg"], "bind": {"targets": ["$self"], "kind": "parameter", "type": "type"},
     "types": [{"path": "type"}]},
    {"on": ["Assign"], "bind": {"targets": ["targets[]"], "value": "value", "type": "type",
       "value_defines": {"Lambda": "function"}}},
    {"on": ["Global"], "names": {"path": "names[]", "to": "module"}},
    {"on": ["Import"], "import": {"each": "names[]", "module": "name", "alias": "as", "kind": "module",
       "binds": "first_segment"}},
    {"on": ["From"], "import": {"each": "names[]", "module": "/module", "imported": "name",
       "alias": "as", "level": "/level", "wildcard": "*"}},
    {"on": ["Export"], "export": {"declared": "what"}},
    {"on": ["Call"], "reference": {"role": "call", "target": "func", "arguments": ["args[]"]}},
    {"on": ["Name", "Member"], "reference": {"role": "read",
       "role_when": [{"when": {"path": "store", "truthy": true}, "role": "write"}]}},
    {"on": ["If"], "complexity": {"cyclomatic": 1, "cognitive": "nested", "nests": true}},
    {"on": ["And"], "complexity": {"cyclomatic": 1, "cognitive": "flat", "count": "items[]"}}
  ]}"#;

pub(super) type Tables = HashMap<&'static str, RecordBatch>;

fn scan_as(path: &str, body: &str) -> Tables {
    scan_with(MAPPING, path, body)
}

/// The tables of one artifact with this body through a mapping.
pub(super) fn scan_with(mapping: &str, path: &str, body: &str) -> Tables {
    let units =
        format!(r#"[{{"mappings": [{mapping}], "schema": {{"$defs": {{"node": {{}}}}}}}}]"#);
    let engine = Engine::new(&units).unwrap();
    let source = format!(r#"{{"t": "Module", "body": [{body}]}}"#);
    let input = Input {
        path,
        data: Data::Bytes(source.as_bytes()),
    };
    let options = Options {
        workers: 1,
        max_bytes: 1 << 30,
    };
    let tables = engine.scan("s", &[input], options).unwrap();
    tables
        .into_iter()
        .filter_map(|(name, batches)| Some((name, batches.into_iter().next()?)))
        .collect()
}

fn scan(body: &str) -> Tables {
    scan_as("src/pkg/mod.toy.json", body)
}

pub(super) fn texts(tables: &Tables, table: &str, column: &str) -> Vec<String> {
    let Some(batch) = tables.get(table) else {
        return Vec::new();
    };
    let array = batch.column_by_name(column).unwrap().as_string_view();
    array
        .iter()
        .map(|text| text.unwrap_or("-").to_owned())
        .collect()
}

fn numbers(tables: &Tables, table: &str, column: &str) -> Vec<i32> {
    let array = tables[table]
        .column_by_name(column)
        .unwrap()
        .as_primitive::<Int32Type>();
    array.iter().map(|number| number.unwrap_or(-1)).collect()
}

/// Rows as `a b c` of the columns named.
pub(super) fn rows(tables: &Tables, table: &str, columns: &[&str]) -> Vec<String> {
    let columns: Vec<Vec<String>> = columns
        .iter()
        .map(|column| texts(tables, table, column))
        .collect();
    let count = columns[0].len();
    (0..count)
        .map(|row| {
            columns
                .iter()
                .map(|column| column[row].as_str())
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect()
}

fn symbols(tables: &Tables) -> Vec<String> {
    texts(tables, "symbols", "symbol")
        .iter()
        .map(|symbol| symbol.trim_start_matches("toy src ").to_owned())
        .collect()
}

const USES: [&str; 4] = ["role", "name", "binding", "member_path"];

fn name(id: &str) -> String {
    format!(r#"{{"t": "Name", "id": "{id}"}}"#)
}

#[test]
fn symbols_are_named_by_where_they_stand() {
    let tables = scan(
        r#"{"t": "Class", "name": "C", "body": [
             {"t": "Def", "name": "init", "args": [{"t": "Arg", "arg": "self"}, {"t": "Arg", "arg": "x"}]},
             {"t": "Def", "name": "a b", "doc": "Say it.\n\n    More."}]},
           {"t": "Def", "name": "_f"}, {"t": "Def", "name": "_f"},
           {"t": "Assign", "targets": [{"t": "Name", "id": "LIMIT"}, {"t": "Name", "id": "_"}]},
           {"t": "Assign", "targets": [{"t": "Name", "id": "LIMIT"}]}"#,
    );
    assert_eq!(
        symbols(&tables),
        [
            "pkg/mod/",
            "pkg/mod/C#",
            "pkg/mod/C#init().",
            "pkg/mod/C#init().(self)",
            "pkg/mod/C#init().(x)",
            "pkg/mod/C#`a b`().",
            "pkg/mod/_f().",
            "pkg/mod/_f(+1).",
            "pkg/mod/LIMIT.",
        ]
    );
    assert_eq!(
        rows(
            &tables,
            "symbols",
            &["kind", "visibility", "signature", "qualified_name"]
        )[2..],
        [
            "constructor public (self, x) pkg.mod.C.init",
            "parameter public - pkg.mod.C.init.self",
            "parameter public - pkg.mod.C.init.x",
            "method public () pkg.mod.C.a b",
            "function protected () pkg.mod._f",
            "function protected () pkg.mod._f",
            "constant public - pkg.mod.LIMIT",
        ]
    );
    assert_eq!(
        texts(&tables, "symbols", "docstring")[5],
        "Say it.\n\nMore."
    );
    let ids = tables["symbols"].column_by_name("symbol_id").unwrap();
    let ids = ids.as_primitive::<arrow_array::types::Int64Type>();
    assert_eq!(ids.value(1), hash::id("toy src pkg/mod/C#"));
}

#[test]
fn names_are_bound_after_everything_is_declared() {
    let tables = scan(&format!(
        r#"{{"t": "Def", "name": "f", "body": [
              {{"t": "Call", "func": {late}, "args": [{{"t": "Str", "s": "x"}}]}},
              {{"t": "Call", "func": {print}}},
              {{"t": "Call", "func": {nowhere}}},
              {{"t": "Assign", "targets": [{local}]}},
              {{"t": "Call", "func": {{"t": "Member", "attr": "go", "value": {local}}}}},
              {late}]}},
            {{"t": "Def", "name": "late"}}"#,
        late = name("late"),
        print = name("print"),
        nowhere = name("nowhere"),
        local = name("local"),
    ));
    assert_eq!(
        rows(&tables, "references", &USES),
        [
            "call late symbol ",
            "call print builtin ",
            "call nowhere unbound ",
            "call go local go",
            "read late symbol ",
        ]
    );
    assert_eq!(
        numbers(&tables, "references", "argument_count"),
        [1, 0, 0, 0, -1]
    );
}

#[test]
fn self_and_super_mean_the_class_around() {
    let tables = scan(&format!(
        r#"{{"t": "Class", "name": "C", "bases": [{base}], "body": [{{"t": "Def", "name": "m",
             "args": [{{"t": "Arg", "arg": "me"}}], "body": [
               {{"t": "Assign", "targets": [{{"t": "Member", "attr": "x", "value": {me}, "store": true}}],
                 "value": {{"t": "Call", "func": {base}}}}},
               {{"t": "Call", "func": {{"t": "Member", "attr": "m", "value":
                  {{"t": "Call", "func": {up}}}}}}},
               {{"t": "Call", "func": {{"t": "Member", "attr": "go", "value":
                  {{"t": "Member", "attr": "x", "value": {me}}}}}}}]}}]}}"#,
        base = name("Base"),
        me = name("me"),
        up = name("super"),
    ));
    assert_eq!(symbols(&tables)[4], "pkg/mod/C#x.");
    let class = hash::id("toy src pkg/mod/C#");
    let ids = tables["references"].column_by_name("binding_id").unwrap();
    let ids = ids.as_primitive::<arrow_array::types::Int64Type>();
    let columns = ["role", "name", "qualifier", "binding", "member_path"];
    let found = rows(&tables, "references", &columns);
    assert_eq!(
        found,
        [
            "inherit Base - unbound ",
            "write x me self x",
            "call Base - unbound ",
            "type Base - unbound ",
            "call m super() super m",
            "call super - unbound ",
            "call go me.x self x.go",
        ]
    );
    assert!([1, 4, 6].iter().all(|&row| ids.value(row) == class));
}

#[test]
fn typed_names_stand_for_their_types() {
    let tables = scan(&format!(
        r#"{{"t": "Import", "names": [{{"t": "Alias", "name": "a.b"}}]}},
           {{"t": "Def", "name": "f", "args": [
              {{"t": "Arg", "arg": "x", "type": {{"t": "Of", "value": {optional}, "arg":
                 {{"t": "Member", "attr": "T", "value": {a}}}}}}}],
             "body": [{{"t": "Call", "func": {{"t": "Member", "attr": "go", "value": {x}}}}},
                      {{"t": "Assign", "targets": [{y}], "value": {{"t": "Call", "func": {k}}}}},
                      {{"t": "Call", "func": {{"t": "Member", "attr": "run", "value": {y}}}}}]}}"#,
        optional = name("Optional"),
        a = name("a"),
        x = name("x"),
        y = name("y"),
        k = name("k"),
    ));
    let columns = [
        "role",
        "name",
        "binding",
        "binding_name",
        "type_path",
        "type_via",
        "member_path",
    ];
    assert_eq!(
        rows(&tables, "references", &columns),
        [
            "type Optional unbound Optional - - ",
            "type T import a - annotation T",
            "call go import a T annotation go",
            "call k unbound k - - ",
            "call run unbound k  constructor run",
        ]
    );
}

#[test]
fn imports_bind_and_say_under_which_condition() {
    let tables = scan(
        r#"{"t": "From", "module": "m", "level": 2, "names": [{"t": "Alias", "name": "x", "as": "y"}]},
           {"t": "If", "body": [{"t": "From", "module": "n", "level": "...", "names":
              [{"t": "Alias", "name": "*"}]}]},
           {"t": "Import", "names": [{"t": "Alias", "name": "p.q"}]},
           {"t": "Call", "func": {"t": "Member", "attr": "q", "value": {"t": "Name", "id": "p"}}},
           {"t": "Call", "func": {"t": "Name", "id": "unknown"}}"#,
    );
    let columns = ["module", "imported_name", "alias", "kind"];
    assert_eq!(
        rows(&tables, "imports", &columns),
        ["m x y symbol", "n * - wildcard", "p.q  p module"].map(|row| row.replace(" - ", "  "))
    );
    assert_eq!(numbers(&tables, "imports", "level"), [2, 3, 0]);
    let conditional = tables["imports"]
        .column_by_name("is_conditional")
        .unwrap()
        .as_boolean();
    assert_eq!(
        conditional.iter().map(Option::unwrap).collect::<Vec<_>>(),
        [false, true, false]
    );
    assert_eq!(
        rows(&tables, "references", &USES),
        ["call q import q", "call unknown wildcard "]
    );
}

#[test]
fn global_names_are_written_not_declared() {
    let tables = scan(
        r#"{"t": "Assign", "targets": [{"t": "Name", "id": "g", "store": true}]},
           {"t": "Def", "name": "f", "body": [{"t": "Global", "names": ["g"]},
              {"t": "Assign", "targets": [{"t": "Name", "id": "g", "store": true}]}]}"#,
    );
    assert_eq!(symbols(&tables), ["pkg/mod/", "pkg/mod/g.", "pkg/mod/f()."]);
    assert_eq!(rows(&tables, "references", &USES), ["write g symbol "]);
}

#[test]
fn outer_subtrees_and_class_members_keep_to_their_scopes() {
    let tables = scan(
        r#"{"t": "Class", "name": "C", "body": [
             {"t": "Assign", "targets": [{"t": "Name", "id": "v"}]},
             {"t": "Def", "name": "m", "defaults": [{"t": "Name", "id": "v"}],
              "body": [{"t": "Name", "id": "v"}]}]}"#,
    );
    let columns = ["name", "binding"];
    assert_eq!(
        rows(&tables, "references", &columns),
        ["v symbol", "v unbound"]
    );
    let owners = tables["references"].column_by_name("symbol_id").unwrap();
    let owners = owners.as_primitive::<arrow_array::types::Int64Type>();
    assert_eq!(owners.value(0), hash::id("toy src pkg/mod/C#"));
    assert_eq!(owners.value(1), hash::id("toy src pkg/mod/C#m()."));
}

#[test]
fn branches_count_for_the_callable_around() {
    let tables = scan(
        r#"{"t": "Def", "name": "f", "body": [{"t": "If", "body": [{"t": "If", "test":
             {"t": "And", "items": [1, 2, 3]}},
             {"t": "Def", "name": "g", "body": [{"t": "If"}]}]}]}"#,
    );
    assert_eq!(
        numbers(&tables, "symbols", "cyclomatic_complexity"),
        [1, 5, 2]
    );
    assert_eq!(
        numbers(&tables, "symbols", "cognitive_complexity"),
        [0, 4, 1]
    );
    assert_eq!(numbers(&tables, "symbols", "max_nesting"), [0, 2, 1]);
}

#[test]
fn exports_of_a_declaration_are_what_it_binds_around() {
    let tables = scan(
        r#"{"t": "Export", "what": {"t": "Def", "name": "f", "args": [{"t": "Arg", "arg": "x"}]}},
           {"t": "Export", "what": {"t": "Assign", "targets": [{"t": "Tuple", "items":
             [{"t": "Name", "id": "a"}, {"t": "Name", "id": "b"}]}]}}"#,
    );
    let columns = ["exported_name", "local_name", "kind"];
    assert_eq!(
        rows(&tables, "exports", &columns),
        ["f f symbol", "a a symbol", "b b symbol"]
    );
    assert_eq!(
        rows(&tables, "symbols", &["name", "flags"]),
        ["mod ", "f exported", "x ", "a exported", "b exported"]
    );
}

#[test]
fn value_defined_functions_own_what_is_below() {
    let tables = scan(
        r#"{"t": "Assign", "targets": [{"t": "Name", "id": "f"}], "value":
             {"t": "Lambda", "body": {"t": "Call", "func": {"t": "Name", "id": "f"}}}}"#,
    );
    assert_eq!(symbols(&tables), ["pkg/mod/", "pkg/mod/f()."]);
    let owner = tables["references"].column_by_name("symbol_id").unwrap();
    let owner = owner.as_primitive::<arrow_array::types::Int64Type>();
    assert_eq!(owner.value(0), hash::id("toy src pkg/mod/f()."));
}

#[test]
fn documents_are_placed_below_their_roots() {
    for (path, root, package, module, symbol) in [
        (
            "src/pkg/mod.toy.json",
            "src",
            "pkg",
            "pkg.mod",
            "toy src pkg/mod/",
        ),
        (
            "pkg/__init__.toy.json",
            ".",
            "pkg",
            "pkg",
            "toy . pkg/__init__/",
        ),
        ("a.toy.json", ".", "", "a", "toy . a/"),
        ("x y/a.b.json", ".", "x y", "x y.a", "toy . `x y`/`a.b`/"),
    ] {
        let tables = scan_as(path, "");
        assert_eq!(
            rows(&tables, "documents", &["root", "package", "module"]),
            [format!("{root} {package} {module}")]
        );
        assert_eq!(texts(&tables, "symbols", "symbol"), [symbol]);
    }
}

#[test]
fn depth_costs_no_square() {
    let depth = 20_000;
    let mut body = String::new();
    for _ in 0..depth {
        body.push_str(r#"{"t": "Def", "name": "f", "body": ["#);
    }
    body.push_str(r#"{"t": "Call", "func": {"t": "Name", "id": "f"}}"#);
    body.push_str(&"]}".repeat(depth));
    let tables = scan(&body);
    let symbols = texts(&tables, "symbols", "symbol");
    assert_eq!(symbols.len(), depth + 1);
    assert!(symbols.iter().all(|symbol| symbol.len() < 2_100));
    let mut unique = symbols.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), symbols.len());

    let mut chain = r#"{"t": "Call", "func": {"t": "Member", "attr": "b", "value": "#.repeat(depth);
    chain.push_str(r#"{"t": "Name", "id": "a"}"#);
    chain.push_str(&"}}".repeat(depth));
    let tables = scan(&chain);
    assert_eq!(texts(&tables, "references", "role").len(), depth);
}
