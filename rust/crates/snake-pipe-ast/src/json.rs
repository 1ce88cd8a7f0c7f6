//! JSON text to tape, leniently and at any depth.
//!
//! Belongs here: the decoder and what it refuses.
//! Does not: encodings (`encoding`), meaning of keys.
//!
//! Accepted beyond RFC 8259, and counted: `NaN`, `Infinity`, `-Infinity`, halves of surrogate
//! pairs (read as U+FFFD), keys that come twice (the last one counts). Numbers are kept as text,
//! so that no integer is rounded. There is no recursion: an open container's entry holds its
//! parent, so depth costs nothing beside the tape.

use std::collections::HashMap;

use crate::hash;
use crate::intern::{Key, Keys};
use crate::tape::{Buffers, Entry, Lenient, NOTHING, Tag, Tape};

/// Artifacts of this size and more cannot be addressed by the tape.
pub const MAX_BYTES: usize = u32::MAX as usize - 64;

/// Why an artifact is no JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// Nothing but white space.
    Empty,
    /// It ends inside a value.
    Truncated,
    /// There is something behind the value.
    Trailing,
    /// A byte that JSON does not allow there.
    Invalid,
}

/// Where and why decoding stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DecodeError {
    /// Why.
    pub reason: Reason,
    /// The first byte that cannot be.
    pub byte: usize,
    /// What would have been right there.
    pub expected: &'static str,
}

type Decoded<T> = Result<T, DecodeError>;

/// Decode one JSON value and nothing after it. Keys new to `keys` are added.
///
/// # Errors
/// The first byte that is not JSON. Text of `MAX_BYTES` and more is refused by the caller.
pub fn decode<'a>(
    source: &'a str,
    keys: &mut Keys,
    mut buffers: Buffers,
) -> (Tape<'a>, Decoded<()>) {
    buffers.entries.clear();
    buffers.decoded.clear();
    buffers.seen.clear();
    buffers.guesses.forget();
    let mut decoder = Decoder {
        bytes: source.as_bytes(),
        source,
        at: 0,
        keys,
        entries: buffers.entries,
        decoded: buffers.decoded,
        seen_above: buffers.seen,
        guesses: buffers.guesses,
        lenient: Lenient::default(),
    };
    let outcome = decoder.document();
    let buffers = Buffers {
        entries: decoder.entries,
        decoded: decoder.decoded,
        seen: decoder.seen_above,
        guesses: decoder.guesses,
    };
    (
        Tape {
            source,
            buffers,
            lenient: decoder.lenient,
        },
        outcome,
    )
}

struct Decoder<'a, 'k> {
    bytes: &'a [u8],
    source: &'a str,
    at: usize,
    keys: &'k mut Keys,
    entries: Vec<Entry>,
    decoded: String,
    /// Which keys (by their last six bits) the open objects above have had, and their contexts.
    seen_above: Vec<(u64, u32)>,
    guesses: Guesses,
    lenient: Lenient,
}

/// What a key, with the comma before it and the colon behind it, looks like in the artifact.
#[derive(Clone, Copy, Debug)]
struct Guess {
    words: [u64; 4],
    length: u32,
    key: Key,
}

impl Guess {
    /// Begins with a byte that UTF-8 does not have.
    const NEVER: Guess = Guess {
        words: [0xFF, 0, 0, 0],
        length: 1,
        key: Key::NONE,
    };
    const MOST: usize = 32;
    /// What of the words counts, by length.
    const MASKS: [[u64; 4]; Guess::MOST + 1] = {
        let mut masks = [[0; 4]; Guess::MOST + 1];
        let mut length = 0;
        while length <= Guess::MOST {
            let mut byte = 0;
            while byte < length {
                masks[length][byte / 8] |= 0xFF << (byte % 8 * 8);
                byte += 1;
            }
            length += 1;
        }
        masks
    };
}

/// Which key follows which in objects of the same kind: what a file's objects had before.
///
/// A parser writes the members of a kind in one order. So the key before and the first member's
/// text, which mostly is the kind, tell the next key, and comparing is cheaper than reading it.
#[derive(Debug)]
pub(crate) struct Guesses {
    slots: Box<[Guess; Guesses::SLOTS]>,
    learned: u32,
    /// Objects whose first members are all different tell nothing by them.
    context_mask: u32,
}

