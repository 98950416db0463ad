//! How a signature is written: hex, Base64, Base64 for URLs, or as it is.
//!
//! Most packages of providers compare texts, so a signature has one spelling: hex in lower case, Base64
//! with its padding. Where a provider's own packages decode what they received, the catalogue says so.

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use smallvec::SmallVec;

/// Bytes of the longest HMAC.
const SHORT: usize = 64;

/// The bytes of a signature, in place where they are no longer than an HMAC.
pub(super) type Bytes = SmallVec<[u8; SHORT]>;

/// How a signature is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Hexadecimal digits in lower case.
    Hex,
    /// Hexadecimal digits in either case.
    HexAny,
    /// Base64 with the alphabet of RFC 4648 section 4 and its padding.
    Base64,
    /// The same with or without padding.
    Base64Any,
    /// The same as [`Base64`](Self::Base64), but the bits behind the last whole byte do not count.
    Base64Bits,
    /// The same as lenient decoders read it: other characters are passed over, and nothing counts
    /// behind the padding.
    Base64Loose,
    /// Base64 with the alphabet of RFC 4648 section 5, with or without padding.
    Base64Url,
    /// The same without padding.
    Base64UrlBare,
    /// The bytes themselves, as tokens are.
    Raw,
}

impl Encoding {
    /// The words of the catalogue.
    pub(super) const WORDS: [(&'static str, Self); 9] = [
        ("hex", Self::Hex),
        ("hex-any", Self::HexAny),
        ("base64", Self::Base64),
        ("base64-any", Self::Base64Any),
        ("base64-bits", Self::Base64Bits),
        ("base64-loose", Self::Base64Loose),
        ("base64url", Self::Base64Url),
        ("base64url-bare", Self::Base64UrlBare),
        ("raw", Self::Raw),
    ];

    /// The name in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hex | Self::HexAny => "hex",
            Self::Base64 | Self::Base64Any | Self::Base64Bits | Self::Base64Loose => "Base64",
            Self::Base64Url | Self::Base64UrlBare => "URL-safe Base64",
            Self::Raw => "plain text",
        }
    }

    /// The bytes that a text stands for. Strict but where its name says otherwise: other digits, loose
    /// bits and white space inside are refused.
    pub(super) fn decode(self, text: &[u8]) -> Option<Vec<u8>> {
        let mut bytes = Bytes::new();
        self.read(text, &mut bytes).then(|| bytes.into_vec())
    }

    /// Puts the same bytes where there are none yet. Returns whether the text stands for any.
    #[inline(always)]
    pub(super) fn read(self, text: &[u8], into: &mut Bytes) -> bool {
        let padded = text.last() == Some(&b'=');
        let strictly = match self {
            Self::Hex => return hex(text, into),
            Self::HexAny => &HEXLOWER_PERMISSIVE,
            Self::Base64Any if !padded => &BASE64_NOPAD,
            Self::Base64 | Self::Base64Any => &BASE64,
            Self::Base64Url if padded => &BASE64URL,
            Self::Base64Url | Self::Base64UrlBare => &BASE64URL_NOPAD,
            Self::Base64Bits | Self::Base64Loose => {
                let bytes = if self == Self::Base64Bits { bits(&BASE64, text) } else { loose(text) };
                return bytes.map(|bytes| into.extend_from_slice(&bytes)).is_some();
            }
            Self::Raw => {
                into.extend_from_slice(text);
                return true;
            }
        };
        let Ok(most) = strictly.decode_len(text.len()) else { return false };
        *into = room(most);
        let read = strictly.decode_mut(text, into);
        into.truncate(read.unwrap_or(0));
        read.is_ok()
    }

    /// The usual spelling of some bytes.
    pub(super) fn encode(self, bytes: &[u8]) -> String {
        match self {
            Self::Hex | Self::HexAny => HEXLOWER.encode(bytes),
            Self::Base64 | Self::Base64Any | Self::Base64Bits | Self::Base64Loose => BASE64.encode(bytes),
            Self::Base64Url | Self::Base64UrlBare => BASE64URL_NOPAD.encode(bytes),
            Self::Raw => String::from_utf8_lossy(bytes).into_owned(),
        }
    }
}

