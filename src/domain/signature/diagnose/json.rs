//! JSON taken apart and printed again, as other programs print it. Numbers and strings keep their
//! source text until a style says otherwise; members keep their order and their repetitions.

use std::fmt::Write as _;

/// Deeper nesting than any sender's.
const DEEPEST: usize = 96;

/// A value with the ranges of its source.
#[derive(Debug)]
pub(super) enum Value<'a> {
    /// `true`, `false`, `null`.
    Word(&'a str),
    /// A number as it was written.
    Number(&'a str),
    /// A string: as it was written, without its quotes.
    Text(Text<'a>),
    List(Vec<Value<'a>>),
    Object(Vec<(Text<'a>, Value<'a>)>),
}

/// A string.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text<'a> {
    source: &'a str,
    /// Whether a style may write it otherwise.
    special: bool,
}

/// How white space stands between tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// None at all.
    Compact,
    /// `", "` and `": "`, as Python has it.
    Spaced,
    /// A line each, with so many blanks a level; `": "` after names.
    Lines(usize),
    /// A line each, with tabs.
    Tabs,
}

/// How characters beyond ASCII are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unicode {
    /// Themselves.
    Literal,
    /// `\u00e9`.
    Lower,
    /// `\u00E9`.
    Upper,
}

/// What is escaped for HTML's sake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Html {
    /// Nothing.
    Plain,
    /// `<`, `>`, `&` and the line separators, with lower-case digits (Go, Rails).
    Lower,
    /// `<`, `>`, `&`, `'`, `+`, the backtick, and `"` too, with upper-case digits (.NET).
    Upper,
    /// `<`, `>`, `&`, `'`, `=` with lower-case digits (Gson).
    Gson,
}

/// How numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    /// As they were.
    Kept,
    /// As JavaScript prints them: `1.0` becomes `1`.
    Script,
    /// As Python prints them: `1.50` becomes `1.5`, `1e2` becomes `100.0`.
    Python,
}

/// How strings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strings {
    /// As they were.
    Kept,
    /// Anew.
    Written { unicode: Unicode, slash: bool, html: Html },
}

/// A style of printing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) layout: Layout,
    pub(super) sorted: bool,
    pub(super) strings: Strings,
    pub(super) numbers: Numbers,
}

/// Takes a text apart; `None` when it is not JSON.
pub(super) fn parse(text: &str) -> Option<Value<'_>> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    reader.blank();
    (reader.at == text.len()).then_some(value)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        self.blank();
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn value(&mut self, depth: usize) -> Option<Value<'a>> {
        if depth > DEEPEST {
            return None;
        }
        self.blank();
        Some(match self.peek()? {
            b'"' => Value::Text(self.string()?),
            b'{' => {
                self.at += 1;
                let mut members = Vec::new();
                if self.take(b'}').is_some() {
                    return Some(Value::Object(members));
                }
                loop {
                    self.blank();
                    let name = self.string()?;
                    self.take(b':')?;
                    members.push((name, self.value(depth + 1)?));
                    if self.take(b',').is_none() {
                        self.take(b'}')?;
                        return Some(Value::Object(members));
                    }
                }
            }
            b'[' => {
                self.at += 1;
                let mut items = Vec::new();
                if self.take(b']').is_some() {
                    return Some(Value::List(items));
                }
                loop {
                    items.push(self.value(depth + 1)?);
                    if self.take(b',').is_none() {
                        self.take(b']')?;
                        return Some(Value::List(items));
                    }
                }
            }
            b'-' | b'0'..=b'9' => {
                let start = self.at;
                while matches!(self.peek(), Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')) {
                    self.at += 1;
                }
                let number = &self.text[start..self.at];
                number.parse::<f64>().ok()?;
                Value::Number(number)
            }
            _ => {
                let rest = &self.text[self.at..];
                let word = ["true", "false", "null"].into_iter().find(|word| rest.starts_with(word))?;
                self.at += word.len();
                Value::Word(word)
            }
        })
    }

    fn string(&mut self) -> Option<Text<'a>> {
        (self.peek()? == b'"').then_some(())?;
        let start = self.at + 1;
        let mut special = false;
        let mut at = start;
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(at)? {
                b'"' => break,
                b'\\' => {
                    special = true;
                    at += 2;
                }
                0..=0x1f => return None,
                b'/' | b'<' | b'>' | b'&' | b'\'' | b'+' | b'`' | b'=' | 0x7f.. => {
                    special = true;
                    at += 1;
                }
                _ => at += 1,
            }
        }
        self.at = at + 1;
        Some(Text { source: self.text.get(start..at)?, special })
    }
}

/// Prints a value in a style.
pub(super) fn print(value: &Value<'_>, style: Style, size: usize) -> Option<String> {
    let mut printer = Printer { style, out: String::with_capacity(size + size / 4) };
    printer.value(value, 0)?;
    Some(printer.out)
}

struct Printer {
    style: Style,
    out: String,
}

