//! Row groups of Parquet, encoded as they are made, and files of them.
//!
//! Belongs here: the few parts of the format that the node table needs: flat columns, one page a
//! column and row group, dictionaries, delta encoding, no compression.
//! Does not: which columns there are.
//!
//! The engine has every text's number at hand, so that dictionaries cost no look-up and encoding
//! is a few shifts a value. What is packed so is as small as general compression leaves it.
//! The format: <https://parquet.apache.org/docs/file-format/>

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use crate::intern::Interner;
use crate::tree::NONE;

const MAGIC: &[u8; 4] = b"PAR1";
const CREATED_BY: &str = concat!("snake-pipe version ", env!("CARGO_PKG_VERSION"));

/// Physical types, as numbered in the format.
const INT32: i32 = 1;
const INT64: i32 = 2;
const BYTE_ARRAY: i32 = 6;
/// Encodings, as numbered in the format.
const PLAIN: i32 = 0;
const RLE: i32 = 3;
const DELTA_BINARY_PACKED: i32 = 5;
const RLE_DICTIONARY: i32 = 8;

/// A signed integer that a column may hold.
pub(crate) trait Whole: Copy + Default + Ord {
    /// Its physical type.
    const TYPE: i32;
    /// `self - other` modulo the type's width.
    fn minus(self, other: Self) -> Self;
    /// The bits, without a sign.
    fn bits(self) -> u64;
    /// With a sign, widened.
    fn wide(self) -> i64;
}

impl Whole for i32 {
    const TYPE: i32 = INT32;

    fn minus(self, other: Self) -> Self {
        self.wrapping_sub(other)
    }

    fn bits(self) -> u64 {
        u64::from(self as u32)
    }

    fn wide(self) -> i64 {
        i64::from(self)
    }
}

impl Whole for i64 {
    const TYPE: i32 = INT64;

    fn minus(self, other: Self) -> Self {
        self.wrapping_sub(other)
    }

    fn bits(self) -> u64 {
        self as u64
    }

    fn wide(self) -> i64 {
        self
    }
}

/// What the footer tells of a column of a row group. Offsets are those in the group.
#[derive(Debug)]
struct Chunk {
    name: &'static str,
    physical: i32,
    is_optional: bool,
    encoding: i32,
    nulls: usize,
    dictionary: Option<usize>,
    data: usize,
    end: usize,
}

impl Chunk {
    fn start(&self) -> usize {
        self.dictionary.unwrap_or(self.data)
    }
}

/// Some rows, encoded column by column.
#[derive(Debug)]
pub(crate) struct RowGroup {
    rows: usize,
    bytes: Vec<u8>,
    chunks: Vec<Chunk>,
    /// Where pages are made before their length is known.
    page: Vec<u8>,
}

impl RowGroup {
    pub(crate) fn new(rows: usize) -> Self {
        RowGroup {
            rows,
            bytes: Vec::new(),
            chunks: Vec::new(),
            page: Vec::new(),
        }
    }

    /// Integers that are all there.
    pub(crate) fn integers<T: Whole>(&mut self, name: &'static str, values: &[T]) {
        delta(&mut self.page, values);
        self.data(name, T::TYPE, false, DELTA_BINARY_PACKED, 0, None);
    }

    /// Integers, some of which may be absent.
    pub(crate) fn optional_integers<T: Whole>(
        &mut self,
        name: &'static str,
        values: impl Iterator<Item = Option<T>> + Clone,
    ) {
        let nulls = self.levels(values.clone().map(|value| value.is_some()));
        let values: Vec<T> = values.flatten().collect();
        // Some readers want a header even of no values, but no bytes are plain values of any type.
        let encoding = if values.is_empty() {
            PLAIN
        } else {
            delta(&mut self.page, &values);
            DELTA_BINARY_PACKED
        };
        self.data(name, T::TYPE, true, encoding, nulls, None);
    }

