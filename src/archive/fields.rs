//! The header fields of a response as one value: lines where that is exact, else with lengths.

use crate::domain::{delivery::RawField, headers::Fields};

/// Fields as they are stored: a line `name: value` for each, ended by CR LF. Where these lines would not
/// read back the same, a zero byte and then each name and value after its length in four bytes, the least
/// first.
pub(super) fn pack(fields: &[RawField]) -> Vec<u8> {
    let mut lines = Vec::new();
    for (name, value) in fields {
        for part in [&name[..], b": ", value, b"\r\n"] {
            lines.extend_from_slice(part);
        }
    }
    let same = Fields::of_block(&lines).map(|field| (field.name, field.value));
    if lines.first() != Some(&0) && same.eq(fields.iter().map(|(name, value)| (&name[..], &value[..]))) {
        return lines;
    }
    let mut packed = vec![0];
    for part in fields.iter().flat_map(|(name, value)| [name, value]) {
        packed.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
        packed.extend_from_slice(part);
    }
    packed
}

/// The fields of what was stored; `None` where it is not of that form.
pub(super) fn unpack(bytes: &[u8]) -> Option<Vec<RawField>> {
    let Some((0, mut rest)) = bytes.split_first().map(|(first, rest)| (*first, rest)) else {
        return Some(Fields::of_block(bytes).map(|field| (field.name.into(), field.value.into())).collect());
    };
    let mut fields = Vec::new();
    while !rest.is_empty() {
        fields.push((part(&mut rest)?, part(&mut rest)?));
    }
    Some(fields)
}

fn part(rest: &mut &[u8]) -> Option<Box<[u8]>> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    let (part, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    *rest = after;
    Some(part.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_back_as_they_were() {
        let cases: [&[(&[u8], &[u8])]; 7] = [
            &[],
            &[(b"Content-Type", b"text/plain"), (b"x", b""), (b"X", b"\xff: \t y")],
            &[(b"", b"")],
            &[(b"a:b", b"c")],
            &[(b"a", b" padded ")],
            &[(b"a", b"1\r\nb: 2"), (b"\r", b"")],
            &[(b"\0a", b"b")],
        ];
        for fields in cases {
            let fields: Vec<RawField> = fields.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect();
            assert_eq!(unpack(&pack(&fields)), Some(fields));
        }
    }

    #[test]
    fn usual_fields_are_lines_that_a_person_reads() {
        let fields: [RawField; 1] = [(b"Content-Type"[..].into(), b"text/plain"[..].into())];
        assert_eq!(pack(&fields), b"Content-Type: text/plain\r\n");
    }

    #[test]
    fn cut_fields_are_refused() {
        assert_eq!(unpack(b"\0\x05\0\0\0ab"), None);
        assert_eq!(unpack(b"\0\x01\0\0\0a"), None);
    }
}