/// Hex in lower case, as most signatures are: read without a branch for any digit, and pair by pair, which
/// compilers turn into a few instructions for all of them.
#[inline(always)]
fn hex(text: &[u8], into: &mut Bytes) -> bool {
    let (pairs, []) = text.as_chunks() else { return false };
    *into = room(pairs.len());
    let mut wrong = 0;
    for (byte, pair) in into.iter_mut().zip(pairs) {
        let pair = u16::from_le_bytes(*pair);
        let (high, low) = (digit(pair as u8), digit((pair >> 8) as u8));
        wrong |= u16::from(high | low);
        *byte = high << 4 | low;
    }
    wrong <= 0xf
}

/// What a hexadecimal digit stands for; 255 where it is none.
const fn digit(text: u8) -> u8 {
    let (number, letter) = (text.wrapping_sub(b'0'), text.wrapping_sub(b'a'));
    let number = if number < 10 { number } else { u8::MAX };
    let letter = if letter < 6 { letter + 10 } else { u8::MAX };
    number & letter
}

/// Zeros to write over.
fn room(length: usize) -> Bytes {
    match length {
        ..=SHORT => Bytes::from_buf_and_len([0; SHORT], length),
        _ => Bytes::from_vec(vec![0; length]),
    }
}

/// Base64 of a form, whatever the bits behind the last whole byte are.
pub(super) fn bits(form: &data_encoding::Encoding, text: &[u8]) -> Option<Vec<u8>> {
    // Mostly they are as they should be, and to make a decoder costs more than to use one.
    if let Ok(bytes) = form.decode(text) {
        return Some(bytes);
    }
    let mut decoder = form.specification();
    decoder.check_trailing_bits = false;
    decoder.encoding().ok()?.decode(text).ok()
}

/// Base64 as both Node's `Buffer.from` and Python's `b64decode` read it. They differ about the alphabet
/// for URLs, about padding that is missing and about what is not ASCII, so these are refused.
fn loose(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    let end = text.iter().position(|&b| b == b'=').unwrap_or(text.len());
    if !text.is_ascii() || text[..end].iter().any(|b| matches!(b, b'-' | b'_')) {
        return None;
    }
    let mut digits: Vec<u8> = text[..end].iter().copied().filter(digit).collect();
    let missing = digits.len().wrapping_neg() % 4;
    let padding = text[end..].iter().filter(|&&b| b == b'=').count();
    if padding < missing {
        return None;
    }
    // The bits behind the last whole byte do not count.
    let mut decoder = data_encoding::BASE64_NOPAD.specification();
    decoder.check_trailing_bits = false;
    digits.truncate(digits.len() - usize::from(missing == 3));
    decoder.encoding().ok()?.decode(&digits).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_strictly() {
        for (encoding, text, expected) in [
            (Encoding::Hex, "00ff", Some(&b"\x00\xff"[..])),
            (Encoding::Hex, "00FF", None),
            (Encoding::HexAny, "00fF", Some(b"\x00\xff")),
            (Encoding::HexAny, "00fg", None),
            (Encoding::Hex, "0", None),
            (Encoding::Hex, "0x", None),
            (Encoding::Base64, "+/8=", Some(b"\xfb\xff")),
            (Encoding::Base64, "+/8", None),
            (Encoding::Base64Any, "+/8", Some(b"\xfb\xff")),
            (Encoding::Base64Any, "+/8=", Some(b"\xfb\xff")),
            (Encoding::Base64Loose, " +/ 9!=x", Some(b"\xfb\xff")),
            (Encoding::Base64Loose, "+/8", None),
            (Encoding::Base64Loose, "-_8=", None),
            (Encoding::Base64Loose, "+/8=\u{e9}", None),
            (Encoding::Base64, "+/9=", None),
            (Encoding::Base64Bits, "+/9=", Some(b"\xfb\xff")),
            (Encoding::Base64Bits, "+/8", None),
            (Encoding::Base64Bits, "+/ 8=", None),
            (Encoding::Base64, "-_8=", None),
            (Encoding::Base64, "+/8=\n", None),
            (Encoding::Base64Url, "-_8", Some(b"\xfb\xff")),
            (Encoding::Base64Url, "-_8=", Some(b"\xfb\xff")),
            (Encoding::Base64UrlBare, "-_8=", None),
            (Encoding::Raw, "a b", Some(b"a b")),
        ] {
            assert_eq!(encoding.decode(text.as_bytes()).as_deref(), expected, "{encoding:?} {text}");
        }
    }
}
