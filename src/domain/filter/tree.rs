//! A filter as a tree, and the text that it reads back from.

use std::fmt;

use crate::domain::filter::{
    field::{self, Field},
    needle::Needle,
    path::Path,
    value::{Item, Limit},
};

/// A filter or a part of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// Everything matches.
    All,
    /// What does not match the other.
    Not(Box<Node>),
    /// At least two, all of which must match.
    And(Vec<Node>),
    /// At least two, one of which must match.
    Or(Vec<Node>),
    /// A condition.
    Term(Term),
}

/// A condition on a field.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Term {
    pub(super) field: Field,
    pub(super) argument: Argument,
    pub(super) test: Test,
}

/// What stands in parentheses after the field's name.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Argument {
    None,
    /// The name of a header, in lower case.
    Name(Box<str>),
    /// A place in a JSON body.
    Path(Path),
}

/// What must hold.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    /// It is there.
    Present,
    /// It holds a text.
    Holds(Needle),
    /// It is a text, without regard to case.
    Equals(Box<str>),
    /// An expression matches.
    Like(Needle),
    /// It lies on a side of a limit.
    Compare(Op, Limit),
    /// It is one of several, as written.
    OneOf(Box<str>, Vec<Item>),
}

/// On which side of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Op {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }

    /// Whether a value lies on this side of a limit.
    pub(super) fn holds<T: PartialOrd>(self, value: T, limit: T) -> bool {
        match self {
            Self::Less => value < limit,
            Self::AtMost => value <= limit,
            Self::More => value > limit,
            Self::AtLeast => value >= limit,
        }
    }
}

impl Node {
    /// All of some nodes; those of the same kind within are taken apart.
    pub(super) fn and(nodes: Vec<Self>) -> Self {
        Self::joined(nodes, Self::And, |node| match node {
            Self::And(inner) => Ok(inner),
            other => Err(other),
        })
    }

    /// One of some nodes; those of the same kind within are taken apart.
    pub(super) fn or(nodes: Vec<Self>) -> Self {
        Self::joined(nodes, Self::Or, |node| match node {
            Self::Or(inner) => Ok(inner),
            other => Err(other),
        })
    }

    fn joined(
        nodes: Vec<Self>,
        make: fn(Vec<Self>) -> Self,
        open: fn(Self) -> Result<Vec<Self>, Self>,
    ) -> Self {
        let mut flat = Vec::new();
        for node in nodes {
            match open(node) {
                Ok(inner) => flat.extend(inner),
                Err(node) => flat.push(node),
            }
        }
        match flat.len() {
            1 => flat.remove(0),
            _ => make(flat),
        }
    }

    /// The opposite.
    pub(super) fn not(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// Whether some condition in it fulfils a question.
    pub(super) fn any(&self, question: &impl Fn(&Term) -> bool) -> bool {
        match self {
            Self::All => false,
            Self::Not(inner) => inner.any(question),
            Self::And(nodes) | Self::Or(nodes) => nodes.iter().any(|node| node.any(question)),
            Self::Term(term) => question(term),
        }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, nodes: &[Node], between: &str| {
            for (index, node) in nodes.iter().enumerate() {
                if index > 0 {
                    f.write_str(between)?;
                }
                match node {
                    Self::Or(_) => write!(f, "({node})")?,
                    _ => node.fmt(f)?,
                }
            }
            Ok(())
        };
        match self {
            Self::All => f.write_str("~all"),
            Self::Not(inner) => match **inner {
                Self::And(_) | Self::Or(_) => write!(f, "!({inner})"),
                _ => write!(f, "!{inner}"),
            },
            Self::And(nodes) => list(f, nodes, " "),
            Self::Or(nodes) => list(f, nodes, " | "),
            Self::Term(term) => term.fmt(f),
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field == Field::Any
            && let Test::Holds(needle) = &self.test
        {
            return word(f, needle.as_str());
        }
        f.write_str(field::info(self.field).name)?;
        match &self.argument {
            Argument::None => {}
            Argument::Name(name) => write!(f, "({name})")?,
            Argument::Path(path) => write!(f, "({path})")?,
        }
        match &self.test {
            Test::Present => Ok(()),
            Test::Holds(needle) => {
                f.write_str(":")?;
                word(f, needle.as_str())
            }
            Test::Equals(text) => {
                f.write_str("=")?;
                word(f, text)
            }
            Test::Like(needle) => {
                f.write_str("~")?;
                word(f, needle.as_str())
            }
            Test::Compare(op, limit) => {
                f.write_str(op.as_str())?;
                word(f, limit.as_str())
            }
            Test::OneOf(text, _) => {
                f.write_str(":")?;
                word(f, text)
            }
        }
    }
}

/// A value, in quotes unless it is plain.
fn word(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | '-' | ',');
    let flag = field::named(text).is_some_and(|row| row.alone);
    if !text.is_empty() && text.chars().all(plain) && !flag {
        return f.write_str(text);
    }
    f.write_str("\"")?;
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            f.write_str("\\")?;
        }
        write!(f, "{c}")?;
    }
    f.write_str("\"")
}
