//! Small integers for texts that repeat: object keys and native kinds.
//!
//! Belongs here: the table, known texts first, grown per thread by what files bring.
//! Does not: what a key or a kind means.

use std::fmt;

use crate::hash;

/// An object key (or a composed field) as a number; the text is in [`Keys`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Key(pub u32);

impl Key {
    /// The empty text; every table has it first.
    pub const EMPTY: Key = Key(0);
    /// No key: array elements, the JSON root.
    pub const NONE: Key = Key(Key::MAX);
    /// A member whose key comes again later in its object: the last one counts.
    pub const SHADOWED: Key = Key(Key::MAX - 1);
    /// Keys have 28 bits on the tape.
    pub(crate) const MAX: u32 = (1 << 28) - 1;

    /// As an index of tables by key.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A native kind as a number, per mapping; the text is in that mapping's [`Kinds`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct KindId(pub u32);

impl KindId {
    /// As an index of tables by kind.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Texts and their numbers, in order of arrival. Number 0 is the empty text.
///
/// Texts of up to 16 bytes, which nearly all keys and kinds are, are compared as two words.
#[derive(Clone)]
pub struct Interner {
    arena: String,
    ends: Vec<u32>,
    hashes: Vec<u64>,
    /// Whether a JSON Pointer has the text as it is.
    plain: Vec<bool>,
    slots: Vec<Slot>,
    mask: usize,
    known: u32,
}

/// A text of up to 16 bytes is `words`, padded with zeros; of a longer one they are its hash.
#[derive(Clone, Copy, Default)]
struct Slot {
    words: [u64; 2],
    length: u32,
    /// The number plus one; 0 if the slot is free.
    number: u32,
}

impl fmt::Debug for Interner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "Interner({} known, {} in all)",
            self.known,
            self.len()
        )
    }
}

impl Default for Interner {
    fn default() -> Self {
        let mut new = Interner {
            arena: String::new(),
            ends: Vec::new(),
            hashes: Vec::new(),
            plain: Vec::new(),
            slots: vec![Slot::default(); 256],
            mask: 255,
            known: 0,
        };
        new.intern("");
        new
    }
}

impl Interner {
    /// The number of `text`, new if it has none.
    pub fn intern(&mut self, text: &str) -> u32 {
        let words = words(text.as_bytes());
        match self.slot(words, text) {
            Ok(number) => number,
            Err(slot) => self.insert(text, words, slot),
        }
    }

    /// [`Interner::intern`] of `source[start..end]`, which is faster where 16 bytes can be read.
    #[inline(always)]
    #[allow(
        clippy::inline_always,
        reason = "half the decoder's time otherwise goes into calls"
    )]
    pub(crate) fn intern_in(&mut self, source: &str, start: usize, end: usize) -> u32 {
        let length = end - start;
        let Some(block) = source
            .as_bytes()
            .get(start..start + 16)
            .filter(|_| length <= 16)
        else {
            return self.intern(&source[start..end]);
        };
        let keep = |bytes: usize| {
            if bytes >= 8 {
                u64::MAX
            } else {
                (1 << (bytes * 8)) - 1
            }
        };
        let words = [
            hash::read64(block, 0) & keep(length),
            hash::read64(block, 8) & keep(length.saturating_sub(8)),
        ];
        let found = self.slots[place(words, length) & self.mask];
        if found.words == words && found.length == length as u32 && found.number != 0 {
            return found.number - 1;
        }
        self.intern_slowly(words, &source[start..end])
    }

    /// [`Interner::intern`] where the first slot holds something else.
    #[inline(never)]
    fn intern_slowly(&mut self, words: [u64; 2], text: &str) -> u32 {
        match self.slot(words, text) {
            Ok(number) => number,
            Err(slot) => self.insert(text, words, slot),
        }
    }

    /// The number of `text`, if it has one.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<u32> {
        self.slot(words(text.as_bytes()), text).ok()
    }

    /// The text's number, or the free slot where it belongs.
    fn slot(&self, words: [u64; 2], text: &str) -> Result<u32, usize> {
        let mut slot = place(words, text.len()) & self.mask;
        loop {
            let found = self.slots[slot];
            if found.number == 0 {
                return Err(slot);
            }
            if found.words == words
                && found.length as usize == text.len()
                && (text.len() <= 16 || self.text(found.number - 1) == text)
            {
                return Ok(found.number - 1);
            }
            slot = (slot + 1) & self.mask;
        }
    }

    #[cold]
    fn insert(&mut self, text: &str, words: [u64; 2], slot: usize) -> u32 {
        let number = self.ends.len() as u32;
        self.arena.push_str(text);
        self.ends.push(self.arena.len() as u32);
        self.hashes.push(hash::text(text.as_bytes()));
        self.plain.push(!text.contains(['~', '/']));
        self.slots[slot] = Slot {
            words,
            length: text.len() as u32,
            number: number + 1,
        };
        if self.ends.len() * 2 > self.slots.len() {
            self.slots = vec![Slot::default(); self.slots.len() * 2];
            self.refill();
        }
        number
    }

    /// Put every text into its slot; all slots are free.
    fn refill(&mut self) {
        self.mask = self.slots.len() - 1;
        for number in 0..self.ends.len() as u32 {
            let text = self.text(number);
            let (words, length) = (words(text.as_bytes()), text.len());
            let mut slot = place(words, length) & self.mask;
            while self.slots[slot].number != 0 {
                slot = (slot + 1) & self.mask;
            }
            self.slots[slot] = Slot {
                words,
                length: length as u32,
                number: number + 1,
            };
        }
    }

    /// The text of a number of this table.
    #[must_use]
    pub fn text(&self, id: u32) -> &str {
        let id = id as usize;
        let start = if id == 0 {
            0
        } else {
            self.ends[id - 1] as usize
        };
        &self.arena[start..self.ends[id] as usize]
    }

    /// The text's hash, equal on every machine.
    #[must_use]
    pub fn hash(&self, id: u32) -> u64 {
        self.hashes[id as usize]
    }

    /// Whether a JSON Pointer has the text as it is: nothing has to be escaped.
    #[must_use]
    pub fn is_plain(&self, id: u32) -> bool {
        self.plain.get(id as usize).copied().unwrap_or_default()
    }

    /// How many texts there are.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "never empty")]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// How many texts compilation knew.
    #[must_use]
    pub fn known(&self) -> usize {
        self.known as usize
    }

    /// Everything so far is what compilation knows.
    pub fn freeze(&mut self) {
        self.known = self.ends.len() as u32;
    }

    /// Forget what files brought.
    pub(crate) fn reset(&mut self) {
        if self.ends.len() > self.known as usize {
            self.ends.truncate(self.known as usize);
            self.hashes.truncate(self.known as usize);
            self.plain.truncate(self.known as usize);
            self.arena
                .truncate(self.ends.last().copied().unwrap_or(0) as usize);
            self.slots.fill(Slot::default());
            self.refill();
        }
    }
}

