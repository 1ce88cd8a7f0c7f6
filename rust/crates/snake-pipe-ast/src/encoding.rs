//! Bytes to text.
//!
//! Belongs here: byte order marks, UTF-16 and UTF-32, and what is no text.
//! Does not: JSON.

use std::borrow::Cow;

/// Text of an artifact, and whether it had to be made from something other than plain UTF-8.
#[derive(Debug)]
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
        Ok(text) => Ok(Text {
            text: Cow::Borrowed(text),
            is_transcoded: false,
        }),
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
        return Err(NotText {
            byte: skipped + bytes.len() - 1,
            is_cut: true,
        });
    }
    let words = pairs.iter().map(|&pair| word(pair));
    // Half pairs are text in JSON, as escapes; here they read the same.
    let text = char::decode_utf16(words)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    Ok(Text {
        text: Cow::Owned(text),
        is_transcoded: true,
    })
}

fn utf32(bytes: &[u8], skipped: usize, word: fn([u8; 4]) -> u32) -> Result<Text<'_>, NotText> {
    let (quads, rest) = bytes.as_chunks::<4>();
    let mut text = String::with_capacity(quads.len());
    for (index, &quad) in quads.iter().enumerate() {
        let character = char::from_u32(word(quad));
        text.push(character.ok_or(NotText {
            byte: skipped + index * 4,
            is_cut: false,
        })?);
    }
    if !rest.is_empty() {
        return Err(NotText {
            byte: skipped + bytes.len() - rest.len(),
            is_cut: true,
        });
    }
    Ok(Text {
        text: Cow::Owned(text),
        is_transcoded: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (String, bool) {
        let read = text(bytes).unwrap();
        (read.text.into_owned(), read.is_transcoded)
    }

    #[test]
    fn every_unicode_encoding_is_read() {
        let wanted = "{\"é\":\"😀\"}";
        assert_eq!(read(wanted.as_bytes()), (wanted.to_owned(), false));
        let marked = [b"\xEF\xBB\xBF", wanted.as_bytes()].concat();
        assert_eq!(read(&marked), (wanted.to_owned(), false));
        let words: Vec<u16> = wanted.encode_utf16().collect();
        let little: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
        let big: Vec<u8> = words.iter().flat_map(|w| w.to_be_bytes()).collect();
        let wide: Vec<u8> = wanted
            .chars()
            .flat_map(|c| (c as u32).to_le_bytes())
            .collect();
        for bytes in [
            little.clone(),
            [b"\xFF\xFE".as_slice(), &little].concat(),
            big.clone(),
            [b"\xFE\xFF".as_slice(), &big].concat(),
            wide.clone(),
            [b"\xFF\xFE\0\0".as_slice(), &wide].concat(),
        ] {
            assert_eq!(read(&bytes), (wanted.to_owned(), true));
        }
    }

    #[test]
    fn what_is_no_text_says_where() {
        let fault = |bytes: &[u8]| text(bytes).err().map(|e| (e.byte, e.is_cut));
        assert_eq!(fault(b"{\"a\": \"\xE9\"}"), Some((7, false)));
        assert_eq!(fault(b"{\"a\": \"\xC3"), Some((7, true)));
        assert_eq!(fault(b"\xEF\xBB\xBF\"\xFF\""), Some((4, false)));
        assert_eq!(fault(b"[\0]"), Some((2, true)));
        assert_eq!(fault(b""), None);
    }
}