impl Default for Guesses {
    #[allow(
        clippy::large_stack_arrays,
        reason = "a known length saves a check a key"
    )]
    fn default() -> Self {
        Guesses {
            slots: Box::new([Guess::NEVER; Guesses::SLOTS]),
            learned: 0,
            context_mask: u32::MAX,
        }
    }
}

impl Guesses {
    const SLOTS: usize = 1024;
    /// So many lessons are no more worth it.
    const MOST_LESSONS: u32 = 4096;

    /// Begin with a file, which may have other keys.
    fn forget(&mut self) {
        if self.learned > 0 {
            self.slots.fill(Guess::NEVER);
            self.learned = 0;
            self.context_mask = u32::MAX;
        }
    }

    #[inline]
    fn slot(&self, before: Key, context: u32) -> usize {
        let mixed = before.0.wrapping_mul(0x9E37_79B1) ^ (context & self.context_mask);
        (mixed >> 16) as usize % Guesses::SLOTS
    }
}

/// Objects with more members than this are looked through for duplicate keys at their end.
const MANY: u32 = 64;

impl Decoder<'_, '_> {
    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    fn skip_space(&mut self) {
        // Compact JSON has none, `json.dumps` one blank: look before looping.
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    #[cold]
    fn fail<T>(&self, expected: &'static str) -> Decoded<T> {
        let reason = if self.at >= self.bytes.len() {
            Reason::Truncated
        } else {
            Reason::Invalid
        };
        Err(DecodeError {
            reason,
            byte: self.at.min(self.bytes.len()),
            expected,
        })
    }

    fn document(&mut self) -> Decoded<()> {
        self.skip_space();
        if self.at == self.bytes.len() {
            return Err(DecodeError {
                reason: Reason::Empty,
                byte: self.at,
                expected: "a value",
            });
        }
        self.values()?;
        self.skip_space();
        if self.at < self.bytes.len() {
            let byte = self.at;
            return Err(DecodeError {
                reason: Reason::Trailing,
                byte,
                expected: "the end",
            });
        }
        Ok(())
    }

    fn values(&mut self) -> Decoded<()> {
        let mut key = Key::NONE;
        // The innermost open container; `NOTHING` at the root.
        let mut open = NOTHING;
        let mut in_object = false;
        let mut count = 0_u32;
        let mut seen = 0_u64;
        let mut context = 0_u32;
        loop {
            let Some(byte) = self.peek() else {
                return self.fail("a value");
            };
            match byte {
                b'"' => {
                    if count == 1 && in_object {
                        context = self.context();
                    }
                    self.string(key)?;
                }
                b'0'..=b'9' => self.number(key, false)?,
                b'{' | b'[' => {
                    let index = self.entries.len() as u32;
                    if open != NOTHING {
                        self.entries[open as usize].extra = count;
                        if in_object {
                            self.seen_above.push((seen, context));
                        }
                    }
                    in_object = byte == b'{';
                    let tag = if in_object { Tag::Object } else { Tag::Array };
                    self.entries
                        .push(Entry::new(tag, key, self.at as u32, open, 0));
                    open = index;
                    count = 0;
                    seen = 0;
                    context = 0;
                    self.at += 1;
                    self.skip_space();
                    let close = if in_object { b'}' } else { b']' };
                    if self.peek() != Some(close) {
                        key = if in_object {
                            count = 1;
                            if self.peek() == Some(b',') {
                                return self.fail("a key in quotes");
                            }
                            let first = self.next_key(Key::EMPTY, 0)?;
                            seen = 1 << (first.0 & 63);
                            first
                        } else {
                            count = 1;
                            Key::NONE
                        };
                        continue;
                    }
                }
                b'n' => self.word(b"null", Tag::Null, key)?,
                b't' => self.word(b"true", Tag::True, key)?,
                b'f' => self.word(b"false", Tag::False, key)?,
                b'-' => self.number(key, true)?,
                b'N' => self.constant(b"NaN", key)?,
                b'I' => self.constant(b"Infinity", key)?,
                _ => return self.fail("a value"),
            }
            // A value has ended (or a container is about to, empty).
            loop {
                if open == NOTHING {
                    return Ok(());
                }
                self.skip_space();
                match self.peek() {
                    Some(b',') => {
                        count += 1;
                        key = if in_object {
                            let next = self.next_key(key, context)?;
                            let bit = 1 << (next.0 & 63);
                            if seen & bit != 0 && count <= MANY {
                                self.shadow(open, next);
                            }
                            seen |= bit;
                            next
                        } else {
                            self.at += 1;
                            self.skip_space();
                            Key::NONE
                        };
                        break;
                    }
                    Some(b'}') if in_object => {
                        if count > MANY {
                            self.shadow_all(open);
                        }
                        self.at += 1;
                        key = self.entries[open as usize].key();
                        (open, in_object, count, (seen, context)) = self.close(open, NOTHING);
                    }
                    Some(b']') if !in_object => {
                        self.at += 1;
                        key = self.entries[open as usize].key();
                        (open, in_object, count, (seen, context)) = self.close(open, count);
                    }
                    _ => {
                        return self.fail(if in_object {
                            "`,` or `}`"
                        } else {
                            "`,` or `]`"
                        });
                    }
                }
            }
        }
    }

    /// End a container; what holds for the one around it.
    #[inline]
    fn close(&mut self, open: u32, extra: u32) -> (u32, bool, u32, (u64, u32)) {
        let end = self.entries.len() as u32;
        let entry = &mut self.entries[open as usize];
        let above = entry.payload;
        entry.payload = end;
        entry.extra = extra;
        if above == NOTHING {
            return (NOTHING, false, 0, (0, 0));
        }
        let around = self.entries[above as usize];
        let in_object = around.tag() == Tag::Object;
        let seen = if in_object {
            self.seen_above.pop().unwrap_or((u64::MAX, 0))
        } else {
            (0, 0)
        };
        (above, in_object, around.extra, seen)
    }

    /// Hide an earlier member of the same key, if there is one.
    fn shadow(&mut self, open: u32, key: Key) {
        let mut at = open as usize + 1;
        while at < self.entries.len() {
            let entry = self.entries[at];
            if entry.key() == key {
                self.entries[at].key_tag = Key::SHADOWED.0 << 4 | entry.key_tag & 15;
                self.lenient.duplicates += 1;
                self.lenient.first.get_or_insert(open);
                return;
            }
            at = if entry.is_container() {
                entry.payload as usize
            } else {
                at + 1
            };
        }
    }

    fn shadow_all(&mut self, open: u32) {
        let mut last: HashMap<u32, usize> = HashMap::new();
        let mut at = open as usize + 1;
        while at < self.entries.len() {
            let entry = self.entries[at];
            if entry.key() != Key::SHADOWED
                && let Some(earlier) = last.insert(entry.key().0, at)
            {
                let tag = self.entries[earlier].key_tag & 15;
                self.entries[earlier].key_tag = Key::SHADOWED.0 << 4 | tag;
                self.lenient.duplicates += 1;
                self.lenient.first.get_or_insert(open);
            }
            at = if entry.is_container() {
                entry.payload as usize
            } else {
                at + 1
            };
        }
    }

    /// What the text at hand, the first member's value, tells of the keys to come.
    #[inline]
    fn context(&self) -> u32 {
        let text = self.bytes.get(self.at + 1..self.at + 9);
        text.map_or(0, |text| {
            (hash::read64(text, 0).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as u32
        })
    }

    /// The comma, if there is one, a key and its colon; stands at the value after.
    #[inline(always)]
    #[allow(
        clippy::inline_always,
        reason = "a call costs a tenth of the decoder's time"
    )]
    fn next_key(&mut self, before: Key, context: u32) -> Decoded<Key> {
        let slot = self.guesses.slot(before, context);
        if let Some(block) = self.bytes.get(self.at..self.at + Guess::MOST) {
            let guess = &self.guesses.slots[slot];
            let masks = &Guess::MASKS[guess.length as usize];
            let mut different = 0;
            for (index, (wanted, mask)) in guess.words.iter().zip(masks).enumerate() {
                different |= (hash::read64(block, index * 8) ^ wanted) & mask;
            }
            if different == 0 {
                self.at += guess.length as usize;
                let key = guess.key;
                self.skip_space();
                return Ok(key);
            }
        }
        self.read_key(slot)
    }