/// Object keys of all mappings of an engine; a thread adds those of its files.
pub type Keys = Interner;
/// Native kinds of one mapping, the known ones first.
pub type Kinds = Interner;

impl Interner {
    /// [`Interner::intern`] as a key.
    pub fn key(&mut self, text: &str) -> Key {
        Key(self.intern(text))
    }

    /// [`Interner::intern`] as a kind.
    pub fn kind(&mut self, text: &str) -> KindId {
        KindId(self.intern(text))
    }
}

/// The words of a slot for a text.
fn words(text: &[u8]) -> [u64; 2] {
    if text.len() > 16 {
        return [hash::text(text), u64::MAX];
    }
    let mut block = [0; 16];
    block[..text.len()].copy_from_slice(text);
    [hash::read64(&block, 0), hash::read64(&block, 8)]
}

#[inline]
fn place(words: [u64; 2], length: usize) -> usize {
    hash::mix(words[0], words[1] ^ (length as u64) << 56) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_equal_numbers() {
        let mut texts = Interner::default();
        let words: Vec<String> = (0..3000)
            .map(|i| format!("{}{i}", "long prefix ".repeat(i % 4)))
            .collect();
        let numbers: Vec<u32> = words.iter().map(|word| texts.intern(word)).collect();
        for (word, &number) in words.iter().zip(&numbers) {
            assert_eq!(texts.text(number), word);
            assert_eq!(texts.find(word), Some(number));
            // The way of the decoder: a slice of a longer text.
            let source = format!("{{\"{word}\": 1, and more so that sixteen bytes follow");
            assert_eq!(texts.intern_in(&source, 2, 2 + word.len()), number);
            assert_eq!(
                texts.intern_in(&source[..2 + word.len()], 2, 2 + word.len()),
                number
            );
        }
        assert_eq!(texts.len(), 3001);
        assert_eq!(texts.text(0), "");
    }

    #[test]
    fn reset_forgets_only_what_files_brought() {
        let mut texts = Interner::default();
        let known = texts.intern("known");
        texts.freeze();
        texts.intern("brought");
        texts.reset();
        assert_eq!(
            (texts.find("known"), texts.find("brought")),
            (Some(known), None)
        );
        assert_eq!(texts.intern("other"), known + 1);
    }

    #[test]
    fn zeros_are_no_padding() {
        let mut texts = Interner::default();
        assert_ne!(texts.intern("a"), texts.intern("a\0"));
    }
}
