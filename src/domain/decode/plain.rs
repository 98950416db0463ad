//! Text line by line.

use crate::domain::decode::{
    document::MOST_LINES,
    span::{Role, Window},
};

/// Where the lines of a text begin.
#[derive(Debug)]
pub(super) struct Index {
    starts: Vec<u32>,
    /// Where the last line of the index ends: the body's length if it is complete.
    end: u32,
}

/// Finds the lines; stops after `limit`. Says whether that was all. A line feed at the end begins one
/// more line, an empty one, so that it can be told whether there is one.
pub(super) fn index(body: &[u8], limit: usize) -> (Index, bool) {
    let limit = limit.clamp(1, MOST_LINES);
    let mut starts = vec![0];
    for at in memchr::memchr_iter(b'\n', body) {
        if starts.len() == limit {
            return (Index { starts, end: at as u32 }, false);
        }
        starts.push(at as u32 + 1);
    }
    (Index { starts, end: body.len() as u32 }, true)
}

impl Index {
    pub(super) const fn lines(&self) -> usize {
        self.starts.len()
    }

    /// One line without its line feed; a carriage return before it is shown.
    pub(super) fn line<'b>(&self, body: &'b [u8], index: usize, window: &mut Window<'b>) {
        let Some(&start) = self.starts.get(index) else { return };
        let end = self.starts.get(index + 1).map_or(self.end, |next| next - 1);
        window.push(Role::Text, body.get(start as usize..end as usize).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::Marks;

    fn lines(body: &[u8], limit: usize) -> (Vec<String>, bool) {
        let (index, complete) = index(body, limit);
        let line = |at| {
            let mut window = Window::new(0, 100, Marks::Unicode);
            index.line(body, at, &mut window);
            window.finish().iter().map(|span| &*span.text).collect()
        };
        ((0..index.lines()).map(line).collect(), complete)
    }

    #[test]
    fn every_line_end_can_be_seen() {
        for (body, expected) in [
            (&b"a"[..], &["a"][..]),
            (b"a\n", &["a", ""]),
            (b"a\r\n\nb\x00", &["a␍", "", "b␀"]),
            (b"\n", &["", ""]),
            (b"a\rb", &["a␍b"]),
        ] {
            let (lines, complete) = lines(body, usize::MAX);
            assert_eq!(lines, expected);
            assert!(complete);
        }
    }

    #[test]
    fn a_limit_stops_at_whole_lines() {
        assert_eq!(lines(b"a\nb\nc", 2), (vec!["a".to_owned(), "b".to_owned()], false));
        assert_eq!(lines(b"a\nb", 2), (vec!["a".to_owned(), "b".to_owned()], true));
    }
}