    /// [`Decoder::next_key`] where the guess was wrong: guess this one the next time.
    #[inline(never)]
    fn read_key(&mut self, slot: usize) -> Decoded<Key> {
        let start = self.at;
        if self.peek() == Some(b',') {
            self.at += 1;
            self.skip_space();
        }
        let key = self.key()?;
        let length = self.at - start;
        if length <= Guess::MOST
            && let Some(block) = self.bytes.get(start..start + Guess::MOST)
            // The text of an escaped key is not what stands there.
            && !block[..length].contains(&b'\\')
            && self.guesses.learned < Guesses::MOST_LESSONS
        {
            let masks = &Guess::MASKS[length];
            let word = |index: usize| hash::read64(block, index * 8) & masks[index];
            self.guesses.slots[slot] = Guess {
                words: [word(0), word(1), word(2), word(3)],
                length: length as u32,
                key,
            };
            self.guesses.learned += 1;
            if self.guesses.learned == Guesses::MOST_LESSONS / 2 {
                self.guesses.context_mask = 0;
            }
        }
        Ok(key)
    }

    /// A key and its colon; stands at the value after.
    #[inline]
    fn key(&mut self) -> Decoded<Key> {
        if self.peek() != Some(b'"') {
            return self.fail("a key in quotes");
        }
        let start = self.at + 1;
        let end = plain_end(self.bytes, start);
        let key = if self.bytes.get(end) == Some(&b'"') {
            self.at = end + 1;
            Key(self.keys.intern_in(self.source, start, end))
        } else {
            let from = self.decoded.len();
            self.escaped(start, end)?;
            let key = self.keys.key(&self.decoded[from..]);
            self.decoded.truncate(from);
            key
        };
        if key >= Key::SHADOWED {
            return self.fail("fewer different keys");
        }
        self.skip_space();
        if self.peek() != Some(b':') {
            return self.fail("`:`");
        }
        self.at += 1;
        self.skip_space();
        Ok(key)
    }

