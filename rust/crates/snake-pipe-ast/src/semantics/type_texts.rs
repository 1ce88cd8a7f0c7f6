//! Types that are texts: quoted annotations, and the spelled types of C (`const std::string &`).
//!
//! Belongs here: which names are in such a text. Does not: types that are nodes (`references`).

use crate::tape::Value;

use super::chains::{Chain, Origin};
use super::{NONE, Pass};

/// A dotted name: parts begin with a letter or `_`, go on with letters, digits, `_`, `$`.
fn is_dotted(text: &str) -> bool {
    text.split('.').all(|part| {
        let mut characters = part.chars();
        characters
            .next()
            .is_some_and(|first| first.is_alphabetic() || first == '_')
            && characters.all(|next| next.is_alphanumeric() || next == '_' || next == '$')
    })
}

fn is_part(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '$') || !character.is_ascii()
}

fn is_start(character: char) -> bool {
    is_part(character) && !character.is_ascii_digit() && character != '$'
}

/// Length of the name that a text begins with, through separators; 0 if it begins with none.
fn name_length(text: &str, separator: &str) -> usize {
    let mut end = 0;
    loop {
        let rest = &text[end..];
        let after = if end == 0 {
            rest
        } else if let Some(after) = rest.strip_prefix(separator) {
            after
        } else if let Some(after) = rest.strip_prefix('.') {
            after
        } else {
            return end;
        };
        if !after.starts_with(is_start) {
            return end;
        }
        let part = after.find(|one| !is_part(one)).unwrap_or(after.len());
        end = text.len() - after.len() + part;
    }
}

/// The names in a spelled type, with a separator in front where there is one.
fn names_in<'t>(text: &'t str, separator: &str) -> Vec<&'t str> {
    let mut names = Vec::new();
    let mut at = 0;
    let mut is_inside = false;
    while let Some(character) = text[at..].chars().next() {
        let rest = &text[at..];
        let lead = if rest.starts_with(separator) {
            separator.len()
        } else {
            0
        };
        let mut length = 0;
        if !is_inside {
            length = name_length(&rest[lead..], separator);
            if length > 0 {
                length += lead;
                names.push(&rest[..length]);
            }
        }
        if length > 0 {
            at += length;
            is_inside = true;
        } else {
            at += character.len_utf8();
            is_inside = is_part(character);
        }
    }
    names
}

impl Pass<'_, '_, '_> {
    /// The name that a type's text is, or the first in it.
    pub(super) fn quoted(&mut self, value: Value) -> Option<Chain> {
        self.quoted_all(value).into_iter().next()
    }

    /// The names in a type's text.
    pub(super) fn quoted_all(&mut self, value: Value) -> Vec<Chain> {
        let Some(text) = self.cx.tape.str(value) else {
            return Vec::new();
        };
        let stop = self.mapping.types.stop.as_deref();
        let text = stop.map_or(text, |stop| text.split(stop).next().unwrap_or_default());
        let separator = self.mapping.chain_separator.as_deref().unwrap_or(".");
        if let Some(words) = &self.mapping.types.words {
            let names = names_in(text, separator).into_iter();
            return names
                .filter(|name| !words.contains(*name))
                .map(|name| self.named(name))
                .collect();
        }
        let plain = text.strip_prefix(separator).unwrap_or(text);
        let is_name = match &self.mapping.chain_separator {
            Some(separator) => is_dotted(&plain.replace(&**separator, ".")),
            None => is_dotted(text),
        };
        if is_name {
            vec![self.named(text)]
        } else {
            Vec::new()
        }
    }

    fn named(&mut self, text: &str) -> Chain {
        let start = self.s.steps.len() as u32;
        let root = self.s.texts.intern(text);
        let mut chain = Chain {
            origin: Origin::Name,
            root,
            is_super_call: false,
            is_global: false,
            last: NONE,
            start,
            end: start,
        };
        self.s.chain_nodes.clear();
        self.split_root(&mut chain);
        chain
    }
}

#[cfg(test)]
mod tests {
    use super::names_in;

    #[test]
    fn spelled_types_hold_names() {
        let found = |text: &'static str| names_in(text, "::");
        assert_eq!(
            found("const std::map<int, ::n::T *> &"),
            ["const", "std::map", "int", "::n::T"]
        );
        assert_eq!(found("a[8u]::b"), ["a", "::b"]);
        assert_eq!(found("8::b x::::y"), ["b", "x", "::y"]);
        assert_eq!(found(""), [""; 0]);
    }
}
