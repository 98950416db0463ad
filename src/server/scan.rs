//! The scan of a head: where it ends, and how long the body after it is.

/// How the end of a body is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// After so many bytes; 0 when nothing announces a body.
    Length(u64),
    /// After the last chunk.
    Chunked,
    /// It cannot be found: the request is to be refused (RFC 9112 section 6.3).
    Refused,
}

/// The state of a scan, line by line, which goes on where the last bytes ended.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// Where the line begins that is not complete yet.
    line: usize,
    /// How far the bytes have been searched.
    searched: usize,
    started: bool,
    bare_lf: bool,
    length: Option<u64>,
    /// Whether `Transfer-Encoding` was there, and whether its last coding is chunked.
    coding: Option<bool>,
    both: bool,
    refused: bool,
}

impl Scan {
    /// Searches for the end of the head. `bytes` is the head from its first byte, at least as long as
    /// at the last call. Returns where the bytes after the head begin.
    pub(crate) fn run(&mut self, bytes: &[u8]) -> Option<usize> {
        while let Some(found) = memchr::memchr(b'\n', &bytes[self.searched..]) {
            let end = self.searched + found;
            let mut line = &bytes[self.line..end];
            match line.strip_suffix(b"\r") {
                Some(stripped) => line = stripped,
                None => self.bare_lf = true,
            }
            (self.line, self.searched) = (end + 1, end + 1);
            if !self.started {
                self.started = !line.is_empty();
            } else if line.is_empty() {
                return Some(end + 1);
            } else {
                self.field(line);
            }
        }
        self.searched = bytes.len();
        None
    }

    /// How the body after this head ends.
    pub(crate) fn framing(&self) -> Framing {
        match (self.refused, self.coding, self.length) {
            (true, ..) | (_, Some(false), _) => Framing::Refused,
            (_, Some(true), _) => Framing::Chunked,
            (_, None, length) => Framing::Length(length.unwrap_or(0)),
        }
    }

    /// Whether two readers could disagree where the request ends.
    pub(crate) fn is_ambiguous(&self) -> bool {
        self.bare_lf || self.both
    }

    fn field(&mut self, line: &[u8]) {
        // Only two fields matter, and the first byte tells most others apart.
        let (name_len, is_length) = match line.first() {
            Some(b'c' | b'C') => (b"content-length".len(), true),
            Some(b't' | b'T') => (b"transfer-encoding".len(), false),
            _ => return,
        };
        if line.get(name_len) != Some(&b':') {
            return;
        }
        let (name, value) = (&line[..name_len], line[name_len + 1..].trim_ascii());
        if is_length && name.eq_ignore_ascii_case(b"content-length") {
            self.both |= self.coding.is_some();
            match parse_length(value) {
                Some(length) if self.length.is_none_or(|earlier| earlier == length) => {
                    self.length = Some(length);
                }
                // A bad length beside a transfer coding is ignored as the coding wins.
                _ => self.refused |= self.coding.is_none(),
            }
        } else if !is_length && name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.both |= self.length.is_some();
            let last = value.rsplit(|&b| b == b',').next().unwrap_or(value).trim_ascii();
            self.coding = Some(last.eq_ignore_ascii_case(b"chunked"));
        }
    }
}

/// A length in digits alone: no sign, no white space (RFC 9110 section 8.6).
pub(crate) fn parse_length(value: &[u8]) -> Option<u64> {
    if value.is_empty() {
        return None;
    }
    value.iter().try_fold(0_u64, |sum, &b| {
        let digit = b.is_ascii_digit().then(|| u64::from(b - b'0'))?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn framing_follows_rfc_9112() {
        for (fields, framing, ambiguous) in [
            ("", Framing::Length(0), false),
            ("Content-Length: 7\r\n", Framing::Length(7), false),
            ("content-length:7 \r\nCONTENT-LENGTH: 7\r\n", Framing::Length(7), false),
            ("Content-Length: 7\r\nContent-Length: 8\r\n", Framing::Refused, false),
            ("Content-Length: -1\r\n", Framing::Refused, false),
            ("Content-Length: 99999999999999999999\r\n", Framing::Refused, false),
            ("Content-Length:\r\n", Framing::Refused, false),
            ("Content-Lengthy: x\r\nContent-Type: y\r\n", Framing::Length(0), false),
            ("Transfer-Encoding: chunked\r\n", Framing::Chunked, false),
            ("Transfer-Encoding: gzip ,\tCHUNKED\r\n", Framing::Chunked, false),
            ("Transfer-Encoding: chunked, gzip\r\n", Framing::Refused, false),
            ("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", Framing::Chunked, false),
            ("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", Framing::Chunked, true),
            ("Transfer-Encoding: chunked\r\nContent-Length: x\r\n", Framing::Chunked, true),
            ("A: 1\nB: 2\r\n", Framing::Length(0), true),
        ] {
            let head = format!("POST / HTTP/1.1\r\n{fields}\r\n");
            let mut scan = Scan::default();
            assert_eq!(scan.run(format!("{head}rest").as_bytes()), Some(head.len()), "{fields:?}");
            assert_eq!((scan.framing(), scan.is_ambiguous()), (framing, ambiguous), "{fields:?}");
        }
    }

    #[test]
    fn a_scan_goes_on_where_it_ended() {
        let head = b"\r\nPOST / HTTP/1.1\r\nContent-Length: 12\r\n\r\n";
        let mut scan = Scan::default();
        for end in 0..head.len() {
            assert_eq!(scan.run(&head[..end]), None);
        }
        assert_eq!(scan.run(head), Some(head.len()));
        assert_eq!(scan.framing(), Framing::Length(12));
    }
}