    #[inline]
    fn string(&mut self, key: Key) -> Decoded<()> {
        let start = self.at + 1;
        let end = plain_end(self.bytes, start);
        if self.bytes.get(end) == Some(&b'"') {
            self.at = end + 1;
            let length = (end - start) as u32;
            self.entries
                .push(Entry::new(Tag::String, key, start as u32, length, NOTHING));
            return Ok(());
        }
        let from = self.decoded.len();
        self.escaped(start, end)?;
        let length = (self.decoded.len() - from) as u32;
        self.entries.push(Entry::new(
            Tag::String,
            key,
            start as u32,
            length,
            from as u32,
        ));
        Ok(())
    }

    /// The rest of a string whose first special byte is at `special`, into `decoded`.
    fn escaped(&mut self, start: usize, special: usize) -> Decoded<()> {
        let mut from = start;
        let mut at = special;
        loop {
            self.decoded
                .push_str(&self.source[from..at.min(self.bytes.len())]);
            self.at = at;
            match self.peek() {
                Some(b'"') => {
                    self.at = at + 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    self.at += 1;
                    let Some(letter) = self.peek() else {
                        return self.fail("an escape");
                    };
                    let plain = match letter {
                        b'n' => '\n',
                        b'"' => '"',
                        b'\\' => '\\',
                        b'/' => '/',
                        b't' => '\t',
                        b'r' => '\r',
                        b'b' => '\u{8}',
                        b'f' => '\u{c}',
                        b'u' => self.unicode()?,
                        _ => return self.fail("an escape"),
                    };
                    self.at += 1;
                    self.decoded.push(plain);
                    from = self.at;
                    at = plain_end(self.bytes, from);
                }
                Some(_) => return self.fail("no control character in a string"),
                None => return self.fail("`\"`"),
            }
        }
    }

