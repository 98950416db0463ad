//! The hex dump: offset, 16 bytes, and the same bytes as ASCII.

use crate::domain::decode::span::{Role, Window};

const PER_LINE: usize = 16;

/// How many lines a body of this size takes.
pub(super) const fn lines(size: usize) -> usize {
    size.div_ceil(PER_LINE)
}

/// `00000000  48 65 6c 6c 6f 0a                                 |Hello.|`
pub(super) fn line(body: &[u8], index: usize, window: &mut Window<'_>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let start = index.saturating_mul(PER_LINE);
    let Some(row) = body.get(start..body.len().min(start.saturating_add(PER_LINE))) else { return };
    window.push_copy(Role::Offset, format!("{start:08x}").as_bytes());
    let mut bytes = [b' '; 2 + PER_LINE * 3 + 2];
    for (at, &byte) in row.iter().enumerate() {
        let place = 2 + at * 3 + at / 8;
        bytes[place] = DIGITS[usize::from(byte >> 4)];
        bytes[place + 1] = DIGITS[usize::from(byte & 15)];
    }
    window.push_copy(Role::Number, &bytes);
    let ascii: Vec<u8> = row.iter().map(|&b| if matches!(b, b' '..=b'~') { b } else { b'.' }).collect();
    window.push_own(Role::Punct, "|");
    window.push_copy(Role::Ascii, &ascii);
    window.push_own(Role::Punct, "|");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::Marks;

    #[test]
    fn rows_have_the_usual_form() {
        let body = b"Hello, World!\r\n\0\xff\x1b";
        let row = |index| {
            let mut window = Window::new(0, 100, Marks::Unicode);
            line(body, index, &mut window);
            window.finish().iter().map(|span| &*span.text).collect::<String>()
        };
        assert_eq!(lines(body.len()), 2);
        assert_eq!(row(0), "00000000  48 65 6c 6c 6f 2c 20 57  6f 72 6c 64 21 0d 0a 00  |Hello, World!...|");
        assert_eq!(row(1), "00000010  ff 1b                                             |..|");
        assert_eq!(row(2), "");
    }
}
