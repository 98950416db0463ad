//! How a signature is written: hex, Base64, Base64 for URLs, or as it is.

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};

/// How a signature is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Hexadecimal digits, all lower case or all upper case.
    Hex,
    /// Base64 with the alphabet of RFC 4648 section 4, with or without padding.
    Base64,
    /// Base64 with the alphabet of RFC 4648 section 5, with or without padding.
    Base64Url,
    /// The bytes themselves, as tokens are.
    Raw,
}

impl Encoding {
    /// The words of the catalogue.
    pub(super) const WORDS: [(&'static str, Self); 4] =
        [("hex", Self::Hex), ("base64", Self::Base64), ("base64url", Self::Base64Url), ("raw", Self::Raw)];

    /// The name in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hex => "hex",
            Self::Base64 => "Base64",
            Self::Base64Url => "URL-safe Base64",
            Self::Raw => "plain text",
        }
    }

    /// The bytes that a text stands for. Strict, so that each signature has one spelling (hex has
    /// two): digits of mixed case, loose bits and white space inside are refused.
    pub(super) fn decode(self, text: &[u8]) -> Option<Vec<u8>> {
        let padded = text.last() == Some(&b'=');
        match self {
            Self::Hex => HEXLOWER.decode(text).or_else(|_| HEXUPPER.decode(text)).ok(),
            Self::Base64 if padded => BASE64.decode(text).ok(),
            Self::Base64 => BASE64_NOPAD.decode(text).ok(),
            Self::Base64Url if padded => BASE64URL.decode(text).ok(),
            Self::Base64Url => BASE64URL_NOPAD.decode(text).ok(),
            Self::Raw => Some(text.to_vec()),
        }
    }

    /// The usual spelling of some bytes.
    pub(super) fn encode(self, bytes: &[u8]) -> String {
        match self {
            Self::Hex => HEXLOWER.encode(bytes),
            Self::Base64 => BASE64.encode(bytes),
            Self::Base64Url => BASE64URL_NOPAD.encode(bytes),
            Self::Raw => String::from_utf8_lossy(bytes).into_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_strictly() {
        for (encoding, text, expected) in [
            (Encoding::Hex, "00ff", Some(&b"\x00\xff"[..])),
            (Encoding::Hex, "00FF", Some(b"\x00\xff")),
            (Encoding::Hex, "00fF", None),
            (Encoding::Hex, "0", None),
            (Encoding::Hex, "0x", None),
            (Encoding::Base64, "+/8=", Some(b"\xfb\xff")),
            (Encoding::Base64, "+/8", Some(b"\xfb\xff")),
            (Encoding::Base64, "+/9=", None),
            (Encoding::Base64, "-_8=", None),
            (Encoding::Base64, "+/8=\n", None),
            (Encoding::Base64Url, "-_8", Some(b"\xfb\xff")),
            (Encoding::Base64Url, "-_8=", Some(b"\xfb\xff")),
            (Encoding::Raw, "a b", Some(b"a b")),
        ] {
            assert_eq!(encoding.decode(text.as_bytes()).as_deref(), expected, "{encoding:?} {text}");
        }
    }
}