impl Printer {
    fn value(&mut self, value: &Value<'_>, depth: usize) -> Option<()> {
        match value {
            Value::Word(word) => self.out.push_str(word),
            Value::Number(number) => self.number(number),
            Value::Text(text) => self.string(*text)?,
            Value::List(items) if items.is_empty() => self.out.push_str("[]"),
            Value::List(items) => {
                self.out.push('[');
                for (index, item) in items.iter().enumerate() {
                    self.gap(index > 0, depth + 1);
                    self.value(item, depth + 1)?;
                }
                self.end(depth);
                self.out.push(']');
            }
            Value::Object(members) if members.is_empty() => self.out.push_str("{}"),
            Value::Object(members) => {
                self.out.push('{');
                let mut order: Vec<usize> = (0..members.len()).collect();
                if self.style.sorted {
                    order.sort_by_key(|&index| members[index].0.source);
                }
                for (place, index) in order.into_iter().enumerate() {
                    let (name, item) = &members[index];
                    self.gap(place > 0, depth + 1);
                    self.string(*name)?;
                    self.out.push_str(if self.style.layout == Layout::Compact { ":" } else { ": " });
                    self.value(item, depth + 1)?;
                }
                self.end(depth);
                self.out.push('}');
            }
        }
        Some(())
    }

    /// What stands before an item.
    fn gap(&mut self, comma: bool, depth: usize) {
        if comma {
            self.out.push(',');
        }
        match self.style.layout {
            Layout::Compact => {}
            Layout::Spaced if comma => self.out.push(' '),
            Layout::Spaced => {}
            Layout::Lines(_) | Layout::Tabs => self.line(depth),
        }
    }

    /// What stands before the bracket at the end.
    fn end(&mut self, depth: usize) {
        if matches!(self.style.layout, Layout::Lines(_) | Layout::Tabs) {
            self.line(depth);
        }
    }

    fn line(&mut self, depth: usize) {
        self.out.push('\n');
        let (unit, count) = match self.style.layout {
            Layout::Lines(blanks) => (' ', blanks * depth),
            _ => ('\t', depth),
        };
        self.out.extend(std::iter::repeat_n(unit, count));
    }

    fn string(&mut self, text: Text<'_>) -> Option<()> {
        self.out.push('"');
        match self.style.strings {
            Strings::Written { unicode, slash, html } if text.special => {
                let mut rest = text.source;
                while let Some((c, left)) = next(rest)? {
                    self.character(c, unicode, slash, html);
                    rest = left;
                }
            }
            _ => self.out.push_str(text.source),
        }
        self.out.push('"');
        Some(())
    }

    fn character(&mut self, c: char, unicode: Unicode, slash: bool, html: Html) {
        let escaped = match html {
            Html::Plain => false,
            Html::Lower => matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}'),
            Html::Upper => matches!(c, '<' | '>' | '&' | '\'' | '+' | '`' | '"'),
            Html::Gson => matches!(c, '<' | '>' | '&' | '\'' | '='),
        };
        let upper = html == Html::Upper || unicode == Unicode::Upper;
        match c {
            _ if escaped => self.escape(c, upper),
            '"' => self.out.push_str("\\\""),
            '\\' => self.out.push_str("\\\\"),
            '/' if slash => self.out.push_str("\\/"),
            '\n' => self.out.push_str("\\n"),
            '\r' => self.out.push_str("\\r"),
            '\t' => self.out.push_str("\\t"),
            '\u{8}' => self.out.push_str("\\b"),
            '\u{c}' => self.out.push_str("\\f"),
            '\0'..='\x1f' => self.escape(c, upper),
            '\x7f'.. if unicode != Unicode::Literal => self.escape(c, upper),
            _ => self.out.push(c),
        }
    }

    fn escape(&mut self, c: char, upper: bool) {
        // Python and PHP write DEL as it is.
        if c == '\x7f' {
            self.out.push(c);
            return;
        }
        let mut units = [0; 2];
        for unit in c.encode_utf16(&mut units) {
            let _ = if upper { write!(self.out, "\\u{unit:04X}") } else { write!(self.out, "\\u{unit:04x}") };
        }
    }

    fn number(&mut self, number: &str) {
        let plain = number.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let small = number.len() <= 15;
        match (self.style.numbers, number.parse::<f64>()) {
            (Numbers::Script, Ok(value)) if (!plain || !small) && value.abs() < 1e21 => {
                let _ = write!(self.out, "{}", if value == 0.0 { 0.0 } else { value });
            }
            (Numbers::Python, Ok(value)) if !plain && value.abs() < 1e16 && value.abs() >= 1e-4 => {
                let _ = write!(self.out, "{value:?}");
            }
            _ => self.out.push_str(number),
        }
    }
}

/// The first character of a string's source, and the rest.
#[expect(clippy::option_option, reason = "outside: whether it can be read; inside: whether there is one")]
fn next(source: &str) -> Option<Option<(char, &str)>> {
    let mut chars = source.chars();
    let Some(first) = chars.next() else { return Some(None) };
    if first != '\\' {
        return Some(Some((first, chars.as_str())));
    }
    let plain = match chars.next()? {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'u' => {
            let (high, rest) = unit(chars.as_str())?;
            let (c, rest) = match high {
                0xd800..=0xdbff => {
                    let (low, rest) = unit(rest.strip_prefix("\\u")?)?;
                    (char::decode_utf16([high, low]).next()?.ok()?, rest)
                }
                _ => (char::from_u32(u32::from(high))?, rest),
            };
            return Some(Some((c, rest)));
        }
        c @ ('"' | '\\' | '/') => c,
        _ => return None,
    };
    Some(Some((plain, chars.as_str())))
}

fn unit(text: &str) -> Option<(u16, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    let digits = digits.bytes().all(|b| b.is_ascii_hexdigit()).then_some(digits)?;
    Some((u16::from_str_radix(digits, 16).ok()?, rest))
}
