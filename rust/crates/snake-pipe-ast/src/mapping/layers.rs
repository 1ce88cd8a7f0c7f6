//! Mappings in TOML that build on one another.
//!
//! Belongs here: reading the files' texts, and what they say together.
//! Does not: finding the files, and what any of it means.

use serde_json::{Map, Value as Json};

/// What TOML texts say together, each laid over those before it.
///
/// # Errors
/// What of a text is no TOML, and where.
pub fn merged<T: AsRef<str>>(layers: &[T]) -> Result<Map<String, Json>, String> {
    let mut merged = Map::new();
    for layer in layers {
        lay(&mut merged, read(layer.as_ref())?);
    }
    Ok(merged)
}

fn read(text: &str) -> Result<Map<String, Json>, String> {
    toml::from_str(text).map_err(|error| {
        let before = &text[..error.span().map_or(text.len(), |span| span.start)];
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
        let what = error.message().replace('\n', "; ");
        format!("{what} (at line {line}, column {column})")
    })
}

/// Tables are merged key by key, the lists `rule` put one after the other.
fn lay(base: &mut Map<String, Json>, extra: Map<String, Json>) {
    for (key, value) in extra {
        match (base.get_mut(&key), value) {
            (Some(Json::Array(rules)), Json::Array(more)) if key == "rule" => rules.extend(more),
            (Some(Json::Object(old)), Json::Object(new)) => lay(old, new),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_merged_and_rules_follow_each_other() {
        let base = "list = [1]\n[kinds]\nA = 1\nB = { x = 1, y = 2 }\n[[rule]]\non = 1";
        let extra = "list = [2]\n[kinds]\nB = { y = 3 }\nC = 4\n[[rule]]\non = 2";
        let found = Json::Object(merged(&[base, extra]).unwrap());
        let wanted =
            r#"{"list":[2],"kinds":{"A":1,"B":{"x":1,"y":3},"C":4},"rule":[{"on":1},{"on":2}]}"#;
        assert_eq!(found.to_string(), wanted);
    }

    #[test]
    fn a_fault_has_its_place() {
        let told = merged(&["a = 1", "a = 1\nb = \n"]).unwrap_err();
        assert!(told.ends_with("(at line 2, column 5)"), "{told}");
    }
}
