//! Whole artifacts through the engine.

use super::*;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type};
use std::collections::HashMap;

const UNITS: &str = r##"[
  {"mappings": [{
     "name": "toy", "version": "3", "languages": ["toy"],
     "detect": {"any": [{"path": "@type", "equals": "Root", "producer": "toyparser"}]},
     "frame": {"root": "", "path": "@file", "language": [{"default": "toy"}]},
     "nodes": {"discriminator": ["type"], "skip": ["tokens", "Leaf.hidden"]},
     "positions": {"encoding": "utf16", "line_base": 1, "column_base": 1, "end": "inclusive",
       "forms": [{"start_line": "loc.start.line", "start_column": "loc.start.column",
                  "end_line": "loc.end.line", "end_column": "loc.end.column"},
                 {"start_byte": "range[0]", "end_byte": "range[1]", "start_line": "line"}]},
     "kinds": {"Root": "module", "Leaf": {"kind": "identifier", "name": "name"}}}],
   "schema": {"$defs": {
     "node": {"allOf": [
        {"if": {"properties": {"type": {"const": "Leaf"}}}, "then": {"$ref": "#/$defs/Leaf"}},
        {"if": {"properties": {"type": {"const": "Root"}}}, "then": {"$ref": "#/$defs/Root"}}]},
     "is_node": {"type": "object"},
     "Root": {"type": "object", "properties": {"body": {"type": "array",
        "items": {"anyOf": [{"$ref": "#/$defs/is_node"}, {"type": "null"}]}}}, "required": ["body"]},
     "Leaf": {"type": "object", "required": ["name"], "properties": {
        "name": {"type": ["string", "null"]}, "mode": {"enum": ["a", "b"]},
        "size": {"type": "integer", "minimum": 1}, "tokens": {"type": "array"}}}}}},
  {"refuse": [{"name": "old", "detect": {"any": [{"path": "@old", "exists": true}]},
               "message": "This is the old format.", "hint": "Use the new one."}]}]"##;

/// The path of an artifact on which the engine fails when all its rows are written.
pub(super) const FAULTY: &str = "faulty.json";

fn scan(contents: &[(&str, &[u8])]) -> HashMap<&'static str, RecordBatch> {
    let engine = Engine::new(UNITS).unwrap();
    let inputs: Vec<Input<'_>> = contents
        .iter()
        .map(|&(path, bytes)| Input {
            path,
            data: Data::Bytes(bytes),
        })
        .collect();
    let options = Options {
        workers: 2,
        max_bytes: 10_000_000,
    };
    let tables = engine.scan("src", &inputs, options).unwrap();
    tables
        .into_iter()
        .map(|(name, mut batches)| (name, batches.remove(0)))
        .collect()
}

fn texts(batch: &RecordBatch, column: &str) -> Vec<Option<String>> {
    let array = batch.column_by_name(column).unwrap().as_string_view();
    array.iter().map(|text| text.map(str::to_owned)).collect()
}

fn plain(batch: &RecordBatch, column: &str) -> Vec<String> {
    texts(batch, column).into_iter().flatten().collect()
}

fn numbers(batch: &RecordBatch, column: &str) -> Vec<Option<i64>> {
    let array = batch.column_by_name(column).unwrap();
    match array.as_primitive_opt::<Int32Type>() {
        Some(array) => array.iter().map(|n| n.map(i64::from)).collect(),
        None => array.as_primitive::<Int64Type>().iter().collect(),
    }
}