    /// `\uXXXX` (and its second half); stands at `u`, then at its last digit.
    fn unicode(&mut self) -> Decoded<char> {
        let high = self.four_digits(self.at + 1)?;
        self.at += 4;
        if let Some(plain) = char::from_u32(high) {
            return Ok(plain);
        }
        if high < 0xDC00 && self.bytes[self.at + 1..].starts_with(b"\\u") {
            let low = self.four_digits(self.at + 3)?;
            if (0xDC00..0xE000).contains(&low) {
                self.at += 6;
                let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
        }
        self.lenient.surrogates += 1;
        self.lenient.first.get_or_insert(self.entries.len() as u32);
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn four_digits(&mut self, from: usize) -> Decoded<u32> {
        let mut code = 0;
        for index in from..from + 4 {
            let digit = self
                .bytes
                .get(index)
                .and_then(|&byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else {
                self.at = index;
                return self.fail("four hexadecimal digits");
            };
            code = code << 4 | digit;
        }
        Ok(code)
    }

    #[inline]
    fn number(&mut self, key: Key, negative: bool) -> Decoded<()> {
        let start = self.at;
        if !negative {
            let mut value = 0_u64;
            let mut at = start;
            while let Some(&digit @ b'0'..=b'9') = self.bytes.get(at) {
                value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
                at += 1;
            }
            let is_plain = !matches!(self.bytes.get(at), Some(b'.' | b'e' | b'E'));
            let is_canonical = at - start == 1 || self.bytes[start] != b'0';
            if is_plain
                && is_canonical
                && at - start <= 10
                && let Ok(value) = u32::try_from(value)
            {
                self.at = at;
                self.entries
                    .push(Entry::new(Tag::Int, key, start as u32, value, NOTHING));
                return Ok(());
            }
        }
        self.long_number(start, key)
    }

    fn long_number(&mut self, start: usize, key: Key) -> Decoded<()> {
        if self.peek() == Some(b'-') {
            self.at += 1;
            if self.peek() == Some(b'I') {
                return self.constant_from(start, b"Infinity", key);
            }
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return self.fail("a digit"),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if !matches!(self.peek(), Some(b'0'..=b'9')) {
                return self.fail("a digit");
            }
            self.digits();
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            if !matches!(self.peek(), Some(b'0'..=b'9')) {
                return self.fail("a digit");
            }
            self.digits();
        }
        let length = (self.at - start) as u32;
        self.entries
            .push(Entry::new(Tag::Number, key, start as u32, length, NOTHING));
        Ok(())
    }

    fn digits(&mut self) {
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
    }

    #[inline]
    fn word(&mut self, word: &'static [u8], tag: Tag, key: Key) -> Decoded<()> {
        let start = self.at;
        self.letters(word)?;
        self.entries
            .push(Entry::new(tag, key, start as u32, 0, NOTHING));
        Ok(())
    }

    fn constant(&mut self, word: &'static [u8], key: Key) -> Decoded<()> {
        self.constant_from(self.at, word, key)
    }

    fn constant_from(&mut self, start: usize, word: &'static [u8], key: Key) -> Decoded<()> {
        self.letters(word)?;
        self.lenient.constants += 1;
        self.lenient.first.get_or_insert(self.entries.len() as u32);
        let length = (self.at - start) as u32;
        self.entries
            .push(Entry::new(Tag::Number, key, start as u32, length, NOTHING));
        Ok(())
    }

    #[inline]
    fn letters(&mut self, word: &'static [u8]) -> Decoded<()> {
        if self.bytes[self.at..].starts_with(word) {
            self.at += word.len();
            return Ok(());
        }
        for &letter in word {
            if self.peek() != Some(letter) {
                return self.fail("a value");
            }
            self.at += 1;
        }
        Ok(())
    }
}

/// Index of the first quote, backslash or control character from `at` on, or the length.
#[cfg(target_arch = "x86_64")]
#[inline]
fn plain_end(bytes: &[u8], mut at: usize) -> usize {
    use std::arch::x86_64::{
        _mm_cmpeq_epi8, _mm_loadu_si128, _mm_max_epu8, _mm_movemask_epi8, _mm_or_si128,
        _mm_set1_epi8,
    };
    while at + 16 <= bytes.len() {
        // SAFETY: 16 bytes from `at` are in bounds; SSE2 is part of x86-64.
        let special = unsafe {
            let block = _mm_loadu_si128(bytes.as_ptr().add(at).cast());
            let quote = _mm_cmpeq_epi8(block, _mm_set1_epi8(b'"' as i8));
            let escape = _mm_cmpeq_epi8(block, _mm_set1_epi8(b'\\' as i8));
            let last_control = _mm_set1_epi8(0x1F);
            let control = _mm_cmpeq_epi8(_mm_max_epu8(block, last_control), last_control);
            _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, escape), control))
        };
        if special != 0 {
            return at + special.trailing_zeros() as usize;
        }
        at += 16;
    }
    plain_end_slow(bytes, at)
}

