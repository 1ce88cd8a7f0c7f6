//! Where nodes stand in the source file.
//!
//! Belongs here: the `[positions]` table, compiled to a small trie over raw members.
//! Does not: the walk that feeds it (`tree`).

use serde::Deserialize;

use crate::clang;
use crate::intern::{Key, Keys};
use crate::tree::{ABSENT, ABSENT_BYTE, Span};

/// The `[positions]` table of a mapping.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PositionsSection {
    /// `utf8`, `utf16` or `utf32`: unit of columns and offsets.
    pub encoding: Encoding,
    /// Alternatives, best first.
    pub forms: Vec<Form>,
    /// Number of the first line.
    pub line_base: i64,
    /// Number of the first column.
    pub column_base: i64,
    /// Number of the first offset.
    pub offset_base: i64,
    /// What the end names.
    pub end: End,
    /// Whether a node reaches as far as what is below it.
    pub hull: bool,
    /// A built-in way to read positions that no path can name.
    pub procedure: Option<Procedure>,
}

/// Built-in ways to read positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Procedure {
    /// Of clang's JSON: each place tells what differs from the place before it.
    Clang,
}

/// Unit of columns and offsets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// Bytes.
    #[default]
    Utf8,
    /// UTF-16 units.
    Utf16,
    /// Characters.
    Utf32,
}

impl Encoding {
    /// As in `documents.position_encoding`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf8",
            Encoding::Utf16 => "utf16",
            Encoding::Utf32 => "utf32",
        }
    }
}

/// What an end position names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The place after the last character.
    #[default]
    Exclusive,
    /// The last character: columns and offsets get +1.
    Inclusive,
    /// The offset is a length.
    Length,
}

/// Raw member paths of the six parts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Form {
    start_line: Option<String>,
    start_column: Option<String>,
    end_line: Option<String>,
    end_column: Option<String>,
    start_byte: Option<String>,
    end_byte: Option<String>,
    /// A text `start:length:…` of offsets.
    span: Option<String>,
}

impl Form {
    fn parts(&self) -> [Option<&str>; 7] {
        [
            self.start_line.as_deref(),
            self.start_column.as_deref(),
            self.end_line.as_deref(),
            self.end_column.as_deref(),
            self.start_byte.as_deref(),
            self.end_byte.as_deref(),
            self.span.as_deref(),
        ]
    }
}

/// A step of a raw path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    Member(Key),
    Element(u32),
}

#[derive(Clone, Default, Debug)]
struct TrieNode {
    /// (part, form): the value here is this part in this form.
    slots: Vec<(u8, u8)>,
    children: Vec<(Step, u16)>,
}

/// `[positions]`, compiled.
#[derive(Clone, Debug)]
pub struct Positions {
    trie: Vec<TrieNode>,
    encoding: Encoding,
    bases: [i64; 6],
    /// Added to what is left after the base.
    shifts: [i64; 6],
    is_length: bool,
    has_texts: bool,
    pub(crate) is_hull: bool,
    pub(crate) clang: Option<clang::Words>,
}

/// The part that is a text of offsets.
const TEXT: u8 = 6;

/// No place of the trie.
pub(crate) const NOWHERE: u16 = 0;

/// What was wrong with a part.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Invalid;

impl Positions {
    /// Compile a table.
    ///
    /// # Errors
    /// A sentence about the path that cannot be read.
    pub fn compile(section: &PositionsSection, keys: &mut Keys) -> Result<Self, String> {
        let mut trie = vec![TrieNode::default(), TrieNode::default()];
        for (rank, form) in section.forms.iter().enumerate() {
            for (part, path) in form.parts().into_iter().enumerate() {
                let Some(path) = path else { continue };
                let mut at = 1_u16;
                for step in raw_steps(path, keys)? {
                    let known = trie[at as usize].children.iter().find(|(s, _)| *s == step);
                    at = if let Some(&(_, next)) = known {
                        next
                    } else {
                        let next = trie.len() as u16;
                        trie.push(TrieNode::default());
                        trie[at as usize].children.push((step, next));
                        next
                    };
                }
                trie[at as usize].slots.push((part as u8, rank as u8));
            }
        }
        let (line, column, offset) = (section.line_base, section.column_base, section.offset_base);
        let after = i64::from(section.end == End::Inclusive);
        Ok(Positions {
            trie,
            encoding: section.encoding,
            bases: [line, column, line, column, offset, offset],
            shifts: [1, 0, 1, after, 0, after],
            is_length: section.end == End::Length,
            has_texts: section.forms.iter().any(|form| form.span.is_some()),
            is_hull: section.hull,
            clang: section
                .procedure
                .map(|Procedure::Clang| clang::Words::compile(keys)),
        })
    }