#[test]
fn nodes_keep_their_places_and_fields() {
    let source = br#"{"type": "Root", "file": "dir/a.toy", "body": [
        {"type": "Leaf", "name": "x", "loc": {"start": {"line": 2, "column": 1},
                                              "end": {"line": 2, "column": 4}}},
        null,
        {"type": "Leaf", "name": null, "deep": {"list": [[{"type": "Odd"}], {"k/": {"type": "Leaf",
         "name": "a name longer than twelve bytes"}}]}, "range": [5, 9], "line": 7}],
        "tokens": [{"type": "Leaf"}]}"#;
    let tables = scan(&[("a.json", source)]);
    let nodes = &tables["nodes"];
    assert_eq!(
        plain(nodes, "native_kind"),
        ["Root", "Leaf", "Leaf", "Odd", "Leaf"]
    );
    assert_eq!(
        plain(nodes, "kind"),
        [
            "module",
            "identifier",
            "identifier",
            "unknown",
            "identifier"
        ]
    );
    assert_eq!(
        plain(nodes, "field"),
        ["", "body", "body", "deep/list/0", "deep/list/1/k~1"]
    );
    assert_eq!(
        numbers(nodes, "position"),
        [None, Some(0), Some(2), Some(0), None]
    );
    assert_eq!(
        numbers(nodes, "parent"),
        [None, Some(0), Some(0), Some(2), Some(2)]
    );
    assert_eq!(
        numbers(nodes, "start_line"),
        [None, Some(2), Some(7), None, None]
    );
    assert_eq!(
        numbers(nodes, "start_column"),
        [None, Some(0), None, None, None]
    );
    assert_eq!(
        numbers(nodes, "end_column"),
        [None, Some(4), None, None, None]
    );
    assert_eq!(
        numbers(nodes, "end_byte"),
        [None, None, Some(10), None, None]
    );
    assert_eq!(
        texts(nodes, "name"),
        [
            None,
            Some("x"),
            None,
            None,
            Some("a name longer than twelve bytes")
        ]
        .map(|name| name.map(str::to_owned))
    );
    let artifacts = &tables["artifacts"];
    assert_eq!(plain(artifacts, "outcome"), ["loaded_with_warnings"]);
    assert_eq!(plain(artifacts, "document_path"), ["dir/a.toy"]);
    assert_eq!(plain(artifacts, "producer"), ["toyparser"]);
    assert_eq!(numbers(artifacts, "unknown_count"), [Some(1)]);
    assert_eq!(plain(&tables["findings"], "code"), ["KIND_UNKNOWN"]);
    assert_eq!(
        plain(&tables["findings"], "pointer"),
        ["/body/2/deep/list/0/0"]
    );
    assert_eq!(plain(&tables["documents"], "position_encoding"), ["utf16"]);
    assert_eq!(numbers(&tables["documents"], "line_count"), [Some(7)]);
}

