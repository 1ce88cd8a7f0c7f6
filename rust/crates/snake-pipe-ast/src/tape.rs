//! The decoded artifact: one flat array of values in document order.
//!
//! Belongs here: reading values, members and elements, and where they stand in the bytes.
//! Does not: decoding (`json`), nodes (`tree`).
//!
//! A container's values follow it; its entry says where the next value after it stands, so a walk
//! over siblings skips what is inside, and a walk over the array visits everything once.

use crate::intern::{Key, Keys};

/// A value: its index on the tape. Value 0 is the JSON root.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Value(pub u32);

impl Value {
    /// As an index.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a value is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Tag {
    /// `null`
    Null,
    /// `false`
    False,
    /// `true`
    True,
    /// An integer from 0 to 2^32-1, read.
    Int,
    /// Any other number (also `NaN`, `Infinity`), kept as text.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// `extra` of a value that has none: a string without escapes, an object that is no node.
pub(crate) const NOTHING: u32 = u32::MAX;

/// 16 bytes a value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// First byte in the artifact; of a string, the byte after the quote.
    pub(crate) start: u32,
    /// String, number: length. Int: the value. Container: index of the next value after it.
    pub(crate) payload: u32,
    /// Key (28 bits) and tag (4 bits).
    pub(crate) key_tag: u32,
    /// String with escapes: where in `decoded`. Object: its node. Array: number of elements.
    pub(crate) extra: u32,
}

impl Entry {
    #[inline]
    pub(crate) fn new(tag: Tag, key: Key, start: u32, payload: u32, extra: u32) -> Self {
        Entry {
            start,
            payload,
            key_tag: key.0 << 4 | tag as u32,
            extra,
        }
    }

    #[inline]
    pub(crate) fn tag(self) -> Tag {
        match self.key_tag & 15 {
            0 => Tag::Null,
            1 => Tag::False,
            2 => Tag::True,
            3 => Tag::Int,
            4 => Tag::Number,
            5 => Tag::String,
            6 => Tag::Array,
            _ => Tag::Object,
        }
    }

    #[inline]
    pub(crate) fn key(self) -> Key {
        Key(self.key_tag >> 4)
    }

    #[inline]
    pub(crate) fn is_container(self) -> bool {
        self.key_tag & 15 >= 6
    }
}

/// The vectors of a tape, kept by a thread from file to file.
#[derive(Default, Debug)]
pub struct Buffers {
    pub(crate) entries: Vec<Entry>,
    pub(crate) decoded: String,
    pub(crate) seen: Vec<(u64, u32)>,
    pub(crate) guesses: crate::json::Guesses,
}

/// What was accepted although JSON forbids it, with the first place of it.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Lenient {
    /// `NaN`, `Infinity`, `-Infinity`.
    pub constants: u32,
    /// Halves of surrogate pairs; they read as U+FFFD.
    pub surrogates: u32,
    /// Keys that came twice in an object; the last one counts.
    pub duplicates: u32,
    /// The artifact began with a byte order mark or was not UTF-8.
    pub transcoded: u32,
    /// The first value that was.
    pub first: Option<u32>,
}

impl Lenient {
    /// How many in all.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.constants + self.surrogates + self.duplicates + self.transcoded
    }
}

/// A decoded artifact.
#[derive(Debug)]
pub struct Tape<'a> {
    pub(crate) source: &'a str,
    pub(crate) buffers: Buffers,
    /// What was accepted leniently.
    pub lenient: Lenient,
}

impl<'a> Tape<'a> {
    /// The JSON root.
    #[must_use]
    pub fn root(&self) -> Value {
        Value(0)
    }

    /// Number of values.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "a tape has at least its root")]
    pub fn len(&self) -> usize {
        self.buffers.entries.len()
    }

    /// Give the vectors back for the next file.
    #[must_use]
    pub fn into_buffers(self) -> Buffers {
        self.buffers
    }

    #[inline]
    pub(crate) fn entry(&self, value: Value) -> Entry {
        self.buffers.entries[value.index()]
    }

    /// What the value is.
    #[inline]
    #[must_use]
    pub fn tag(&self, value: Value) -> Tag {
        self.entry(value).tag()
    }

    /// The key that the value has in its object; `Key::NONE` in arrays.
    #[inline]
    #[must_use]
    pub fn key(&self, value: Value) -> Key {
        self.entry(value).key()
    }

    /// The string, decoded; `None` if the value is none.
    #[inline]
    #[must_use]
    pub fn str(&self, value: Value) -> Option<&str> {
        let entry = self.entry(value);
        (entry.tag() == Tag::String).then(|| self.text_of(entry))
    }