    /// Integers in runs: each with the number of rows that have it.
    pub(crate) fn runs(&mut self, name: &'static str, runs: &[(i64, usize)]) {
        let dictionary = self.numbers(runs.iter().map(|&(value, _)| value as u64));
        let width = width_of(runs.len());
        self.page.push(width);
        for (index, &(_, rows)) in runs.iter().enumerate() {
            repeat(&mut self.page, index as u32, width, rows);
        }
        let (physical, encoding) = (INT64, RLE_DICTIONARY);
        self.data(name, physical, false, encoding, 0, Some(dictionary));
    }

    /// Words evenly spread, such as hashes: as a dictionary if enough are equal.
    pub(crate) fn hashes(&mut self, name: &'static str, values: &[u64]) {
        let (distinct, indices) = distinct(values);
        let width = width_of(distinct.len());
        let (encoding, dictionary) =
            if distinct.len() * 8 + values.len() * usize::from(width) / 8 < values.len() * 8 {
                let dictionary = self.numbers(distinct.into_iter());
                self.page.push(width);
                pack(&mut self.page, indices.into_iter(), values.len(), width);
                (RLE_DICTIONARY, Some(dictionary))
            } else {
                let bytes = values.iter().flat_map(|value| value.to_le_bytes());
                self.page.extend(bytes);
                (PLAIN, None)
            };
        self.data(name, INT64, false, encoding, 0, dictionary);
    }

    /// Texts by their numbers in `words`.
    pub(crate) fn texts(&mut self, name: &'static str, words: &Interner, rows: &[u32]) {
        self.indexed(name, words, rows, false);
    }

    /// Texts by their numbers in `words`, [`NONE`] where there is none.
    pub(crate) fn optional_texts(&mut self, name: &'static str, words: &Interner, rows: &[u32]) {
        self.indexed(name, words, rows, true);
    }

    fn indexed(&mut self, name: &'static str, words: &Interner, rows: &[u32], is_optional: bool) {
        for number in 0..words.len() as u32 {
            let text = words.text(number).as_bytes();
            self.page
                .extend_from_slice(&(text.len() as u32).to_le_bytes());
            self.page.extend_from_slice(text);
        }
        let dictionary = self.dictionary(words.len());
        let mut nulls = 0;
        if is_optional {
            nulls = self.levels(rows.iter().map(|&row| row != NONE));
        }
        let width = width_of(words.len());
        self.page.push(width);
        let present = rows.iter().copied().filter(|&row| row != NONE);
        pack(&mut self.page, present, rows.len() - nulls, width);
        let (physical, encoding) = (BYTE_ARRAY, RLE_DICTIONARY);
        self.data(
            name,
            physical,
            is_optional,
            encoding,
            nulls,
            Some(dictionary),
        );
    }

    /// A dictionary of 64-bit words.
    fn numbers(&mut self, values: impl ExactSizeIterator<Item = u64>) -> usize {
        let count = values.len();
        self.page.extend(values.flat_map(u64::to_le_bytes));
        self.dictionary(count)
    }

    /// Which rows have a value. Returns how many have none.
    fn levels(&mut self, present: impl Iterator<Item = bool> + Clone) -> usize {
        let nulls = present.clone().filter(|&present| !present).count();
        let start = self.page.len();
        self.page.extend_from_slice(&[0; 4]);
        if nulls == 0 || nulls == self.rows {
            repeat(&mut self.page, u32::from(nulls == 0), 1, self.rows);
        } else {
            pack(&mut self.page, present.map(u32::from), self.rows, 1);
        }
        let length = (self.page.len() - start - 4) as u32;
        self.page[start..start + 4].copy_from_slice(&length.to_le_bytes());
        nulls
    }

    /// End a dictionary page. Returns where it begins.
    fn dictionary(&mut self, count: usize) -> usize {
        let start = self.bytes.len();
        let mut header = page_header(2, self.page.len());
        header.open(7);
        header.i32(1, count as i32);
        header.i32(2, PLAIN);
        header.close();
        self.end_page(header);
        start
    }

