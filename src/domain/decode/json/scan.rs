//! The scanner: checks a text against the grammar of RFC 8259 and notes where the lines of its
//! indented view begin, in one pass and without recursion.
//!
//! Bytes in a string that are not UTF-8 are let through: they are shown as marks, which tells more
//! than a refusal.

use crate::domain::decode::json::view::{COMMA, Index, KEY, Line};

/// Why a text is not JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::domain::decode) struct Invalid {
    /// Offset of the first byte that does not fit.
    pub(in crate::domain::decode) at: usize,
    /// What was expected there, or what is wrong.
    pub(in crate::domain::decode) what: &'static str,
}

enum Stop {
    Invalid(Invalid),
    /// There are as many lines as were wanted.
    Full,
}

impl From<Invalid> for Stop {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

/// Indexes the JSON text that stands in `body` from `start`; stops after `limit` lines. Says whether
/// that was all: only then is the whole text known to be valid. Offsets are 32 bits: the caller sees
/// to it that the body is not larger.
pub(in crate::domain::decode) fn index(
    body: &[u8],
    start: usize,
    limit: usize,
) -> Result<(Index, bool), Invalid> {
    let mut scanner = Scanner { body, at: start, limit, lines: Vec::new(), nesting: Nesting::default() };
    let complete = match scanner.run() {
        Ok(()) => true,
        Err(Stop::Full) => false,
        Err(Stop::Invalid(invalid)) => return Err(invalid),
    };
    Ok((Index { lines: scanner.lines }, complete))
}

struct Scanner<'a> {
    body: &'a [u8],
    at: usize,
    limit: usize,
    lines: Vec<Line>,
    nesting: Nesting,
}

impl Scanner<'_> {
    fn run(&mut self) -> Result<(), Stop> {
        self.blank();
        let (mut start, mut key) = (self.at, 0);
        loop {
            match self.peek() {
                Some(open @ (b'{' | b'[')) => {
                    let object = open == b'{';
                    let opened = self.at + 1;
                    self.at = opened;
                    self.blank();
                    if self.peek() == Some(if object { b'}' } else { b']' }) {
                        self.at += 1;
                        self.push(start, self.at, key)?;
                    } else {
                        self.push(start, opened, key)?;
                        self.nesting.push(object);
                        (start, key) = self.element(object)?;
                        continue;
                    }
                }
                Some(b'"') => {
                    self.string()?;
                    self.push(start, self.at, key)?;
                }
                _ => {
                    self.scalar()?;
                    self.push(start, self.at, key)?;
                }
            }
            match self.after_value()? {
                Some(object) => (start, key) = self.element(object)?,
                None => return Ok(()),
            }
        }
    }

    /// Closes containers up to the next comma. Gives the kind of container that goes on, or `None` at
    /// the end of the text.
    fn after_value(&mut self) -> Result<Option<bool>, Stop> {
        loop {
            self.blank();
            match (self.nesting.top(), self.peek()) {
                (None, None) => return Ok(None),
                (None, Some(_)) => return Err(self.invalid("text after the end of the value").into()),
                (Some(object), Some(b',')) => {
                    if let Some(line) = self.lines.last_mut() {
                        line.shape |= COMMA;
                    }
                    self.at += 1;
                    self.blank();
                    return Ok(Some(object));
                }
                (Some(true), Some(b'}')) | (Some(false), Some(b']')) => {
                    self.nesting.pop();
                    self.push(self.at, self.at + 1, 0)?;
                    self.at += 1;
                }
                (Some(true), _) => return Err(self.invalid("expected , or }").into()),
                (Some(false), _) => return Err(self.invalid("expected , or ]").into()),
            }
        }
    }

    /// The start of an element: for an object its name and colon, so that a value comes next.
    fn element(&mut self, object: bool) -> Result<(usize, u32), Invalid> {
        let start = self.at;
        if !object {
            return Ok((start, 0));
        }
        if self.peek() != Some(b'"') {
            return Err(self.invalid("expected a name in quotes"));
        }
        self.string()?;
        self.blank();
        if self.peek() != Some(b':') {
            return Err(self.invalid("expected : after the name"));
        }
        self.at += 1;
        self.blank();
        Ok((start, KEY))
    }

    fn string(&mut self) -> Result<(), Invalid> {
        self.at += 1;
        loop {
            // Whole blocks without anything special: this loop is what the compiler vectorises.
            while let Some(block) = self.body.get(self.at..self.at + 16)
                && !block.iter().fold(false, |found, &b| found | (b < 0x20) | (b == b'"') | (b == b'\\'))
            {
                self.at += 16;
            }
            while self.peek().is_some_and(|b| b >= 0x20 && b != b'"' && b != b'\\') {
                self.at += 1;
            }
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape()?,
                Some(_) => return Err(self.invalid("a control character in a string")),
                None => return Err(self.invalid("the string does not end")),
            }
        }
    }

    fn escape(&mut self) -> Result<(), Invalid> {
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => {
                self.at += 1;
                for _ in 0..4 {
                    if !self.peek().is_some_and(|b| b.is_ascii_hexdigit()) {
                        return Err(self.invalid("expected four hex digits after \\u"));
                    }
                    self.at += 1;
                }
            }
            _ => return Err(self.invalid("no escape of JSON")),
        }
        Ok(())
    }

    fn scalar(&mut self) -> Result<(), Invalid> {
        match self.peek() {
            Some(b't') => self.word(b"true"),
            Some(b'f') => self.word(b"false"),
            Some(b'n') => self.word(b"null"),
            Some(b'-' | b'0'..=b'9') => self.number(),
            None => Err(self.invalid("the text ends in the middle")),
            Some(_) => Err(self.invalid("expected a value")),
        }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), Invalid> {
        if !self.body[self.at..].starts_with(word) {
            return Err(self.invalid("expected a value"));
        }
        self.at += word.len();
        Ok(())
    }

    fn number(&mut self) -> Result<(), Invalid> {
        self.at += usize::from(self.peek() == Some(b'-'));
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Invalid> {
        let first = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == first { Err(self.invalid("expected a digit")) } else { Ok(()) }
    }

    fn blank(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.body.get(self.at).copied()
    }

    const fn invalid(&self, what: &'static str) -> Invalid {
        Invalid { at: self.at, what }
    }

    fn push(&mut self, start: usize, end: usize, key: u32) -> Result<(), Stop> {
        if self.lines.len() >= self.limit {
            return Err(Stop::Full);
        }
        let shape = key | u32::try_from(self.nesting.len).unwrap_or(0);
        self.lines.push(Line { start: start as u32, end: end as u32, shape });
        Ok(())
    }
}

/// The kinds of the open containers, a bit each: a text can open one with every byte.
#[derive(Default)]
struct Nesting {
    bits: Vec<u64>,
    len: usize,
}

impl Nesting {
    fn push(&mut self, object: bool) {
        if self.len.is_multiple_of(64) {
            self.bits.push(0);
        }
        let bit = 1 << (self.len % 64);
        if let Some(word) = self.bits.last_mut() {
            *word = if object { *word | bit } else { *word & !bit };
        }
        self.len += 1;
    }

    fn pop(&mut self) {
        self.len = self.len.saturating_sub(1);
        if self.len.is_multiple_of(64) {
            self.bits.pop();
        }
    }

    fn top(&self) -> Option<bool> {
        let last = self.len.checked_sub(1)?;
        self.bits.last().map(|word| word >> (last % 64) & 1 == 1)
    }
}