    #[inline]
    pub(crate) fn text_of(&self, entry: Entry) -> &str {
        let length = entry.payload as usize;
        if entry.extra == NOTHING {
            let start = entry.start as usize;
            &self.source[start..start + length]
        } else {
            let start = entry.extra as usize;
            &self.buffers.decoded[start..start + length]
        }
    }

    /// A number's text as it stands in the artifact.
    #[must_use]
    pub fn number_text(&self, value: Value) -> Option<&'a str> {
        let entry = self.entry(value);
        let start = entry.start as usize;
        match entry.tag() {
            Tag::Number => Some(&self.source[start..start + entry.payload as usize]),
            Tag::Int => {
                let rest = &self.source[start..];
                let end = rest
                    .bytes()
                    .position(|b| !b.is_ascii_digit())
                    .unwrap_or(rest.len());
                Some(&rest[..end])
            }
            _ => None,
        }
    }

    /// The integer, if the value is one of 64 bits. `1.0` and `1e3` are none.
    #[inline]
    #[must_use]
    pub fn as_i64(&self, value: Value) -> Option<i64> {
        let entry = self.entry(value);
        match entry.tag() {
            Tag::Int => Some(i64::from(entry.payload)),
            Tag::Number => self.number_text(value)?.parse().ok(),
            _ => None,
        }
    }

    /// The value's boolean.
    #[inline]
    #[must_use]
    pub fn as_bool(&self, value: Value) -> Option<bool> {
        match self.tag(value) {
            Tag::True => Some(true),
            Tag::False => Some(false),
            _ => None,
        }
    }

    /// Text of a scalar: a string itself, a number's JSON text, `true`/`false`; else `None`.
    #[inline]
    #[must_use]
    pub fn scalar_text(&self, value: Value) -> Option<&str> {
        match self.tag(value) {
            Tag::String => self.str(value),
            Tag::Int | Tag::Number => self.number_text(value),
            Tag::True => Some("true"),
            Tag::False => Some("false"),
            _ => None,
        }
    }

    /// The value after this one and all that is in it: the next sibling, or what follows the parent.
    #[inline]
    #[must_use]
    pub fn next(&self, value: Value) -> Value {
        let entry = self.entry(value);
        if entry.is_container() {
            Value(entry.payload)
        } else {
            Value(value.0 + 1)
        }
    }

    /// The member of an object, also if it is null. `None` if absent or no object.
    #[inline]
    #[must_use]
    pub fn member(&self, object: Value, key: Key) -> Option<Value> {
        let entry = self.entry(object);
        if entry.tag() != Tag::Object {
            return None;
        }
        let mut at = object.0 + 1;
        while at < entry.payload {
            let found = self.buffers.entries[at as usize];
            if found.key() == key {
                return Some(Value(at));
            }
            at = if found.is_container() {
                found.payload
            } else {
                at + 1
            };
        }
        None
    }

    /// The member of an object, null counting as absent.
    #[inline]
    #[must_use]
    pub fn get(&self, object: Value, key: Key) -> Option<Value> {
        self.member(object, key)
            .filter(|&value| self.tag(value) != Tag::Null)
    }

    /// The elements of an array (nulls too); nothing if the value is no array.
    #[inline]
    #[must_use]
    pub fn elements(&self, array: Value) -> Siblings<'_> {
        self.inside(array, Tag::Array)
    }

    /// The members of an object, each once; nothing if the value is no object.
    /// `key()` of each says its key.
    #[inline]
    #[must_use]
    pub fn members(&self, object: Value) -> Siblings<'_> {
        self.inside(object, Tag::Object)
    }

    #[inline]
    fn inside(&self, container: Value, tag: Tag) -> Siblings<'_> {
        let entry = self.entry(container);
        let at = container.0 + 1;
        let end = if entry.tag() == tag {
            entry.payload
        } else {
            at
        };
        Siblings {
            entries: &self.buffers.entries,
            at,
            end,
        }
    }

    /// Leave a value out of every walk from here on.
    pub(crate) fn shadow(&mut self, value: Value) {
        let entry = &mut self.buffers.entries[value.index()];
        entry.key_tag = Key::SHADOWED.0 << 4 | entry.key_tag & 15;
    }

    /// Let a string be another.
    pub(crate) fn rewrite(&mut self, value: Value, text: &str) {
        let start = self.buffers.decoded.len() as u32;
        self.buffers.decoded.push_str(text);
        let entry = &mut self.buffers.entries[value.index()];
        (entry.extra, entry.payload) = (start, text.len() as u32);
    }

    /// Make an object of every array that begins with a text: its members are the elements, their keys
    /// the indices.
    pub(crate) fn name_elements(&mut self, keys: &mut Keys) {
        for at in 0..self.len() {
            let entry = self.buffers.entries[at];
            let first = at + 1;
            if entry.tag() != Tag::Array
                || first >= entry.payload as usize
                || self.buffers.entries[first].tag() != Tag::String
            {
                continue;
            }
            let mut child = Value(first as u32);
            let mut index = 0_u32;
            while child.0 < entry.payload {
                let key = keys.key(&index.to_string());
                let named = &mut self.buffers.entries[child.index()];
                named.key_tag = key.0 << 4 | named.key_tag & 15;
                child = self.next(child);
                index += 1;
            }
            let made = &mut self.buffers.entries[at];
            made.key_tag = made.key_tag & !15 | Tag::Object as u32;
            made.extra = NOTHING;
        }
    }

    /// Number of elements of an array (nulls too); 0 if it is none.
    #[must_use]
    pub fn count(&self, array: Value) -> usize {
        let entry = self.entry(array);
        if entry.tag() == Tag::Array {
            entry.extra as usize
        } else {
            0
        }
    }

    /// The node that the object is, once a tree was made.
    #[inline]
    #[must_use]
    pub fn node(&self, value: Value) -> Option<crate::tree::NodeId> {
        let entry = self.entry(value);
        (entry.tag() == Tag::Object && entry.extra != NOTHING)
            .then_some(crate::tree::NodeId(entry.extra))
    }

    /// First byte of the value and the byte after it, in the artifact.
    #[must_use]
    pub fn span(&self, value: Value) -> (usize, usize) {
        let entry = self.entry(value);
        let start = entry.start as usize;
        let bytes = self.source.as_bytes();
        match entry.tag() {
            Tag::Null | Tag::True => (start, start + 4),
            Tag::False => (start, start + 5),
            Tag::Int | Tag::Number => (start, start + self.number_text(value).map_or(0, str::len)),
            Tag::String => {
                let mut end = start;
                while end < bytes.len() && bytes[end] != b'"' {
                    end += 1 + usize::from(bytes[end] == b'\\');
                }
                (start.saturating_sub(1), (end + 1).min(bytes.len()))
            }
            Tag::Array | Tag::Object => {
                // Behind the last scalar there are only the brackets of what it ends.
                let mut open = 1_usize;
                let mut at = value;
                let mut from = start + 1;
                while let Some(last) = self.last_inside(at) {
                    at = last;
                    if self.entry(at).is_container() {
                        open += 1;
                        from = self.entry(at).start as usize + 1;
                    } else {
                        from = self.span(at).1;
                    }
                }
                let rest = bytes[from.min(bytes.len())..].iter().enumerate();
                let mut closing = rest.filter(|(_, b)| matches!(b, b']' | b'}'));
                let end = closing
                    .nth(open - 1)
                    .map_or(bytes.len(), |(more, _)| from + more + 1);
                (start, end)
            }
        }
    }

    fn last_inside(&self, container: Value) -> Option<Value> {
        let entry = self.entry(container);
        if !entry.is_container() || entry.payload == container.0 + 1 {
            return None;
        }
        let mut at = Value(container.0 + 1);
        while self.next(at).0 < entry.payload {
            at = self.next(at);
        }
        Some(at)
    }

    /// JSON Pointer of a value. Walks from the root; for findings only.
    #[must_use]
    pub fn pointer(&self, value: Value, keys: &Keys) -> String {
        let mut pointer = String::new();
        let mut at = self.root();
        while at != value {
            let is_array = self.tag(at) == Tag::Array;
            let mut index = 0_usize;
            let mut child = Value(at.0 + 1);
            while self.next(child) <= value {
                child = self.next(child);
                index += 1;
            }
            pointer.push('/');
            if is_array {
                pointer.push_str(&index.to_string());
            } else {
                let key = self.key(child);
                let text = if key == Key::SHADOWED {
                    ""
                } else {
                    keys.text(key.0)
                };
                push_escaped(&mut pointer, text);
            }
            at = child;
        }
        pointer
    }
}

/// Append a segment of a JSON Pointer.
pub(crate) fn push_escaped(pointer: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

/// Members or elements in document order.
#[derive(Clone, Debug)]
pub struct Siblings<'t> {
    entries: &'t [Entry],
    at: u32,
    end: u32,
}

impl Iterator for Siblings<'_> {
    type Item = Value;

    #[inline]
    fn next(&mut self) -> Option<Value> {
        while self.at < self.end {
            let value = Value(self.at);
            let entry = self.entries[value.index()];
            self.at = if entry.is_container() {
                entry.payload
            } else {
                self.at + 1
            };
            if entry.key() != Key::SHADOWED {
                return Some(value);
            }
        }
        None
    }
}