    /// End a data page and its column.
    fn data(
        &mut self,
        name: &'static str,
        physical: i32,
        is_optional: bool,
        encoding: i32,
        nulls: usize,
        dictionary: Option<usize>,
    ) {
        let data = self.bytes.len();
        let mut header = page_header(0, self.page.len());
        header.open(5);
        header.i32(1, self.rows as i32);
        header.i32(2, encoding);
        header.i32(3, RLE);
        header.i32(4, RLE);
        header.close();
        self.end_page(header);
        self.chunks.push(Chunk {
            name,
            physical,
            is_optional,
            encoding,
            nulls,
            dictionary,
            data,
            end: self.bytes.len(),
        });
    }

    fn end_page(&mut self, header: Thrift) {
        self.bytes.extend_from_slice(&header.end());
        self.bytes.append(&mut self.page);
    }

    /// Forget the room for pages; the group is complete.
    pub(crate) fn finish(mut self) -> Self {
        self.page = Vec::new();
        self
    }

    /// The group's entry in the footer of a file in which it begins at `offset`.
    fn describe(&self, footer: &mut Thrift, offset: usize) {
        footer.element();
        footer.list(1, Thrift::STRUCT, self.chunks.len());
        for chunk in &self.chunks {
            footer.element();
            footer.i64(2, (offset + chunk.start()) as i64);
            footer.open(3);
            footer.i32(1, chunk.physical);
            let mut encodings = vec![RLE, chunk.encoding];
            if chunk.dictionary.is_some() {
                encodings.push(PLAIN);
            }
            footer.list(2, Thrift::I32, encodings.len());
            for encoding in encodings {
                footer.zigzag(i64::from(encoding));
            }
            footer.list(3, Thrift::BINARY, 1);
            footer.text(chunk.name);
            footer.i32(4, 0);
            footer.i64(5, self.rows as i64);
            let size = (chunk.end - chunk.start()) as i64;
            footer.i64(6, size);
            footer.i64(7, size);
            footer.i64(9, (offset + chunk.data) as i64);
            if let Some(dictionary) = chunk.dictionary {
                footer.i64(11, (offset + dictionary) as i64);
            }
            footer.open(12);
            footer.i64(3, chunk.nulls as i64);
            footer.close();
            footer.close();
            footer.close();
        }
        footer.i64(2, self.bytes.len() as i64);
        footer.i64(3, self.rows as i64);
        footer.close();
    }
}

/// Write a file of row groups that have the same columns; none if there is no group.
///
/// # Errors
/// What the operating system says.
pub(crate) fn write(path: &Path, groups: &[RowGroup]) -> io::Result<()> {
    let Some(first) = groups.first() else {
        return Ok(());
    };
    let mut footer = Thrift::default();
    footer.i32(1, 1);
    footer.list(2, Thrift::STRUCT, first.chunks.len() + 1);
    footer.element();
    footer.binary(4, "nodes");
    footer.i32(5, first.chunks.len() as i32);
    footer.close();
    for chunk in &first.chunks {
        footer.element();
        footer.i32(1, chunk.physical);
        footer.i32(3, i32::from(chunk.is_optional));
        footer.binary(4, chunk.name);
        if chunk.physical == BYTE_ARRAY {
            footer.i32(6, 0);
            footer.open(10);
            footer.open(1);
            footer.close();
            footer.close();
        }
        footer.close();
    }
    let rows: usize = groups.iter().map(|group| group.rows).sum();
    footer.i64(3, rows as i64);
    footer.list(4, Thrift::STRUCT, groups.len());
    let mut offset = MAGIC.len();
    for group in groups {
        group.describe(&mut footer, offset);
        offset += group.bytes.len();
    }
    footer.binary(6, CREATED_BY);
    let footer = footer.end();
    let mut file = File::create(path)?;
    file.write_all(MAGIC)?;
    for group in groups {
        file.write_all(&group.bytes)?;
    }
    file.write_all(&footer)?;
    file.write_all(&(footer.len() as u32).to_le_bytes())?;
    file.write_all(MAGIC)
}

fn page_header(kind: i32, size: usize) -> Thrift {
    let mut header = Thrift::default();
    header.i32(1, kind);
    header.i32(2, size as i32);
    header.i32(3, size as i32);
    header
}

/// Bits that indices below `count` need; at least one, as some readers know no less.
fn width_of(count: usize) -> u8 {
    (usize::BITS - count.saturating_sub(1).leading_zeros()).max(1) as u8
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}

