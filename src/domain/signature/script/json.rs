//! JSON as JavaScript writes it (`JSON.stringify`, ECMA-262 section 25.5.2).

use std::collections::HashSet;

use crate::domain::signature::script::number;

/// The most brackets around a value. Engines give up on texts some thousands deep.
const DEEPEST: usize = 2_000;

/// Whether a text is JSON, and written as `JSON.stringify(JSON.parse(text))` would write it: without white
/// space; no character escaped that need not be, numbers in their shortest form, no name twice in an object,
/// and names that are the index of an array before all others, from the least to the greatest.
pub(in crate::domain::signature) fn is_written(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| {
        let mut reader = Reader { text, at: 0 };
        reader.value().is_some() && reader.at == text.len()
    })
}

/// An open bracket.
enum Open<'a> {
    List,
    /// The names so far, and the last one that is an index, while there are no others.
    Object(HashSet<&'a str>, Option<u32>),
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, token: &str) -> bool {
        let there = self.text.as_bytes()[self.at..].starts_with(token.as_bytes());
        self.at += if there { token.len() } else { 0 };
        there
    }

    /// Reads a whole value; `None` where it is not one, or is written otherwise.
    fn value(&mut self) -> Option<()> {
        let mut open: Vec<Open<'a>> = Vec::new();
        loop {
            // A value begins here.
            match self.peek()? {
                b'{' if !self.take("{}") => {
                    self.at += 1;
                    let mut inner = Open::Object(HashSet::new(), None);
                    self.name(&mut inner)?;
                    open.push(inner);
                    (open.len() <= DEEPEST).then_some(())?;
                    continue;
                }
                b'[' if !self.take("[]") => {
                    self.at += 1;
                    open.push(Open::List);
                    (open.len() <= DEEPEST).then_some(())?;
                    continue;
                }
                b'{' | b'[' => {}
                b'"' => drop(self.string()?),
                b'-' | b'0'..=b'9' => self.number()?,
                _ => ["true", "false", "null"].iter().any(|word| self.take(word)).then_some(())?,
            }
            // It ended, and perhaps what is around it.
            loop {
                let Some(around) = open.last_mut() else { return Some(()) };
                if self.take(",") {
                    self.name(around)?;
                    break;
                }
                let end = if matches!(around, Open::List) { "]" } else { "}" };
                self.take(end).then_some(())?;
                open.pop();
            }
        }
    }

    /// Reads the name of a member, if this is an object.
    fn name(&mut self, around: &mut Open<'a>) -> Option<()> {
        let Open::Object(names, last) = around else { return Some(()) };
        let name = self.string()?;
        self.take(":").then_some(())?;
        if let Some(index) = index(name) {
            // All that came before must be smaller ones.
            let ordered = names.is_empty() || last.is_some_and(|last| last < index);
            *last = ordered.then_some(index);
            ordered.then_some(())?;
        } else {
            *last = None;
        }
        names.insert(name).then_some(())
    }

    fn number(&mut self) -> Option<()> {
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !c.is_ascii_digit() && !"+-.eE".contains(c)).unwrap_or(rest.len());
        let value: f64 = rest[..end].parse().ok()?;
        self.at += end;
        (number::write(value) == rest[..end]).then_some(())
    }

    /// Reads a string; gives it without its quotes. There is one way to write each, so these differ where
    /// the strings do.
    fn string(&mut self) -> Option<&'a str> {
        self.take("\"").then_some(())?;
        let start = self.at;
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at)? {
                b'"' => break,
                b'\\' => self.escape()?,
                0..=0x1f => return None,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some(&self.text[start..self.at - 1])
    }

    /// Reads what is written as an escape: quotes, backslashes, control characters, and halves of pairs
    /// that have no other half.
    fn escape(&mut self) -> Option<()> {
        let rest = &self.text.as_bytes()[self.at..];
        if let b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't' = rest.get(1)? {
            self.at += 2;
            return Some(());
        }
        let unit = unit(rest)?;
        let needed = match unit {
            0x08 | 0x09 | 0x0a | 0x0c | 0x0d => false,
            0..=0x1f | 0xdc00..=0xdfff => true,
            // Together they are one character, which stands for itself.
            0xd800..=0xdbff => !matches!(self::unit(&rest[6..]), Some(0xdc00..=0xdfff)),
            _ => false,
        };
        self.at += 6;
        needed.then_some(())
    }
}

/// The code unit of an escape with four digits in lower case.
fn unit(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    let lower = digits.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    u16::from_str_radix(std::str::from_utf8(digits).ok().filter(|_| lower)?, 16).ok()
}

/// The index of an array that a name is: 0 to 2³² − 2, written without zeros before it.
fn index(name: &str) -> Option<u32> {
    let plain = name == "0" || (!name.starts_with('0') && name.bytes().all(|b| b.is_ascii_digit()));
    name.parse().ok().filter(|&index| plain && index < u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::is_written;

    // What is written is what Node 20 gives for itself.
    #[test]
    fn what_is_written_otherwise_is_told() {
        for (text, written) in [
            (r#"{"a":1,"b":[true,false,null,{}],"c":{"d":[]}}"#, true),
            (r#""text""#, true),
            ("12", true),
            ("", false),
            (" 1", false),
            ("{\"a\":1}\n", false),
            (r#"{"a": 1}"#, false),
            (r#"{"a":1,}"#, false),
            (r#"{"a"}"#, false),
            ("[1,]", false),
            ("[1}", false),
            ("{]", false),
            ("[", false),
            ("nul", false),
            ("1.0", false),
            ("1.10", false),
            ("-0", false),
            ("1e3", false),
            ("1e21", false),
            ("1e+21", true),
            ("1e-7", true),
            ("01", false),
            ("1e999", false),
            ("12345678901234567890", false),
            ("12345678901234567000", true),
            (r#""é€😀/<\u0000\u001f\n\"\\""#, true),
            ("\"\u{7f}\u{2028}\"", true),
            (r#""\/""#, false),
            (r#""\u00e9""#, false),
            (r#""\u000a""#, false),
            (r#""\u001F""#, false),
            (r#""\ud83d\ude00""#, false),
            (r#""\ud83d""#, true),
            (r#""\ud83d\ud83d""#, true),
            (r#""\ude00\ud83d""#, true),
            (r#""\uD83D""#, false),
            (r#""\u12""#, false),
            (r#""\x""#, false),
            ("\"\t\"", false),
            (r#"{"a":1,"a":2}"#, false),
            (r#"{"a":{"a":1}}"#, true),
            (r#"{"1":1,"10":2,"b":3}"#, true),
            (r#"{"10":1,"9":2}"#, false),
            (r#"{"b":1,"1":2}"#, false),
            (r#"{"b":1,"01":2,"4294967295":3,"-1":4,"1.5":5,"":6}"#, true),
            (r#"{"b":1,"4294967294":3}"#, false),
            (r#"{"__proto__":1}"#, true),
            ("\u{feff}1", false),
        ] {
            assert_eq!(is_written(text.as_bytes()), written, "{text}");
        }
        assert!(!is_written(b"\"\xff\""));
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = |depth: usize| "[".repeat(depth) + "1" + &"]".repeat(depth);
        assert!(is_written(deep(2_000).as_bytes()));
        assert!(!is_written(deep(200_000).as_bytes()));
    }
}