/// Index of the first quote, backslash or control character from `at` on, or the length.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn plain_end(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    while at + 8 <= bytes.len() {
        let word = crate::hash::read64(bytes, at);
        let zero = |w: u64| w.wrapping_sub(ONES) & !w & HIGH;
        let quote = zero(word ^ ONES * u64::from(b'"'));
        let escape = zero(word ^ ONES * u64::from(b'\\'));
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
        let special = quote | escape | control;
        if special != 0 {
            return at + (special.trailing_zeros() >> 3) as usize;
        }
        at += 8;
    }
    plain_end_slow(bytes, at)
}

fn plain_end_slow(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let special = rest
        .iter()
        .position(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\');
    special.map_or(bytes.len(), |more| at + more)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    use crate::tape::Value;

    fn decoded(source: &str) -> (Tape<'_>, Keys) {
        let mut keys = Keys::default();
        let (tape, outcome) = decode(source, &mut keys, Buffers::default());
        assert_eq!(outcome, Ok(()), "{source}");
        (tape, keys)
    }

    fn refused(source: &str) -> (Reason, usize) {
        let error = decode(source, &mut Keys::default(), Buffers::default()).1;
        error.map_or_else(|e| (e.reason, e.byte), |()| panic!("accepted {source}"))
    }

    /// The tape as `serde_json` would have it.
    fn rebuilt(tape: &Tape<'_>, keys: &Keys, value: Value) -> serde_json::Value {
        match tape.tag(value) {
            Tag::Null => serde_json::Value::Null,
            Tag::True => true.into(),
            Tag::False => false.into(),
            Tag::String => tape.str(value).unwrap().into(),
            Tag::Int | Tag::Number => {
                serde_json::from_str(tape.number_text(value).unwrap()).unwrap()
            }
            Tag::Array => tape
                .elements(value)
                .map(|v| rebuilt(tape, keys, v))
                .collect(),
            Tag::Object => {
                let members = tape.members(value);
                let pairs =
                    members.map(|v| (keys.text(tape.key(v).0).to_owned(), rebuilt(tape, keys, v)));
                serde_json::Value::Object(pairs.collect())
            }
        }
    }

    #[test]
    fn values_equal_those_of_another_decoder() {
        let sources = [
            "null",
            " true ",
            "[]",
            "{}",
            "[[],{},[{}]]",
            "0",
            "-0",
            "12.5e-3",
            "4294967295",
            "4294967296",
            r#""""#,
            r#""a""#,
            r#""a longer text, past sixteen bytes""#,
            r#"{"a":1,"b":[1,2,{"c":null}],"a rather long key, past sixteen bytes":false}"#,
            r#""\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00 é 😀""#,
            r#"{"k\u0065y":"sixteen bytes!!\n","":[ 1 , 2 ]}"#,
            "[\n\t1,\r\n2 ]",
        ];
        for source in sources {
            let (tape, keys) = decoded(source);
            let wanted: serde_json::Value = serde_json::from_str(source).unwrap();
            assert_eq!(rebuilt(&tape, &keys, tape.root()), wanted, "{source}");
            assert_eq!(tape.lenient, Lenient::default());
        }
    }

    fn random(next: &mut impl FnMut(u64) -> u64, depth: u64) -> serde_json::Value {
        let choices = if depth > 5 { 5 } else { 7 };
        match next(choices) {
            0 => serde_json::Value::Null,
            1 => (next(2) == 0).into(),
            2 => (next(u64::MAX) as i64).into(),
            3 => next(300).into(),
            4 => (0..next(40))
                .map(|_| "a\"\\\n\u{7f}é😀 z".chars().nth(next(9) as usize).unwrap())
                .collect::<String>()
                .into(),
            5 => (0..next(6)).map(|_| random(next, depth + 1)).collect(),
            _ => {
                let pairs = (0..next(6)).map(|i| {
                    (
                        format!("{}{i}", "k".repeat(next(20) as usize)),
                        random(next, depth + 1),
                    )
                });
                serde_json::Value::Object(pairs.collect())
            }
        }
    }

    /// Random documents, from a fixed seed, written by another encoder.
    #[test]
    fn random_documents_survive() {
        let mut state = 0x1234_5678_9ABC_DEF0_u64;
        let mut next = move |below: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % below
        };
        for round in 0..400 {
            let wanted = random(&mut next, 0);
            let compact = serde_json::to_string(&wanted).unwrap();
            let pretty = serde_json::to_string_pretty(&wanted).unwrap();
            for source in [compact, pretty] {
                let (tape, keys) = decoded(&source);
                assert_eq!(
                    rebuilt(&tape, &keys, tape.root()),
                    wanted,
                    "round {round}: {source}"
                );
            }
        }
    }

    /// Cut or altered anywhere, text is refused or accepted exactly as another decoder does.
    #[test]
    fn damage_is_judged_as_by_another_decoder() {
        let source = r#"{"_type":"Module","n":[1,-2.5e+3,"a\u00e9\n"],"t":true,"x":null}"#;
        for cut in 0..source.len() {
            let (reason, byte) = refused(&source[..cut]);
            assert!(byte <= cut);
            assert_eq!(
                reason,
                if cut == 0 {
                    Reason::Empty
                } else {
                    Reason::Truncated
                },
                "{cut}"
            );
        }
        for at in 0..source.len() {
            for byte in *b"\"\\{}[]:,0e-. x\x01" {
                let mut damaged = source.as_bytes().to_vec();
                damaged[at] = byte;
                let damaged = String::from_utf8(damaged).unwrap();
                let wanted = serde_json::from_str::<serde_json::Value>(&damaged);
                let found = decode(&damaged, &mut Keys::default(), Buffers::default()).1;
                assert_eq!(
                    found.is_ok(),
                    wanted.is_ok(),
                    "{damaged}: {found:?} {wanted:?}"
                );
            }
        }
    }

    /// Objects so alike that nearly every key is guessed: a guess must never pass what is no JSON.
    #[test]
    fn guessed_keys_are_judged_as_by_another_decoder() {
        let one =
            r#"{"type": "Name", "id": "a", "k\u0065y": {"type": "Load", "at": [1, {}]}, "end": 4}"#;
        let other = r#"{ "type" : "Name" ,"id":"b", "key": {"end": null},  "end":   4}"#;
        let source = format!("[{}]", [one, one, other, one, other, one].join(", "));
        let mut guessed = 0;
        for at in 0..source.len() {
            for wrong in [",", "\"", ":", "{", "}", "[", " ", "x", "\\", ""] {
                let damaged = format!("{}{wrong}{}", &source[..at], &source[at + 1..]);
                let mut keys = Keys::default();
                let (tape, outcome) = decode(&damaged, &mut keys, Buffers::default());
                let wanted: Result<serde_json::Value, _> = serde_json::from_str(&damaged);
                assert_eq!(outcome.is_ok(), wanted.is_ok(), "{damaged}");
                if let Ok(wanted) = wanted {
                    assert_eq!(rebuilt(&tape, &keys, tape.root()), wanted, "{damaged}");
                    guessed += tape.len() - tape.buffers.guesses.learned as usize;
                }
            }
        }
        assert!(guessed > 10_000);
        assert_eq!(
            refused(r#"[{"a": 1, "b": 2}, {, "b": 2}]"#),
            (Reason::Invalid, 20)
        );
    }

    /// Room that is used again holds nothing of the file before, whose keys had other numbers.
    #[test]
    fn guesses_end_with_their_file() {
        let source = r#"[{"one": 1, "two": 2}, {"one": 3, "two": 4}, {"one": 5, "two": 6}]"#;
        let (tape, outcome) = decode(source, &mut Keys::default(), Buffers::default());
        assert_eq!(outcome, Ok(()));
        let mut keys = Keys::default();
        keys.key("two");
        let (tape, outcome) = decode(source, &mut keys, tape.into_buffers());
        assert_eq!(outcome, Ok(()));
        let wanted: serde_json::Value = serde_json::from_str(source).unwrap();
        assert_eq!(rebuilt(&tape, &keys, tape.root()), wanted);
    }

    #[test]
    fn what_is_refused_says_why_and_where() {
        assert_eq!(refused(" \n"), (Reason::Empty, 2));
        assert_eq!(refused("{} {}"), (Reason::Trailing, 3));
        assert_eq!(refused("[1,]"), (Reason::Invalid, 3));
        assert_eq!(refused("{\"a\" 1}"), (Reason::Invalid, 5));
        assert_eq!(refused("[01]"), (Reason::Invalid, 2));
        assert_eq!(refused("[1.]"), (Reason::Invalid, 3));
        assert_eq!(refused("\"a\nb\""), (Reason::Invalid, 2));
        assert_eq!(refused(r#""\x""#), (Reason::Invalid, 2));
        assert_eq!(refused(r#""\u12"#), (Reason::Truncated, 5));
        assert_eq!(refused("[1 2]"), (Reason::Invalid, 3));
        assert_eq!(refused("{]"), (Reason::Invalid, 1));
        assert_eq!(refused("[}"), (Reason::Invalid, 1));
        assert_eq!(refused("nul"), (Reason::Truncated, 3));
    }

    #[test]
    fn lenient_values_are_kept_and_counted() {
        let (tape, _) =
            decoded(r#"[NaN, Infinity, -Infinity, "\ud800", "\udc00x", "\ud800\u0041"]"#);
        let texts: Vec<_> = tape
            .elements(tape.root())
            .map(|v| tape.scalar_text(v))
            .collect();
        assert_eq!(
            texts,
            [
                "NaN",
                "Infinity",
                "-Infinity",
                "\u{FFFD}",
                "\u{FFFD}x",
                "\u{FFFD}A"
            ]
            .map(Some)
        );
        assert_eq!((tape.lenient.constants, tape.lenient.surrogates), (3, 3));
        assert_eq!(tape.lenient.first, Some(1));
    }

    #[test]
    fn numbers_keep_their_text() {
        let (tape, _) = decoded("[123456789012345678901234567890, 1e999, -7, 0, 4294967296, 1.0]");
        let values: Vec<Value> = tape.elements(tape.root()).collect();
        let numbers: Vec<_> = values.iter().map(|&v| tape.as_i64(v)).collect();
        assert_eq!(
            numbers,
            [None, None, Some(-7), Some(0), Some(4_294_967_296), None]
        );
        assert_eq!(
            tape.number_text(values[0]),
            Some("123456789012345678901234567890")
        );
        assert_eq!(tape.number_text(values[1]), Some("1e999"));
    }

    #[test]
    fn the_last_of_equal_keys_counts() {
        let (tape, mut keys) = decoded(r#"{"a":1,"b":{"a":2},"a":[3],"c":4}"#);
        let a = keys.key("a");
        let found = tape.get(tape.root(), a).unwrap();
        assert_eq!(tape.tag(found), Tag::Array);
        assert_eq!(tape.members(tape.root()).count(), 3);
        assert_eq!(tape.lenient.duplicates, 1);
        // Many members: every key twice.
        let mut source = String::from("{");
        for round in 0..2 {
            for key in 0..500 {
                let _ = write!(source, "\"k{key}\":{},", round * 1000 + key);
            }
        }
        source.push_str("\"end\":0}");
        let (tape, mut keys) = decoded(&source);
        assert_eq!(tape.lenient.duplicates, 500);
        let key = keys.key("k7");
        assert_eq!(tape.as_i64(tape.get(tape.root(), key).unwrap()), Some(1007));
    }

    #[test]
    fn depth_costs_no_stack() {
        let depth = 300_000;
        let source = format!("{}1{}", "[{\"a\":".repeat(depth), "}]".repeat(depth));
        let (tape, keys) = decoded(&source);
        assert_eq!(tape.len(), 2 * depth + 1);
        let last = Value(tape.len() as u32 - 1);
        assert_eq!(tape.pointer(last, &keys).len(), 4 * depth);
        assert_eq!(tape.span(tape.root()), (0, source.len()));
    }

    #[test]
    fn spans_and_pointers_name_the_place() {
        let source = r#" {"a/b": [1, {"x~": "te\"xt", "y": [] } ], "z": {} } "#;
        let (tape, keys) = decoded(source);
        let mut found = Vec::new();
        for index in 0..tape.len() as u32 {
            let value = Value(index);
            let (from, to) = tape.span(value);
            found.push((tape.pointer(value, &keys), &source[from..to]));
        }
        let wanted = [
            ("", source.trim()),
            ("/a~1b", r#"[1, {"x~": "te\"xt", "y": [] } ]"#),
            ("/a~1b/0", "1"),
            ("/a~1b/1", r#"{"x~": "te\"xt", "y": [] }"#),
            ("/a~1b/1/x~0", r#""te\"xt""#),
            ("/a~1b/1/y", "[]"),
            ("/z", "{}"),
        ];
        assert_eq!(
            found,
            wanted.map(|(pointer, text)| (pointer.to_owned(), text))
        );
    }
}
