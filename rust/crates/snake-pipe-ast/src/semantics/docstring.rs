//! Documentation texts.
//!
//! Belongs here: comment marks and indentation off (`docs/reference/mapping.md` §10).
//! Does not: finding the text.

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n' | '\x0b' | '\x0c')
}

fn without_blank(line: &str) -> &str {
    line.strip_prefix(' ').unwrap_or(line)
}

/// The text without comment marks, common indentation and blank ends.
pub(crate) fn clean(text: &str) -> String {
    let text = text.trim_matches(is_blank);
    let mut lines: Vec<&str>;
    if text.starts_with("/*") || text.starts_with('*') {
        let body = text.strip_prefix("/*").unwrap_or(text);
        let body = body.strip_suffix("*/").unwrap_or(body);
        lines = body
            .split('\n')
            .map(|line| {
                let line = line.trim_start_matches(is_blank);
                line.strip_prefix('*').map_or(line, without_blank)
            })
            .collect();
    } else if text.starts_with("//") {
        lines = text
            .split('\n')
            .map(|line| {
                let line = line.trim_start_matches(is_blank);
                let rest = line
                    .strip_prefix("///")
                    .or_else(|| line.strip_prefix("//!"));
                rest.or_else(|| line.strip_prefix("//"))
                    .map_or(line, without_blank)
            })
            .collect();
    } else if text
        .split('\n')
        .all(|line| line.trim_start_matches(is_blank).starts_with('#'))
    {
        lines = text
            .split('\n')
            .map(|line| {
                let line = line.trim_start_matches(is_blank);
                line.strip_prefix('#').map_or(line, without_blank)
            })
            .collect();
    } else {
        lines = text.split('\n').collect();
    }
    let indentation = lines
        .iter()
        .skip(1)
        .filter(|line| !line.trim_matches(is_blank).is_empty())
        .map(|line| line.len() - line.trim_start_matches([' ', '\t']).len())
        .min()
        .unwrap_or(0);
    for line in lines.iter_mut().skip(1) {
        *line = line.get(indentation..).unwrap_or("");
    }
    let mut cleaned = String::with_capacity(text.len());
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            cleaned.push('\n');
        }
        cleaned.push_str(line.trim_end_matches(is_blank));
    }
    cleaned.trim_matches(is_blank).to_owned()
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn marks_and_indentation_go() {
        assert_eq!(
            clean("Say it.\n\n    More,\n      deeper.\n    "),
            "Say it.\n\nMore,\n  deeper."
        );
        assert_eq!(clean("/**\n * One.\n *\n *   two\n */"), "One.\n\n  two");
        assert_eq!(clean("*\n * Babel's.\n "), "Babel's.");
        assert_eq!(clean("// a\n// b"), "a\nb");
        assert_eq!(clean("# a\n# b"), "a\nb");
        assert_eq!(clean("# a\nb"), "# a\nb");
    }
}