/// A run of `rows` equal values of `width` bits.
fn repeat(out: &mut Vec<u8>, value: u32, width: u8, rows: usize) {
    varint(out, (rows as u64) << 1);
    out.extend_from_slice(&value.to_le_bytes()[..usize::from(width.div_ceil(8))]);
}

/// A run of `count` values of `width` bits each, lowest bits first, in groups of eight.
fn pack(out: &mut Vec<u8>, values: impl Iterator<Item = u32>, count: usize, width: u8) {
    if count == 0 {
        return;
    }
    let groups = count.div_ceil(8);
    varint(out, (groups as u64) << 1 | 1);
    let end = out.len() + groups * usize::from(width);
    let mut bits = Bits::new(out);
    for value in values {
        bits.push(u64::from(value), u32::from(width));
    }
    bits.end();
    out.resize(end, 0);
}

/// Values as differences, in blocks of 128, each with the bits that it needs.
fn delta<T: Whole>(out: &mut Vec<u8>, values: &[T]) {
    const BLOCK: usize = 128;
    const PART: usize = 32;
    let first = values.first().copied().unwrap_or_default();
    varint(out, BLOCK as u64);
    varint(out, (BLOCK / PART) as u64);
    varint(out, values.len() as u64);
    varint(out, zigzag(first.wide()));
    let mut differences = [T::default(); BLOCK];
    let mut before = first;
    for block in values.get(1..).unwrap_or_default().chunks(BLOCK) {
        for (difference, &value) in differences.iter_mut().zip(block) {
            *difference = value.minus(before);
            before = value;
        }
        let differences = &differences[..block.len()];
        let least = differences.iter().copied().min().unwrap_or_default();
        varint(out, zigzag(least.wide()));
        let widths = out.len();
        out.extend_from_slice(&[0; BLOCK / PART]);
        for (number, part) in differences.chunks(PART).enumerate() {
            let all = part
                .iter()
                .fold(0, |all, &value| all | value.minus(least).bits());
            let width = u64::BITS - all.leading_zeros();
            out[widths + number] = width as u8;
            let start = out.len();
            let mut bits = Bits::new(out);
            for &value in part {
                bits.push(value.minus(least).bits(), width);
            }
            bits.end();
            out.resize(start + PART / 8 * width as usize, 0);
        }
    }
}

/// Packs bits, lowest first.
struct Bits<'o> {
    out: &'o mut Vec<u8>,
    word: u64,
    used: u32,
}

impl<'o> Bits<'o> {
    fn new(out: &'o mut Vec<u8>) -> Self {
        Bits {
            out,
            word: 0,
            used: 0,
        }
    }

    /// `value` has no bit at or above `width`.
    #[inline]
    fn push(&mut self, value: u64, width: u32) {
        self.word |= value << self.used;
        let used = self.used + width;
        if used < 64 {
            self.used = used;
            return;
        }
        self.out.extend_from_slice(&self.word.to_le_bytes());
        self.word = value.checked_shr(64 - self.used).unwrap_or(0);
        self.used = used - 64;
    }

    fn end(self) {
        let bytes = self.used.div_ceil(8) as usize;
        self.out
            .extend_from_slice(&self.word.to_le_bytes()[..bytes]);
    }
}

/// The different values, and for each value its number among them.
fn distinct(values: &[u64]) -> (Vec<u64>, Vec<u32>) {
    let mask = (values.len() * 2).next_power_of_two() - 1;
    // Numbers plus one; 0 is a free slot.
    let mut slots = vec![0_u32; mask + 1];
    let mut distinct = Vec::new();
    let indices = values.iter().map(|&value| {
        // Hashes are evenly spread already.
        let mut slot = value as usize & mask;
        loop {
            match slots[slot] {
                0 => {
                    distinct.push(value);
                    slots[slot] = distinct.len() as u32;
                    return distinct.len() as u32 - 1;
                }
                number if distinct[number as usize - 1] == value => return number - 1,
                _ => slot = (slot + 1) & mask,
            }
        }
    });
    let indices = indices.collect();
    (distinct, indices)
}

