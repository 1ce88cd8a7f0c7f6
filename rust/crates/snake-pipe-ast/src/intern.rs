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
#[derive(Clone)]
pub struct Interner {
    arena: String,
    ends: Vec<u32>,
    hashes: Vec<u64>,
    slots: Vec<u32>,
    mask: usize,
    known: u32,
}

impl fmt::Debug for Interner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Interner({} known, {} in all)", self.known, self.len())
    }
}

impl Default for Interner {
    fn default() -> Self {
        let mut new = Interner {
            arena: String::new(),
            ends: Vec::new(),
            hashes: Vec::new(),
            slots: vec![0; 256],
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
        let quick = quick_hash(text.as_bytes());
        let mut slot = quick as usize & self.mask;
        loop {
            match self.slots[slot] {
                0 => return self.insert(text, slot),
                id if self.text(id - 1) == text => return id - 1,
                _ => slot = (slot + 1) & self.mask,
            }
        }
    }

    /// The number of `text`, if it has one.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<u32> {
        let mut slot = quick_hash(text.as_bytes()) as usize & self.mask;
        loop {
            match self.slots[slot] {
                0 => return None,
                id if self.text(id - 1) == text => return Some(id - 1),
                _ => slot = (slot + 1) & self.mask,
            }
        }
    }

    #[cold]
    fn insert(&mut self, text: &str, slot: usize) -> u32 {
        let id = self.ends.len() as u32;
        self.arena.push_str(text);
        self.ends.push(self.arena.len() as u32);
        self.hashes.push(hash::text(text.as_bytes()));
        self.slots[slot] = id + 1;
        if self.ends.len() * 3 > self.slots.len() {
            self.grow();
        }
        id
    }

    fn grow(&mut self) {
        let size = self.slots.len() * 2;
        self.mask = size - 1;
        let mut slots = vec![0_u32; size];
        for id in 0..self.ends.len() as u32 {
            let mut slot = quick_hash(self.text(id).as_bytes()) as usize & self.mask;
            while slots[slot] != 0 {
                slot = (slot + 1) & self.mask;
            }
            slots[slot] = id + 1;
        }
        self.slots = slots;
    }

    /// The text of a number of this table.
    #[must_use]
    pub fn text(&self, id: u32) -> &str {
        let id = id as usize;
        let start = if id == 0 { 0 } else { self.ends[id - 1] as usize };
        &self.arena[start..self.ends[id] as usize]
    }

    /// The text's hash, equal on every machine.
    #[must_use]
    pub fn hash(&self, id: u32) -> u64 {
        self.hashes[id as usize]
    }

    /// How many texts there are.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "never empty")]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// How many texts were there when the mapping was compiled.
    #[must_use]
    pub fn known(&self) -> usize {
        self.known as usize
    }

    /// Everything so far is what compilation knows; tables by number may end here.
    pub fn freeze(&mut self) {
        self.known = self.ends.len() as u32;
    }

    /// Forget what files brought.
    pub(crate) fn reset(&mut self) {
        if self.ends.len() > self.known as usize {
            self.ends.truncate(self.known as usize);
            self.hashes.truncate(self.known as usize);
            self.arena.truncate(self.ends.last().copied().unwrap_or(0) as usize);
            self.slots.fill(0);
            self.mask = self.slots.len() - 1;
            for id in 0..self.ends.len() as u32 {
                let mut slot = quick_hash(self.text(id).as_bytes()) as usize & self.mask;
                while self.slots[slot] != 0 {
                    slot = (slot + 1) & self.mask;
                }
                self.slots[slot] = id + 1;
            }
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

#[inline]
fn quick_hash(bytes: &[u8]) -> u64 {
    let (a, b) = match bytes.len() {
        0 => (0, 0),
        1..=3 => (
            u64::from(bytes[0]) << 16
                | u64::from(bytes[bytes.len() >> 1]) << 8
                | u64::from(bytes[bytes.len() - 1]),
            0,
        ),
        4..=7 => (u64::from(hash::read32(bytes, 0)), u64::from(hash::read32(bytes, bytes.len() - 4))),
        8..=16 => (hash::read64(bytes, 0), hash::read64(bytes, bytes.len() - 8)),
        _ => (hash::text(bytes), 0),
    };
    hash::mix(a ^ 0x9E37_79B9_7F4A_7C15, b ^ (bytes.len() as u64).wrapping_mul(0xA076_1D64_78BD_642F))
}
