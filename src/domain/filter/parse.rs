//! The text of a filter to its tree.
//!
//! ```text
//! or    = and { "|" and }
//! and   = not { not }                    a lone & between them is allowed
//! not   = "!" not | "(" or ")" | term
//! term  = alias [ word ] | field [ "(" argument ")" ] [ sign word ] | word
//! word  = quoted with " or ' | what stands before a space, a | or a ) that no ( opened
//! ```

use crate::domain::filter::{
    error::FilterError,
    field::{self, ALIASES, Field, FieldInfo, Kind, Takes},
    needle::Needle,
    path::Path,
    tree::{Argument, Node, Op, Term, Test},
    value::{self, Item, Limit},
};

/// The longest filter in bytes.
pub(super) const LONGEST: usize = 4_096;
/// The deepest nesting.
const DEEPEST: usize = 64;
/// The most terms.
const TERMS: usize = 256;
/// The most expressions: each may take some milliseconds to compile.
const PATTERNS: usize = 16;

type Result<T> = std::result::Result<T, FilterError>;

/// Reads a filter.
pub(super) fn parse(text: &str) -> Result<Node> {
    let mut parser = Parser { text, at: 0, depth: 0, terms: 0, patterns: 0 };
    if text.len() > LONGEST {
        return Err(parser.error(LONGEST, "a filter has at most 4096 bytes"));
    }
    parser.skip();
    if parser.rest().is_empty() {
        return Ok(Node::All);
    }
    let node = parser.or()?;
    match parser.rest().chars().next() {
        None => Ok(node),
        Some(_) => {
            Err(parser.error(parser.at, "this parenthesis closes none; put a text that has one in quotes"))
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    terms: usize,
    patterns: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn error(&self, at: usize, message: impl Into<String>) -> FilterError {
        FilterError::new(self.text, at, message)
    }

    fn skip(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn eat(&mut self, c: char) -> bool {
        let found = self.rest().starts_with(c);
        self.at += if found { c.len_utf8() } else { 0 };
        found
    }

    fn or(&mut self) -> Result<Node> {
        let mut nodes = vec![self.and()?];
        while self.eat('|') {
            self.eat('|');
            nodes.push(self.and()?);
        }
        Ok(Node::or(nodes))
    }

    fn and(&mut self) -> Result<Node> {
        let mut nodes = Vec::new();
        loop {
            self.skip();
            if !nodes.is_empty() && self.eat('&') {
                self.eat('&');
                self.skip();
                if self.rest().is_empty() || self.rest().starts_with(['|', ')']) {
                    return Err(self.error(self.at, "a term must follow the &"));
                }
            }
            match self.rest().chars().next() {
                None | Some('|' | ')') if nodes.is_empty() => {
                    return Err(
                        self.error(self.at, "a term must stand here, such as provider:stripe or a word")
                    );
                }
                None | Some('|' | ')') => return Ok(Node::and(nodes)),
                Some(_) => nodes.push(self.not()?),
            }
        }
    }

    fn not(&mut self) -> Result<Node> {
        let begin = self.at;
        if !self.rest().starts_with(['!', '(']) {
            return self.term();
        }
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.error(begin, "this is nested too deeply: at most 64 levels"));
        }
        let node = if self.eat('!') {
            self.skip();
            match self.rest().chars().next() {
                None | Some('|' | ')' | '&') => return Err(self.error(self.at, "a term must follow the !")),
                Some(_) => self.not()?.not(),
            }
        } else {
            self.eat('(');
            let node = self.or()?;
            if !self.eat(')') {
                return Err(self.error(begin, "this parenthesis is not closed"));
            }
            node
        };
        self.depth -= 1;
        Ok(node)
    }

    fn term(&mut self) -> Result<Node> {
        let begin = self.at;
        self.terms += 1;
        if self.terms > TERMS {
            return Err(self.error(begin, "a filter has at most 256 terms"));
        }
        if self.rest().starts_with('~') {
            return self.alias();
        }
        if self.rest().starts_with([':', '=', '<', '>', '&']) {
            return Err(self.error(begin, "a field must stand before this, without a space between them"));
        }
        let name = self.name();
        let after = &self.rest()[name.len()..];
        let signed = after.starts_with([':', '=', '~', '<', '>', '(']) || after.starts_with("!=");
        match field::named(name) {
            Some(row) if signed => self.field(row, name.len()),
            Some(row) if row.alone && (after.is_empty() || after.starts_with([' ', '\t', '|', ')'])) => {
                self.at += name.len();
                Ok(term(row.field, Argument::None, Test::Present))
            }
            None if signed && !name.is_empty() => {
                let hint = if name.contains('-') {
                    format!("for a header write header({name})")
                } else {
                    format!("put a text that is searched for in quotes; the fields are {}", field::names())
                };
                Err(self.error(begin, format!("there is no field of this name; {hint}")))
            }
            _ => {
                let word = self.word()?;
                Ok(term(Field::Any, Argument::None, Test::Holds(self.needle(begin, &word)?)))
            }
        }
    }

    /// What could be the name of a field.
    fn name(&self) -> &'a str {
        let rest = self.rest();
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return "";
        }
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-'));
        &rest[..end.unwrap_or(rest.len())]
    }

    fn alias(&mut self) -> Result<Node> {
        let begin = self.at;
        let rest = self.rest();
        let end = rest[1..].find(|c: char| !c.is_ascii_alphanumeric()).map_or(rest.len(), |end| end + 1);
        let name = &rest[..end];
        if name == "~all" {
            self.at += end;
            return Ok(Node::All);
        }
        let Some(alias) = ALIASES.iter().find(|alias| alias.name == name) else {
            let names: Vec<&str> = ALIASES.iter().map(|alias| alias.name).collect();
            return Err(self.error(begin, format!("there is no such alias; there are {}", names.join(" "))));
        };
        self.at += end;
        let argument = alias.argument.map_or(Argument::None, |name| Argument::Name(name.into()));
        let test = match (alias.takes, alias.field) {
            (Takes::Nothing, Field::Fwd) => Test::OneOf("error".into(), vec![Item::Error]),
            (Takes::Nothing, Field::Status) => Test::OneOf("none".into(), vec![Item::None]),
            (Takes::Nothing, _) => Test::Present,
            (takes, field) => {
                self.skip();
                let at = self.at;
                if self.rest().is_empty() || self.rest().starts_with(['|', ')']) {
                    return Err(self.error(at, format!("a value must follow {name}")));
                }
                let word = self.word()?;
                if takes == Takes::Value {
                    self.items(field::info(field), at, &word)?
                } else {
                    self.pattern(at, &word)?
                }
            }
        };
        let node = term(alias.field, argument, test);
        Ok(if alias.not { node.not() } else { node })
    }

    fn field(&mut self, row: &'static FieldInfo, name: usize) -> Result<Node> {
        let begin = self.at;
        self.at += name;
        let mut argument = Argument::None;
        let open = self.at;
        if self.eat('(') {
            let inner = self.argument(open)?;
            argument = match row.field {
                Field::Header => {
                    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
                    let name = inner.trim();
                    if name.is_empty() || !name.bytes().all(token) {
                        return Err(self
                            .error(open + 1, "write the name of a header, such as header(x-github-event)"));
                    }
                    Argument::Name(name.to_ascii_lowercase().into())
                }
                Field::Json => Argument::Path(
                    Path::parse(inner).map_err(|(at, message)| self.error(open + 1 + at, message))?,
                ),
                // As the words are listed: sig(valid|unsigned).
                _ if matches!(row.kind, Kind::Verdict | Kind::Status) => {
                    let test = self.items(row, open + 1, &inner.replace('|', ","))?;
                    return Ok(term(row.field, Argument::None, test));
                }
                _ => {
                    return Err(self.error(open, format!("nothing stands in parentheses after {}", row.name)));
                }
            };
        }
        if row.field == Field::Json && argument == Argument::None {
            return Err(self.error(self.at, "write the place in the body, such as json(.data.amount)>100"));
        }
        self.test(row, begin, argument)
    }

    /// The sign and the value.
    fn test(&mut self, row: &'static FieldInfo, begin: usize, argument: Argument) -> Result<Node> {
        let at = self.at;
        const SIGNS: [&str; 9] = ["!=", "==", "<=", ">=", ":", "=", "~", "<", ">"];
        let Some(sign) = SIGNS.into_iter().find(|sign| self.rest().starts_with(sign)) else {
            if argument == Argument::None
                || !self.rest().chars().next().is_none_or(|c| c.is_whitespace() || c == '|' || c == ')')
            {
                return Err(self.error(at, format!("one of {} must follow {}", row.signs(), row.name)));
            }
            return Ok(term(row.field, argument, Test::Present));
        };
        if row.kind == Kind::Flag {
            return Err(
                self.error(at, format!("{} stands alone; write !{} for the opposite", row.name, row.name))
            );
        }
        self.at += sign.len();
        let value = self.at;
        if self.rest().is_empty() || self.rest().starts_with([' ', '\t', '|', ')']) {
            return Err(self.error(value, format!("a value must follow, such as {}", row.example)));
        }
        let word = self.word()?;
        let op = match sign {
            "<" => Some(Op::Less),
            "<=" => Some(Op::AtMost),
            ">" => Some(Op::More),
            ">=" => Some(Op::AtLeast),
            _ => None,
        };
        let text = matches!(row.kind, Kind::Text | Kind::Value);
        let wrong = || self.error(at, format!("{} takes {}; such as {}", row.name, row.signs(), row.example));
        let test = match (op, sign) {
            (Some(op), _) => {
                let limit = match row.kind {
                    Kind::Number(unit) => Limit::of(&word, unit),
                    Kind::Status => Limit::of(&word, field::Unit::Count),
                    // All header lines together are no number.
                    Kind::Value if argument != Argument::None => Limit::real(&word),
                    _ => return Err(wrong()),
                };
                let limit = limit.ok_or_else(|| self.error(value, value::wanted(row.field, row.kind)))?;
                Test::Compare(op, limit)
            }
            (None, "~") if text => self.pattern(value, &word)?,
            (None, "~") => return Err(wrong()),
            (None, ":") if text => Test::Holds(self.needle(value, &word)?),
            (None, _) if text => Test::Equals(word.into()),
            (None, _) => self.items(row, value, &word)?,
        };
        let _ = begin;
        let node = term(row.field, argument, test);
        Ok(if sign == "!=" { node.not() } else { node })
    }

    fn items(&self, row: &FieldInfo, at: usize, word: &str) -> Result<Test> {
        match value::items(row.field, row.kind, word) {
            Ok((text, items)) => Ok(Test::OneOf(text.into(), items)),
            // Within quotes the place is one further on.
            Err((_, message)) if self.text[at..].starts_with(['"', '\'']) => Err(self.error(at, message)),
            Err((within, message)) => Err(self.error(at + within, message)),
        }
    }

    fn needle(&self, at: usize, word: &str) -> Result<Needle> {
        Needle::text(word).ok_or_else(|| self.error(at, "this text is too long to be searched for"))
    }

    fn pattern(&mut self, at: usize, word: &str) -> Result<Test> {
        self.patterns += 1;
        if self.patterns > PATTERNS {
            return Err(self.error(at, "a filter has at most 16 expressions"));
        }
        Needle::pattern(word).map(Test::Like).map_err(|message| self.error(at, message))
    }

    /// What stands in parentheses; those within, and those in quotes, are passed over.
    fn argument(&mut self, open: usize) -> Result<&'a str> {
        let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
        let rest = self.rest();
        for (index, c) in rest.char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                '(' if !quoted => depth += 1,
                ')' if !quoted && depth == 0 => {
                    self.at += index + 1;
                    return Ok(&rest[..index]);
                }
                ')' if !quoted => depth -= 1,
                _ => {}
            }
        }
        Err(self.error(open, "this parenthesis is not closed"))
    }

    fn word(&mut self) -> Result<String> {
        let begin = self.at;
        let rest = self.rest();
        if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            let mut out = String::new();
            let mut escaped = false;
            for (index, c) in rest.char_indices().skip(1) {
                match c {
                    _ if escaped => {
                        // A backslash stays where it escapes nothing of ours: expressions are full of them.
                        if c != quote && c != '\\' {
                            out.push('\\');
                        }
                        out.push(c);
                        escaped = false;
                    }
                    '\\' => escaped = true,
                    _ if c == quote => {
                        self.at += index + 1;
                        return Ok(out);
                    }
                    _ => out.push(c),
                }
            }
            return Err(self.error(begin, "this quote is not closed"));
        }
        let mut depth = 0_usize;
        let end = rest.char_indices().find(|&(_, c)| match c {
            '(' => {
                depth += 1;
                false
            }
            ')' if depth > 0 => {
                depth -= 1;
                false
            }
            _ => c.is_whitespace() || (depth == 0 && matches!(c, '|' | ')')),
        });
        let end = end.map_or(rest.len(), |(index, _)| index);
        self.at += end;
        Ok(rest[..end].to_owned())
    }
}

const fn term(field: Field, argument: Argument, test: Test) -> Node {
    Node::Term(Term { field, argument, test })
}
