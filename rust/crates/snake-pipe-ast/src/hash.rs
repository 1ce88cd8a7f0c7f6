//! Hashes that are equal on every machine.
//!
//! Belongs here: XXH3 of texts and bytes, and the mixing of subtree hashes.
//! Does not: what is hashed.

use xxhash_rust::xxh3;

/// XXH3-64 of bytes.
#[inline]
#[must_use]
pub fn text(bytes: &[u8]) -> u64 {
    xxh3::xxh3_64(bytes)
}

/// XXH3-64 of a text as a signed id.
#[inline]
#[must_use]
pub fn id(text: &str) -> i64 {
    xxh3::xxh3_64(text.as_bytes()) as i64
}

/// XXH3-128 of an artifact's bytes as 32 hexadecimal digits.
#[must_use]
pub fn content(bytes: &[u8]) -> String {
    format!("{:032x}", xxh3::xxh3_128(bytes))
}

/// Fold two words into one.
#[inline]
#[must_use]
pub fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a ^ 0x2D35_8DCC_AA6C_78A5) * u128::from(b ^ 0x8BB8_4B93_962E_ACC9);
    (product as u64) ^ (product >> 64) as u64
}

/// Four bytes, little-endian. The caller has checked that they are there.
#[inline]
pub(crate) fn read32(bytes: &[u8], at: usize) -> u32 {
    let mut word = [0; 4];
    word.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(word)
}

/// Eight bytes, little-endian. The caller has checked that they are there.
#[inline]
pub(crate) fn read64(bytes: &[u8], at: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(word)
}
