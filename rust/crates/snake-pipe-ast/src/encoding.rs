//! Bytes to text.
//!
//! Belongs here: byte order marks, UTF-16 and UTF-32, and what is no text.
//! Does not: JSON.

use std::borrow::Cow;

/// Text of an artifact, and whether it had to be made from something other than plain UTF-8.
pub(crate) struct Text<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) is_transcoded: bool,
}

/// The first byte that is not text; `is_cut` if the artifact only ends inside a character.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct NotText {
    pub(crate) byte: usize,
    pub(crate) is_cut: bool,
}

/// Read the bytes as UTF-8, or as UTF-16 or UTF-32 if a byte order mark or the place of zero bytes
/// around the first characters says so.
pub(crate) fn text(bytes: &[u8]) -> Result<Text<'_>, NotText> {
    let plain = |bytes, skipped: usize| match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Text { text: Cow::Borrowed(text), is_transcoded: false }),
        Err(error) => Err(NotText {
            byte: error.valid_up_to() + skipped,
            is_cut: error.error_len().is_none(),
        }),
    };
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => plain(rest, 3),
        [0xFF, 0xFE, 0, 0, rest @ ..] => utf32(rest, 4, u32::from_le_bytes),
        [0, 0, 0xFE, 0xFF, rest @ ..] => utf32(rest, 4, u32::from_be_bytes),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, 2, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, 2, u16::from_be_bytes),
        // JSON begins with an ASCII character: zeros around it tell the width (RFC 4627, 3).
        [first, 0, 0, 0, ..] if *first != 0 => utf32(bytes, 0, u32::from_le_bytes),
        [0, 0, 0, last, ..] if *last != 0 => utf32(bytes, 0, u32::from_be_bytes),
        [first, 0, ..] if *first != 0 => utf16(bytes, 0, u16::from_le_bytes),
        [0, second, ..] if *second != 0 => utf16(bytes, 0, u16::from_be_bytes),
        _ => plain(bytes, 0),
    }
}

fn utf16(bytes: &[u8], skipped: usize, word: fn([u8; 2]) -> u16) -> Result<Text<'_>, NotText> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(NotText { byte: skipped + bytes.len() - 1, is_cut: true });
    }
    let words = pairs.iter().map(|&pair| word(pair));
    // Half pairs are text in JSON, as escapes; here they read the same.
    let text = char::decode_utf16(words).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    Ok(Text { text: Cow::Owned(text), is_transcoded: true })
}

fn utf32(bytes: &[u8], skipped: usize, word: fn([u8; 4]) -> u32) -> Result<Text<'_>, NotText> {
    let (quads, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() {
        return Err(NotText { byte: skipped + bytes.len() - rest.len(), is_cut: true });
    }
    let mut text = String::with_capacity(quads.len());
    for (index, &quad) in quads.iter().enumerate() {
        let character = char::from_u32(word(quad));
        text.push(character.ok_or(NotText { byte: skipped + index * 4, is_cut: false })?);
    }
    Ok(Text { text: Cow::Owned(text), is_transcoded: true })
}
