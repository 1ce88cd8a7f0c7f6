//! What the constructs are for: small pieces of the languages that need them.

use super::tests::{Tables, rows, scan_with, texts};

/// Types, what adds to them, namespaces, imports and marks, with `::` between names.
const MAPPING: &str = r#"{
  "name": "toy", "version": "1", "languages": ["toy"],
  "detect": {"any": [{"path": "@t", "equals": "Module"}]},
  "frame": {"root": [""], "path": [], "language": [{"default": "toy"}]},
  "nodes": {"discriminator": ["t"]},
  "positions": {"encoding": "utf8", "forms": [{"start_line": "line"}]},
  "kinds": {"Module": "module", "Text": {"kind": "literal", "name": "text", "strip": ":"},
    "Path": {"kind": "identifier", "name": {"join": ["scope", "name"], "with": "::"}}},
  "scopes": {"class_members": "always", "self_names": ["this"], "super": {"names": ["parent"]},
    "implicit_self": true},
  "modules": {"separator": "::", "drop_extensions": [".toy"]},
  "patterns": {"leaf": {"Name": "id"}},
  "chains": {"root": {"Name": "id", "Path": "$self"}, "separator": "::"},
  "producer": {"id": "key", "also": "before", "reference": "means", "scope": "source"},
  "rule": [
    {"on": ["Space"], "following": true, "scope": "module",
     "define": {"kind": "namespace", "name": "name"}},
    {"on": ["Type"], "scope": "class", "define": {"kind": "class", "name": "name",
      "kind_when": [{"when": {"path": "flags", "bits": 4}, "kind": "interface"}]}},
    {"on": ["Impl"], "scope": "class", "define": {"kind": "class", "name": "name", "extends": true},
     "reference": {"role": "implement", "each": "trait[]"}},
    {"on": ["Fn"], "scope": "function", "define": {"kind": "function", "name": "name",
      "kind_in": {"class": "method"}, "container": "of", "stand_in": "class",
      "visibility_when": [{"when": {"path": "flags", "bits": 1}, "visibility": "internal"}]}},
    {"on": ["Mark"], "when": {"path": "names", "exists": false},
     "mark": {"path": "word", "kinds": ["method"]}},
    {"on": ["Mark"], "when": {"path": "names", "exists": true},
     "mark": {"path": "word", "names": "names[]"}},
    {"on": ["Use"], "import": {"module": {"join": ["^^<Group>[].prefix", "name"], "with": "::"},
      "alias": "as", "split": true, "level": 1, "wildcard": "*"}},
    {"on": ["Call"], "reference": {"role": "call", "target": "f"}},
    {"on": ["Read"], "reference": {"role": "read", "target": "f"}}
  ]}"#;

fn scan(body: &str) -> Tables {
    scan_with(MAPPING, "a.toy.json", body)
}

fn symbols(tables: &Tables) -> Vec<String> {
    let strip = |text: String| text.trim_start_matches("toy . a/").to_owned();
    let all = rows(tables, "symbols", &["symbol", "kind", "visibility"]);
    all.into_iter().map(strip).skip(1).collect()
}

#[test]
fn what_adds_to_a_type_is_that_type() {
    let tables = scan(
        r#"{"t": "Impl", "name": "A", "trait": [{"t": "Name", "id": "T"}],
            "body": [{"t": "Fn", "name": "f"}]},
           {"t": "Type", "name": "A", "body": [{"t": "Fn", "name": "g"}]},
           {"t": "Fn", "name": "h", "of": "A", "body": [{"t": "Call", "f": {"t": "Name", "id": "g"}}]},
           {"t": "Fn", "name": "i", "of": "B"}, {"t": "Fn", "name": "j", "of": "B"}"#,
    );
    assert_eq!(
        symbols(&tables),
        [
            "A#f(). method public",
            "A# class public",
            "A#g(). method public",
            "A#h(). function public",
            "B# class public",
            "B#i(). function public",
            "B#j(). function public",
        ]
    );
    assert_eq!(texts(&tables, "symbols", "flags")[5], "extension");
    assert_eq!(
        rows(&tables, "references", &["role", "name", "binding"]),
        ["implement T unbound", "call g symbol"]
    );
}