    /// Unit of columns and offsets.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Members of a node that lead to parts, with the place of the trie behind each.
    pub(crate) fn first_members(&self) -> impl Iterator<Item = (Key, u16)> + '_ {
        self.trie[1]
            .children
            .iter()
            .filter_map(|&(step, next)| match step {
                Step::Member(key) => Some((key, next)),
                Step::Element(_) => None,
            })
    }

    #[inline]
    pub(crate) fn follow(&self, from: u16, step: Step) -> u16 {
        if from == NOWHERE {
            return NOWHERE;
        }
        let children = &self.trie[from as usize].children;
        children
            .iter()
            .find(|(s, _)| *s == step)
            .map_or(NOWHERE, |&(_, next)| next)
    }

    /// Write the parts that a text tells, unless a better form had them; false if the place wants no
    /// text.
    pub(crate) fn set_text(
        &self,
        at: u16,
        text: &str,
        ranks: &mut [u8; 6],
        span: &mut Span,
    ) -> Result<bool, Invalid> {
        if !self.has_texts {
            return Ok(false);
        }
        let slots = &self.trie[at as usize].slots;
        let Some(&(_, rank)) = slots.iter().find(|(part, _)| *part == TEXT) else {
            return Ok(false);
        };
        if ranks[4] <= rank {
            return Ok(true);
        }
        (ranks[4], ranks[5]) = (rank, rank);
        let mut numbers = text.split(':').map(str::parse::<i64>);
        let (Some(Ok(start)), Some(Ok(length))) = (numbers.next(), numbers.next()) else {
            return Err(Invalid);
        };
        if start == -1 && length == -1 {
            return Ok(true); // a node that the producer made up
        }
        let start = start.checked_sub(self.bases[4]).filter(|&start| start >= 0);
        let end = start.and_then(|start| start.checked_add(length));
        match (start, end) {
            (Some(start), Some(end)) if length >= 0 && end <= 1 << 53 => {
                span.bytes = [start, end];
                Ok(true)
            }
            _ => Err(Invalid),
        }
    }

    /// Write a part, unless a better form had it. `number` is `None` for what is no integer.
    #[inline]
    pub(crate) fn set(
        &self,
        at: u16,
        number: Option<i64>,
        ranks: &mut [u8; 6],
        span: &mut Span,
    ) -> Result<(), Invalid> {
        let mut outcome = Ok(());
        for &(part, rank) in &self.trie[at as usize].slots {
            if part == TEXT {
                outcome = Err(Invalid);
                continue;
            }
            let slot = part as usize;
            if ranks[slot] <= rank {
                continue;
            }
            ranks[slot] = rank;
            let base = if slot == 5 && self.is_length {
                0
            } else {
                self.bases[slot]
            };
            let rebased = number.and_then(|number| number.checked_sub(base));
            let valid = rebased.filter(|&rebased| rebased >= 0);
            let shifted = valid.and_then(|valid| valid.checked_add(self.shifts[slot]));
            if slot < 4 {
                let fits = shifted.and_then(|shifted| i32::try_from(shifted).ok());
                span.lines[slot] = fits.unwrap_or(ABSENT);
                if fits.is_none() {
                    outcome = Err(Invalid);
                }
            } else {
                let fits = shifted.filter(|&shifted| shifted <= 1 << 53);
                span.bytes[slot - 4] = fits.unwrap_or(ABSENT_BYTE);
                if fits.is_none() {
                    outcome = Err(Invalid);
                }
            }
        }
        outcome
    }

    /// After the last part of a node.
    #[inline]
    pub(crate) fn finish(&self, span: &mut Span) {
        if self.is_length && span.bytes[1] != ABSENT_BYTE {
            span.bytes[1] = if span.bytes[0] == ABSENT_BYTE {
                ABSENT_BYTE
            } else {
                span.bytes[0].saturating_add(span.bytes[1])
            };
        }
    }
}

/// Let `above` reach as far as `below`, which lies within it.
pub(crate) fn widen(above: &mut Span, below: &Span) {
    let place = |span: &Span, line: usize| (span.lines[line], span.lines[line + 1]);
    let last = if below.lines[2] == ABSENT { 0 } else { 2 };
    if below.lines[0] != ABSENT && (above.lines[0] == ABSENT || place(below, 0) < place(above, 0)) {
        (above.lines[0], above.lines[1]) = place(below, 0);
    }
    if below.lines[last] != ABSENT
        && (above.lines[2] == ABSENT || place(below, last) > place(above, 2))
    {
        (above.lines[2], above.lines[3]) = place(below, last);
    }
    let end = if below.bytes[1] == ABSENT_BYTE {
        below.bytes[0]
    } else {
        below.bytes[1]
    };
    if below.bytes[0] != ABSENT_BYTE
        && (above.bytes[0] == ABSENT_BYTE || below.bytes[0] < above.bytes[0])
    {
        above.bytes[0] = below.bytes[0];
    }
    if end != ABSENT_BYTE && (above.bytes[1] == ABSENT_BYTE || end > above.bytes[1]) {
        above.bytes[1] = end;
    }
}

/// Whether the end stands before the start.
#[inline]
pub(crate) fn is_reversed(span: &Span) -> bool {
    let [start_line, start_column, end_line, end_column] = span.lines;
    let by_line = start_line != ABSENT
        && end_line != ABSENT
        && (end_line < start_line
            || end_line == start_line
                && start_column != ABSENT
                && end_column != ABSENT
                && end_column < start_column);
    let [start, end] = span.bytes;
    by_line || start != ABSENT_BYTE && end != ABSENT_BYTE && end < start
}

/// The steps of a raw path: `loc.start.line`, `range[0]`, also with `@` before keys.
pub(crate) fn raw_steps(path: &str, keys: &mut Keys) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    for segment in path.split('.') {
        let segment = segment.strip_prefix('@').unwrap_or(segment);
        let (name, indices) = segment
            .split_once('[')
            .map_or((segment, ""), |(name, _)| (name, &segment[name.len()..]));
        if name.is_empty() && indices.is_empty() {
            return Err(format!("the raw path `{path}` has an empty segment"));
        }
        if !name.is_empty() {
            steps.push(Step::Member(keys.key(name)));
        }
        for index in indices.split_terminator(']') {
            let index = index.strip_prefix('[').and_then(|index| index.parse().ok());
            let Some(index) = index else {
                return Err(format!(
                    "the raw path `{path}` has an index that is no number"
                ));
            };
            steps.push(Step::Element(index));
        }
    }
    Ok(steps)
}