#[test]
fn a_violation_quarantines_without_rows() {
    let cases: [(&str, &str, &str); 8] = [
        (r#"{"type": "Root"}"#, "", "has no member `body`"),
        (
            r#"{"type": "Root", "body": 1}"#,
            "/body",
            "is an integer, but must be an array",
        ),
        (
            r#"{"type": "Root", "body": [2]}"#,
            "/body/0",
            "is an integer, but must be null or a node",
        ),
        (
            r#"{"type": "Root", "body": [{"type": "Leaf", "name": 1.5}]}"#,
            "/body/0/name",
            "is a number, but must be null or a string",
        ),
        (
            r#"{"type": "Root", "body": [{"type": "Leaf"}]}"#,
            "/body/0",
            "has no member `name`",
        ),
        (
            r#"{"type": "Root", "body": [{"type": "Leaf", "name": "", "mode": "c"}]}"#,
            "/body/0/mode",
            "must be one of \"a\" \"b\"",
        ),
        (
            r#"{"type": "Root", "body": [{"type": "Leaf", "name": "", "size": 0}]}"#,
            "/body/0/size",
            "is less than 1",
        ),
        (
            r#"{"type": "Root", "body": [{"type": "Leaf", "name": "", "tokens": 0}]}"#,
            "/body/0/tokens",
            "is an integer, but must be an array",
        ),
    ];
    for (source, pointer, message) in cases {
        let tables = scan(&[("a.json", source.as_bytes())]);
        let findings = &tables["findings"];
        assert_eq!(plain(findings, "code"), ["SCHEMA_VIOLATION"], "{source}");
        assert_eq!(plain(findings, "pointer"), [pointer], "{source}");
        assert!(
            plain(findings, "message")[0].contains(message),
            "{:?}",
            plain(findings, "message")
        );
        assert_eq!(plain(&tables["artifacts"], "outcome"), ["quarantined"]);
        assert_eq!(
            tables["nodes"].num_rows() + tables["documents"].num_rows(),
            0
        );
    }
}

#[test]
fn integers_may_be_large_negative_or_end_in_zeros() {
    for size in ["1", "1.0", "123456789012345678901", "1e2"] {
        let source = format!(
            r#"{{"type": "Root", "body": [{{"type": "Leaf", "name": "", "size": {size}}}]}}"#
        );
        let tables = scan(&[("a.json", source.as_bytes())]);
        assert_eq!(plain(&tables["artifacts"], "outcome"), ["loaded"], "{size}");
    }
}

#[test]
fn every_input_has_one_outcome() {
    let good = br#"{"type": "Root", "body": []}"#.as_slice();
    let tables = scan(&[
        ("a.json", good),
        ("b.json", b"{"),
        ("c.json", b""),
        ("d.json", b"{} {}"),
        ("e.json", b"\"\xFF\""),
        ("f.json", b"{\"old\": 1}"),
        ("g.json", b"[1]"),
        ("h.json", good),
    ]);
    assert_eq!(
        plain(&tables["artifacts"], "outcome"),
        [
            "loaded",
            "quarantined",
            "quarantined",
            "quarantined",
            "quarantined",
            "unsupported",
            "unsupported",
            "loaded"
        ]
    );
    assert_eq!(
        plain(&tables["findings"], "code"),
        [
            "JSON_TRUNCATED",
            "JSON_EMPTY",
            "JSON_TRAILING",
            "ENCODING_INVALID",
            "DIALECT_REFUSED",
            "DIALECT_UNKNOWN"
        ]
    );
    assert_eq!(plain(&tables["documents"], "document_path"), ["a", "h"]);
    assert_eq!(plain(&tables["findings"], "hint")[4], "Use the new one.");
    assert_eq!(
        plain(&tables["artifacts"], "content_hash")[1],
        format!("{:032x}", xxhash_rust::xxh3::xxh3_128(b"{"))
    );
}

#[test]
fn subtree_hashes_leave_positions_out() {
    let leaf = |name: &str, line: u32, more: &str| {
        format!(r#"{{"type": "Leaf", "name": "{name}", "line": {line}{more}}}"#)
    };
    let source = format!(
        r#"{{"type": "Root", "body": [{}, {}, {}, {}, {}]}}"#,
        leaf("x", 1, ""),
        leaf("x", 2, r#", "tokens": [1], "loc": {"start": {"line": 9}}"#),
        leaf("x", 1, r#", "mode": "a""#),
        leaf("y", 1, ""),
        leaf("x", 3, r#", "hidden": 4"#),
    );
    let tables = scan(&[("a.json", source.as_bytes())]);
    let hashes = numbers(&tables["nodes"], "subtree_hash");
    assert_eq!(hashes[1], hashes[2]);
    assert_eq!(hashes[1], hashes[5]);
    assert_ne!(hashes[1], hashes[3]);
    assert_ne!(hashes[1], hashes[4]);
}

#[test]
fn bad_positions_are_null_and_told_once() {
    let source = br#"{"type": "Root", "body": [
        {"type": "Leaf", "name": "", "range": [-1, 5], "line": 0},
        {"type": "Leaf", "name": "", "range": [5, "x"], "line": 1.5},
        {"type": "Leaf", "name": "", "range": [9, 2], "line": 99999999999}]}"#;
    let tables = scan(&[("a.json", source)]);
    let nodes = &tables["nodes"];
    assert_eq!(numbers(nodes, "start_line"), [None; 4]);
    assert_eq!(numbers(nodes, "start_byte"), [None, None, Some(5), Some(9)]);
    assert_eq!(
        plain(&tables["findings"], "code"),
        ["POSITION_INVALID", "POSITION_REVERSED"]
    );
    assert!(plain(&tables["findings"], "message")[0].starts_with("5 "));
}

#[test]
fn files_are_read_and_watched() {
    let folder = std::env::temp_dir().join(format!("snake-pipe-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("a.json");
    std::fs::write(&file, br#"{"type": "Root", "body": []}"#).unwrap();
    let missing = folder.join("missing.json");
    let engine = Engine::new(UNITS).unwrap();
    let inputs = [
        Input {
            path: "a.json",
            data: Data::File(&file),
        },
        Input {
            path: "missing.json",
            data: Data::File(&missing),
        },
    ];
    let tables = engine
        .scan(
            "s",
            &inputs,
            Options {
                workers: 1,
                max_bytes: 100,
            },
        )
        .unwrap();
    assert_eq!(plain(&tables[0].1[0], "outcome"), ["loaded", "quarantined"]);
    assert_eq!(plain(&tables[1].1[0], "code"), ["FILE_UNREADABLE"]);
    let tables = engine
        .scan(
            "s",
            &inputs[..1],
            Options {
                workers: 1,
                max_bytes: 10,
            },
        )
        .unwrap();
    assert_eq!(plain(&tables[1].1[0], "code"), ["FILE_TOO_LARGE"]);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn rows_do_not_depend_on_threads() {
    let engine = Engine::new(UNITS).unwrap();
    let bodies: Vec<String> = (0..300)
        .map(|i| {
            let leaf = format!(r#"{{"type": "Leaf{}", "name": "n{i}", "k{i}": 1}},"#, i % 7);
            format!(r#"{{"type": "Root", "body": [{} null]}}"#, leaf.repeat(800))
        })
        .collect();
    let names: Vec<String> = (0..300).map(|i| format!("{i}.json")).collect();
    let inputs: Vec<Input<'_>> = names
        .iter()
        .zip(&bodies)
        .map(|(path, body)| Input {
            path,
            data: Data::Bytes(body.as_bytes()),
        })
        .collect();
    let run = |workers| {
        engine
            .scan(
                "s",
                &inputs,
                Options {
                    workers,
                    max_bytes: 1 << 30,
                },
            )
            .unwrap()
    };
    let (one, two) = (run(1), run(2));
    assert!(two[3].1.len() > one[3].1.len(), "the tasks differ");
    for table in 1..4 {
        let column = |tables: &[(&str, Vec<RecordBatch>)], name: &str| -> Vec<Option<String>> {
            let batches = &tables[table].1;
            let of_batch = |batch: &RecordBatch| match batch.column_by_name(name).unwrap() {
                array if array.as_string_view_opt().is_some() => texts(batch, name),
                _ => numbers(batch, name)
                    .into_iter()
                    .map(|n| n.map(|n| n.to_string()))
                    .collect(),
            };
            batches.iter().flat_map(of_batch).collect()
        };
        let schema = one[table].1[0].schema();
        for field in schema.fields() {
            assert_eq!(
                column(&one, field.name()),
                column(&two, field.name()),
                "{}",
                field.name()
            );
        }
    }
}

#[test]
fn mappings_that_cannot_be_compiled_say_so() {
    let unit = r#"{"mappings": [{"name": "bad", "nodes": {"discriminator": []}}], "schema": {}}"#;
    assert!(check(unit)[0].contains("bad"));
    assert!(check(unit)[0].contains("[nodes] discriminator"));
    let unit = r#"{"mappings": [{"name": "bad", "nodes": {"discriminator": ["t"]}}], "schema":
        {"$defs": {"node": {"allOf": [{"if": {"properties": {"t": {"const": "A"}}},
         "then": {"properties": {"x": {"patternProperties": {}}}}}]}}}}"#;
    assert!(
        check(unit)[0].contains("patternProperties"),
        "{:?}",
        check(unit)
    );
}

/// The rows of the artifact that failed are gone; those around it are as without it.
#[test]
fn a_fault_of_the_engine_costs_one_artifact() {
    let good = br#"{"type": "Root", "body": [{"type": "Leaf", "name": "x"}, {"type": "New"}]}"#;
    let with: Vec<(&str, &[u8])> = vec![("a", good), (FAULTY, good), ("b", good), ("c", good)];
    let without: Vec<(&str, &[u8])> = vec![("a", good), ("b", good), ("c", good)];
    let (with, without) = (scan(&with), scan(&without));
    for table in ["documents", "nodes", "symbols", "references"] {
        assert_eq!(with[table], without[table], "{table}");
    }
    let codes = plain(&with["findings"], "code");
    assert!(codes.contains(&"ENGINE_PANIC".to_owned()), "{codes:?}");
    let ledger = &with["artifacts"];
    assert_eq!(plain(ledger, "path"), ["a", FAULTY, "b", "c"]);
    assert_eq!(plain(ledger, "outcome")[1], "quarantined");
    assert_eq!(plain(ledger, "outcome")[2], plain(ledger, "outcome")[0]);
}

/// The toy's dialect behind a second one, whose keys artifacts of the first one have too.
fn with_other(is_trusted: bool, schema: &Json) -> Engine {
    let base = "[frame]\nroot = ''\nlanguage = [{ default = 'other' }]\n[nodes]\nskip = ['extra']";
    let more = "[nodes]\ndiscriminator = ['sort']\n[kinds]\nTop = 'module'\n\
                Word = { kind = 'identifier', name = 'word' }";
    let other = serde_json::json!({
        "name": "other", "version": "1", "layers": [base, more],
        "detect": {"any": [{"path": "@sort", "equals": "Top"}]},
    });
    let mut units: Vec<Json> = serde_json::from_str(UNITS).unwrap();
    units[0]["is_trusted"] = is_trusted.into();
    let other = serde_json::json!({
        "mappings": [other], "schema": schema, "is_trusted": is_trusted,
    });
    units.insert(0, other);
    Engine::new(&serde_json::to_string(&units).unwrap()).unwrap()
}

const ROOM: Options = Options {
    workers: 2,
    max_bytes: 10_000_000,
};

#[test]
fn rows_do_not_depend_on_when_a_mapping_is_compiled() {
    let toy = br#"{"type": "Root", "own": 1, "word": 2, "body": [{"type": "Leaf", "name": "x"}],
        "f": {"type": "Leaf", "name": "f"}, "g": [{"type": "Leaf", "name": "g"}],
        "extra": {"type": "Leaf", "name": "y"}, "a/b": {"type": "Leaf", "name": "z"}}"#;
    let other =
        br#"{"sort": "Top", "own": {"sort": "Word", "word": "w"}, "extra": {"sort": "Word"},
        "body": [{"sort": "Word", "name": 1}], "a/b": {"sort": "Word", "word": "v"}}"#;
    let rejected = br#"{"sort": "Top"}"#;
    let artifacts: Vec<Input<'_>> = [&toy[..], rejected, toy, other, toy]
        .into_iter()
        .zip(["0.json", "1.json", "2.json", "3.json", "4.json"])
        .map(|(bytes, path)| Input {
            path,
            data: Data::Bytes(bytes),
        })
        .collect();
    let rows = |engine: &Engine, inputs: &[Input<'_>]| {
        let mut tables = engine.scan("s", inputs, ROOM).unwrap();
        // When an artifact was scanned and by which mappings is told there.
        let artifacts = tables.remove(0).1;
        let nodes = artifacts[0].column_by_name("node_count").unwrap().clone();
        (plain(&artifacts[0], "outcome"), nodes, tables)
    };
    let schema = serde_json::json!({"$defs": {"node": {"allOf": [
        {"if": {"properties": {"sort": {"const": "Top"}}}, "then": {"required": ["a/b"]}},
    ]}}});
    let at_once = with_other(false, &schema);
    for calls in [vec![0..5, 0..5], vec![0..1, 1..5], vec![3..4, 0..5]] {
        let late = with_other(true, &schema);
        for inputs in calls {
            let inputs = &artifacts[inputs];
            assert_eq!(rows(&late, inputs), rows(&at_once, inputs));
        }
    }
    let outcomes = rows(&at_once, &artifacts).0;
    assert_eq!(outcomes[1], "quarantined");
    assert!(outcomes[3].starts_with("loaded"));
}

#[test]
fn a_trusted_mapping_that_cannot_be_compiled_says_so_when_it_is_needed() {
    let engine = with_other(
        true,
        &serde_json::json!({"$defs": {"node": {"allOf": [{}]}}}),
    );
    let input = |bytes| Input {
        path: "a.json",
        data: Data::Bytes(bytes),
    };
    let toy = [input(br#"{"type": "Root", "body": []}"#)];
    assert!(engine.scan("s", &toy, ROOM).is_ok());
    let other = [input(br#"{"sort": "Top"}"#)];
    let told = "The dialect other cannot be compiled: schema: a case of `$defs.node.allOf` has no \
                `then`.";
    for _ in 0..2 {
        let error = engine.scan("s", &other, ROOM).unwrap_err();
        assert_eq!(error, EngineError::Mapping(told.to_owned()));
        assert!(engine.inspect(&other, ROOM).is_err());
    }
    assert!(engine.scan("s", &toy, ROOM).is_ok());
    assert_eq!(engine.faults(), [told]);
}
