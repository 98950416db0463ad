//! As much of DER as public keys and certificates need: tag, length, content.

/// The tag of a SEQUENCE.
pub(super) const SEQUENCE: u8 = 0x30;
/// The tag of an INTEGER.
pub(super) const INTEGER: u8 = 0x02;
/// The tag of a BIT STRING.
pub(super) const BIT_STRING: u8 = 0x03;
/// The tag of an OBJECT IDENTIFIER.
pub(super) const OBJECT: u8 = 0x06;

/// Reads one value after the other.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    /// Tag and content of the next value; `None` at the end and where the length is broken.
    pub(super) fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            // Four bytes of length are more than any key needs.
            0x81..=0x84 => {
                let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                (digits.iter().fold(0, |length, &digit| length << 8 | usize::from(digit)), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }

    /// The content of the next value, if it has this tag.
    pub(super) fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|(found, _)| *found == tag).map(|(_, content)| content)
    }
}

/// The SubjectPublicKeyInfo of a certificate (RFC 5280 section 4.1), without its own tag.
pub(super) fn key_of_certificate(der: &[u8]) -> Option<&[u8]> {
    let mut signed = Reader(Reader(Reader(der).expect(SEQUENCE)?).expect(SEQUENCE)?);
    let mut ahead = signed;
    if ahead.next()?.0 == 0xa0 {
        signed = ahead;
    }
    // Serial number, signature algorithm, issuer, validity, subject.
    for tag in [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE] {
        signed.expect(tag)?;
    }
    signed.expect(SEQUENCE)
}

/// A value with tag and length.
pub(super) fn write(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let digits = &length[length.iter().take_while(|&&digit| digit == 0).count()..];
    let mut out = vec![tag];
    match (content.len(), u8::try_from(digits.len())) {
        (0..0x80, _) => out.push(digits.first().copied().unwrap_or(0)),
        (_, count) => {
            out.push(0x80 | count.unwrap_or(0));
            out.extend_from_slice(digits);
        }
    }
    out.extend_from_slice(content);
    out
}

/// An unsigned number as an INTEGER.
pub(super) fn write_unsigned(number: &[u8]) -> Vec<u8> {
    let number = &number[number.iter().take_while(|&&digit| digit == 0).count()..];
    let mut content = Vec::with_capacity(number.len() + 1);
    if number.first().is_none_or(|&first| first >= 0x80) {
        content.push(0);
    }
    content.extend_from_slice(number);
    write(INTEGER, &content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        for length in [0, 1, 0x7f, 0x80, 0xff, 0x100, 0x1_0000] {
            let content = vec![7; length];
            let written = write(SEQUENCE, &content);
            let mut reader = Reader(&written);
            assert_eq!(reader.expect(SEQUENCE), Some(&content[..]), "{length}");
            assert_eq!(reader.next(), None);
        }
        assert_eq!(write_unsigned(&[0, 0x80]), [INTEGER, 2, 0, 0x80]);
        assert_eq!(write_unsigned(&[0, 1]), [INTEGER, 1, 1]);
        assert_eq!(write_unsigned(&[]), [INTEGER, 1, 0]);
    }

    #[test]
    fn broken_lengths_end_it() {
        for broken in [&[][..], &[0x30], &[0x30, 5, 0], &[0x30, 0x80], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]]
        {
            assert_eq!(Reader(broken).next(), None, "{broken:?}");
            assert_eq!(key_of_certificate(broken), None, "{broken:?}");
        }
    }
}
