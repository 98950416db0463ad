//! A form body as a table of names and values.

use crate::domain::{
    decode::{
        document::MOST_LINES,
        span::{Role, Window},
    },
    text,
};

/// Widest column of names; a longer name pushes its own value to the right.
const WIDEST_NAME: usize = 32;

/// Where the pairs of a form stand.
#[derive(Debug)]
pub(super) struct Index {
    pairs: Vec<(u32, u32)>,
    names: usize,
}

/// Finds the pairs in order, duplicates included; stops after `limit`. Says whether that was all.
/// Empty pieces between `&` are left out, as parsers do.
pub(super) fn index(body: &[u8], limit: usize) -> (Index, bool) {
    let limit = limit.clamp(1, MOST_LINES);
    let mut index = Index { pairs: Vec::new(), names: 0 };
    let mut start = 0;
    for end in memchr::memchr_iter(b'&', body).chain([body.len()]) {
        if end > start {
            if index.pairs.len() == limit {
                return (index, false);
            }
            index.pairs.push((start as u32, end as u32));
            let name = split(&body[start..end]).0;
            // Longer ones do not count: decoding three bytes for a character gives at most this.
            if name.len() <= WIDEST_NAME * 9 {
                let name = text::width(&text::visible(&decode(name, usize::MAX)));
                index.names = index.names.max(if name <= WIDEST_NAME { name } else { 0 });
            }
        }
        start = end + 1;
    }
    (index, true)
}

impl Index {
    pub(super) const fn lines(&self) -> usize {
        self.pairs.len()
    }

    /// `name   = value`, both decoded; a name without an equal sign stands alone.
    pub(super) fn line(&self, body: &[u8], index: usize, window: &mut Window<'_>) {
        let Some(&(start, end)) = self.pairs.get(index) else { return };
        let pair = body.get(start as usize..end as usize).unwrap_or_default();
        let (name, value) = split(pair);
        let room = window.reach();
        let name = decode(name, room);
        window.push_copy(Role::Key, &name);
        let Some(value) = value else { return };
        window.push_spaces(self.names.saturating_sub(window.at()));
        window.push_own(Role::Punct, " = ");
        window.push_copy(Role::Str, &decode(value, room));
    }
}

fn split(pair: &[u8]) -> (&[u8], Option<&[u8]>) {
    memchr::memchr(b'=', pair).map_or((pair, None), |at| (&pair[..at], Some(&pair[at + 1..])))
}

/// Undoes the form's encoding (WHATWG URL, section 5.1), as far as `columns` columns can need. A `%`
/// that is not followed by two hex digits stays.
fn decode(source: &[u8], columns: usize) -> Vec<u8> {
    // A column takes at most one base and its combining characters of four bytes, each `%XX`.
    let longest = columns.saturating_mul(12 * (1 + text::MOST_COMBINING as usize)).min(source.len());
    let mut decoded = Vec::with_capacity(longest);
    let mut rest = &source[..longest];
    while let [first, after @ ..] = rest {
        rest = after;
        decoded.push(match (first, after) {
            (b'+', _) => b' ',
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    rest = after;
                    high << 4 | low
                }
                _ => b'%',
            },
            (&byte, _) => byte,
        });
    }
    decoded
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::Marks;

    fn lines(body: &[u8], skip: usize, columns: usize) -> Vec<String> {
        let (index, complete) = index(body, usize::MAX);
        assert!(complete);
        let line = |at| {
            let mut window = Window::new(skip, columns, Marks::Unicode);
            index.line(body, at, &mut window);
            window.finish().iter().map(|span| &*span.text).collect()
        };
        (0..index.lines()).map(line).collect()
    }

    #[test]
    fn pairs_are_decoded_in_order_with_duplicates() {
        let body = b"From=%2B15551234567&Body=a+b%0a&Body=&alone&&x=%zz%4&=nameless&u=%E7%95%8C%ff%1b";
        let expected = [
            "From = +15551234567",
            "Body = a b␊",
            "Body = ",
            "alone",
            "x     = %zz%4",
            "      = nameless",
            "u     = 界‹xFF›␛",
        ];
        // `alone` is the longest name.
        let expected: Vec<_> =
            expected.iter().map(|line| line.replace("From ", "From  ").replace("Body ", "Body  ")).collect();
        assert_eq!(lines(body, 0, 100), expected);
    }

    #[test]
    fn long_names_do_not_widen_the_column_and_long_values_are_decoded_in_view_only() {
        let body = [&b"a=1&"[..], &b"n".repeat(40), b"=2&b=", &b"%61".repeat(300_000)].concat();
        assert_eq!(lines(&body, 0, 9), ["a = 1", "nnnnnnnnn", "b = aaaaa"]);
        assert_eq!(lines(&body, 299_999, 9)[2], "aaaaa");
    }

    #[test]
    fn a_limit_stops_at_whole_pairs() {
        let (index, complete) = index(b"a=1&b=2&c=3", 2);
        assert_eq!((index.lines(), complete), (2, false));
    }
}