#[test]
fn a_namespace_holds_what_follows_it() {
    let tables = scan(
        r#"{"t": "Type", "name": "A"}, {"t": "Space", "name": "n"}, {"t": "Type", "name": "B"},
           {"t": "Space", "name": "m"}, {"t": "Type", "name": "C", "flags": 12}"#,
    );
    let names: Vec<String> = rows(&tables, "symbols", &["symbol", "kind"]);
    assert_eq!(
        names[1..],
        [
            "toy . a/A# class",
            "toy . a/n/ namespace",
            "toy . a/n/B# class",
            "toy . a/m/ namespace",
            "toy . a/m/C# interface",
        ]
    );
}

#[test]
fn marks_are_said_of_what_follows_or_is_named() {
    let tables = scan(
        r#"{"t": "Type", "name": "A", "body": [
             {"t": "Fn", "name": "f"}, {"t": "Mark", "word": "private"}, {"t": "Fn", "name": "g"},
             {"t": "Type", "name": "N", "body": [{"t": "Fn", "name": "x"}]}, {"t": "Fn", "name": "h", "flags": 1},
             {"t": "Mark", "word": "public odd", "names": [{"t": "Text", "text": ":h"}]}]},
           {"t": "Fn", "name": "k", "flags": 3}"#,
    );
    assert_eq!(
        symbols(&tables)[1..],
        [
            "A#f(). method public",
            "A#g(). method private",
            "A#N# class public",
            "A#N#x(). method public",
            "A#h(). method public",
            "k(). function internal",
        ]
    );
    assert_eq!(texts(&tables, "symbols", "flags")[6], "odd");
}

#[test]
fn imports_are_a_prefix_and_items() {
    let tables = scan(
        r#"{"t": "Group", "prefix": "a", "items": [{"t": "Use", "name": "b"},
             {"t": "Group", "prefix": "c", "items": [{"t": "Use", "name": "d::e", "as": "x"},
               {"t": "Use", "name": "f", "as": "*"}]}]},
           {"t": "Use", "name": "::g"}"#,
    );
    let columns = ["module", "imported_name", "alias", "kind"];
    assert_eq!(
        rows(&tables, "imports", &columns),
        [
            "a b b symbol",
            "a::c::d e x symbol",
            "a::c::f *  wildcard",
            " g g symbol"
        ]
    );
}

#[test]
fn roots_are_split_and_may_be_words() {
    let tables = scan(
        r#"{"t": "Type", "name": "A", "body": [{"t": "Fn", "name": "f", "body": [
             {"t": "Call", "f": {"t": "Path", "scope": "this", "name": "g"}},
             {"t": "Call", "f": {"t": "Name", "id": "parent::h"}},
             {"t": "Call", "f": {"t": "Name", "id": "::A::f"}},
             {"t": "Call", "f": {"t": "Name", "id": "A::f"}}]}]}"#,
    );
    let columns = ["binding", "binding_name", "member_path", "qualifier"];
    assert_eq!(
        rows(&tables, "references", &columns),
        [
            "self this g this",
            "super parent h parent",
            "global A f A",
            "symbol A f A"
        ]
    );
}

#[test]
fn the_producer_says_what_a_name_means() {
    let tables = scan(
        r#"{"t": "Fn", "name": "f", "key": 7, "before": "3"}, {"t": "Fn", "name": "f", "key": 8},
           {"t": "Call", "f": {"t": "Name", "id": "f", "means": 8}},
           {"t": "Call", "f": {"t": "Name", "id": "f", "means": 3}},
           {"t": "Call", "f": {"t": "Name", "id": "f", "means": 9}},
           {"t": "Call", "f": {"t": "Name", "id": "f", "means": -4}}"#,
    );
    assert_eq!(texts(&tables, "symbols", "producer_key"), ["-", "7", "8"]);
    assert_eq!(
        texts(&tables, "references", "target_key"),
        ["-", "-", "9", "-"]
    );
    let ids = |table: &str, column: &str| {
        use arrow_array::cast::AsArray;
        let array = tables[table].column_by_name(column).unwrap().clone();
        let array = array.as_primitive::<arrow_array::types::Int64Type>();
        array.iter().collect::<Vec<_>>()
    };
    let symbols = ids("symbols", "symbol_id");
    let targets = ids("references", "target_id");
    assert_eq!(targets, [symbols[2], symbols[1], None, None]);
}