/// The compact protocol of Thrift, in which Parquet writes its headers.
#[derive(Default)]
struct Thrift {
    out: Vec<u8>,
    /// Number of the last field of the open struct, and of those around it.
    last: u8,
    around: Vec<u8>,
}

impl Thrift {
    const I32: u8 = 5;
    const I64: u8 = 6;
    const BINARY: u8 = 8;
    const LIST: u8 = 9;
    const STRUCT: u8 = 12;

    fn field(&mut self, number: u8, kind: u8) {
        self.out.push((number - self.last) << 4 | kind);
        self.last = number;
    }

    fn zigzag(&mut self, value: i64) {
        varint(&mut self.out, zigzag(value));
    }

    fn i32(&mut self, number: u8, value: i32) {
        self.field(number, Thrift::I32);
        self.zigzag(i64::from(value));
    }

    fn i64(&mut self, number: u8, value: i64) {
        self.field(number, Thrift::I64);
        self.zigzag(value);
    }

    fn binary(&mut self, number: u8, text: &str) {
        self.field(number, Thrift::BINARY);
        self.text(text);
    }

    fn text(&mut self, text: &str) {
        varint(&mut self.out, text.len() as u64);
        self.out.extend_from_slice(text.as_bytes());
    }

    fn list(&mut self, number: u8, kind: u8, length: usize) {
        self.field(number, Thrift::LIST);
        if length < 15 {
            self.out.push((length as u8) << 4 | kind);
        } else {
            self.out.push(0xF0 | kind);
            varint(&mut self.out, length as u64);
        }
    }

    /// Begin a struct that is a field.
    fn open(&mut self, number: u8) {
        self.field(number, Thrift::STRUCT);
        self.element();
    }

    /// Begin a struct that is an element of a list.
    fn element(&mut self) {
        self.around.push(self.last);
        self.last = 0;
    }

    /// End the innermost struct.
    fn close(&mut self) {
        self.out.push(0);
        self.last = self.around.pop().unwrap_or_default();
    }

    /// End the outermost struct.
    fn end(mut self) -> Vec<u8> {
        self.out.push(0);
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Read packed values back, one bit at a time.
    fn unpack(bytes: &[u8], width: u32, count: usize) -> Vec<u64> {
        let bit = |at: usize| u64::from(bytes[at / 8] >> (at % 8) & 1);
        let value = |index: usize| {
            let from = index * width as usize;
            (0..width as usize).fold(0, |value, at| value | bit(from + at) << at)
        };
        (0..count).map(value).collect()
    }

    #[test]
    fn packed_bits_are_those_pushed() {
        for width in 1..=64 {
            let values: Vec<u64> = (0..150_u64)
                .map(|i| i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - width))
                .collect();
            let mut out = Vec::new();
            let mut bits = Bits::new(&mut out);
            for &value in &values {
                bits.push(value, width);
            }
            bits.end();
            assert_eq!(out.len(), (150 * width as usize).div_ceil(8));
            assert_eq!(unpack(&out, width, 150), values, "{width}");
        }
    }

    #[test]
    fn runs_state_their_groups_and_are_padded() {
        let mut out = Vec::new();
        pack(&mut out, (0..9).map(|i| i % 4), 9, 2);
        assert_eq!(out[0], 2 << 1 | 1, "two groups of eight");
        assert_eq!(out.len(), 1 + 2 * 2);
        assert_eq!(unpack(&out[1..], 2, 9), [0, 1, 2, 3, 0, 1, 2, 3, 0]);
    }

    #[test]
    fn equal_values_have_one_number() {
        let values = [7, 1 << 40, 7, 0, 1 << 40, 7];
        assert_eq!(
            distinct(&values),
            (vec![7, 1 << 40, 0], vec![0, 1, 0, 2, 1, 0])
        );
    }

    #[test]
    fn widths_hold_the_greatest_index() {
        assert_eq!(
            [0, 1, 2, 3, 4, 5, 256, 257].map(width_of),
            [1, 1, 1, 2, 2, 3, 8, 9]
        );
    }
}
