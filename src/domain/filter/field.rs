//! The fields of the filter language and mitmproxy's names for them: one table that the parser, the
//! errors, the help and the README draw on.

/// What a term looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Everything there is to read.
    Any,
    /// The method.
    Method,
    /// The target without its query.
    Path,
    /// The query.
    Query,
    /// The target as sent.
    Target,
    /// Header lines, or the values of one header.
    Header,
    /// The body.
    Body,
    /// A place in a JSON body.
    Json,
    /// The provider's id.
    Provider,
    /// The event type.
    Event,
    /// The provider's id of the delivery.
    Delivery,
    /// The endpoint that matched.
    Endpoint,
    /// The number.
    Id,
    /// What the signature check says.
    Sig,
    /// The status that was answered.
    Status,
    /// How the latest sending ended.
    Fwd,
    /// Bytes of the body.
    Size,
    /// Time since it arrived.
    Age,
    /// How long the latest sending took.
    Ms,
    /// Which attempt of the sender it is.
    Attempt,
    /// The sender's address.
    Ip,
    /// Whether it is marked.
    Mark,
    /// The note.
    Note,
    /// How often it was sent again by hand.
    Replay,
}

/// What a field can be compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `:` `=` `~`
    Text,
    /// `:` `=` `~` `<` `>`: texts that may hold numbers.
    Value,
    /// `:` `=` `<` `>` and ranges.
    Number(Unit),
    /// As numbers, and `5xx` and words.
    Status,
    /// `:` with words.
    Verdict,
    /// Nothing: it stands alone.
    Flag,
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Count,
    /// Bytes.
    Bytes,
    /// Microseconds, written with seconds as the unit that need not be named.
    Seconds,
    /// Microseconds, written with milliseconds as the unit that need not be named.
    Millis,
}

/// A row of the table.
#[derive(Debug)]
pub struct FieldInfo {
    /// What it looks at.
    pub field: Field,
    /// Its name.
    pub name: &'static str,
    pub(super) kind: Kind,
    /// What stands in parentheses, where something may.
    pub argument: Option<&'static str>,
    /// Whether the name alone is a term.
    pub alone: bool,
    /// One sentence of help.
    pub help: &'static str,
    /// A term with it.
    pub example: &'static str,
}

const fn row(
    field: Field,
    name: &'static str,
    kind: Kind,
    help: &'static str,
    example: &'static str,
) -> FieldInfo {
    FieldInfo { field, name, kind, argument: None, alone: false, help, example }
}

/// The fields in the order of the help.
pub const FIELDS: &[FieldInfo] = &[
    row(
        Field::Any,
        "any",
        Kind::Text,
        "everything there is to read, as a bare word does",
        "any~\"timed? ?out\"",
    ),
    row(Field::Method, "method", Kind::Text, "the method", "method:post"),
    row(Field::Path, "path", Kind::Text, "the target without its query", "path~^/stripe/"),
    row(Field::Query, "query", Kind::Text, "the query", "query:token="),
    row(Field::Target, "target", Kind::Text, "path and query as sent", "target=/hook?x=1"),
    FieldInfo {
        argument: Some("name"),
        ..row(
            Field::Header,
            "header",
            Kind::Value,
            "the values of a header; without a name all header lines; alone with a name: it was sent",
            "header(x-github-event):push",
        )
    },
    row(Field::Body, "body", Kind::Text, "the body", "body:\"in_1PqX2J\""),
    FieldInfo {
        argument: Some(".path"),
        ..row(
            Field::Json,
            "json",
            Kind::Value,
            "a place in a JSON body, `[]` for any item; alone: it is there",
            "json(.data.amount)>100",
        )
    },
    row(Field::Provider, "provider", Kind::Text, "who sent it", "provider:stripe"),
    row(Field::Event, "event", Kind::Text, "the event type", "event=invoice.paid"),
    row(Field::Delivery, "delivery", Kind::Text, "the sender's id of the delivery", "delivery:evt_1"),
    row(Field::Endpoint, "endpoint", Kind::Text, "the endpoint that matched", "endpoint:stripe"),
    row(Field::Id, "id", Kind::Number(Unit::Count), "the number: numbers and ranges", "id:1-5,9"),
    row(
        Field::Sig,
        "sig",
        Kind::Verdict,
        "what the signature check says: valid, invalid, unsigned, unchecked, unknown, pending, or a code",
        "sig:invalid",
    ),
    row(Field::Status, "status", Kind::Status, "the status that was answered, or none", "status:4xx"),
    row(
        Field::Fwd,
        "fwd",
        Kind::Status,
        "the answer to the latest sending: a status, error, pending or none",
        "fwd:5xx,error",
    ),
    row(Field::Size, "size", Kind::Number(Unit::Bytes), "bytes of the body", "size>10kb"),
    row(
        Field::Age,
        "age",
        Kind::Number(Unit::Seconds),
        "time since it arrived, when the filter looks",
        "age<5m",
    ),
    row(Field::Ms, "ms", Kind::Number(Unit::Millis), "how long the latest sending took", "ms>500"),
    row(
        Field::Attempt,
        "attempt",
        Kind::Number(Unit::Count),
        "which attempt of the sender it is",
        "attempt>1",
    ),
    row(Field::Ip, "ip", Kind::Text, "the sender's address", "ip:127.0.0.1"),
    FieldInfo { alone: true, ..row(Field::Mark, "mark", Kind::Flag, "it is marked", "mark") },
    FieldInfo {
        alone: true,
        ..row(Field::Note, "note", Kind::Text, "the note; alone: there is one", "note:later")
    },
    FieldInfo {
        alone: true,
        ..row(
            Field::Replay,
            "replay",
            Kind::Number(Unit::Count),
            "how often it was sent again by hand; alone: it was",
            "replay",
        )
    },
];

/// What an alias does with the word that follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// There is none.
    Nothing,
    /// It is an expression.
    Pattern,
    /// It is a status, numbers or words.
    Value,
}

/// mitmproxy's names with what they stand for here: alias, field, argument, what follows, whether it is
/// turned round.
pub(super) struct Alias {
    pub(super) name: &'static str,
    pub(super) field: Field,
    pub(super) argument: Option<&'static str>,
    pub(super) takes: Takes,
    pub(super) not: bool,
}

const fn alias(name: &'static str, field: Field, takes: Takes) -> Alias {
    Alias { name, field, argument: None, takes, not: false }
}

/// The aliases.
pub(super) const ALIASES: &[Alias] = &[
    alias("~m", Field::Method, Takes::Pattern),
    alias("~u", Field::Target, Takes::Pattern),
    Alias { argument: Some("host"), ..alias("~d", Field::Header, Takes::Pattern) },
    alias("~h", Field::Header, Takes::Pattern),
    alias("~hq", Field::Header, Takes::Pattern),
    alias("~b", Field::Body, Takes::Pattern),
    alias("~bq", Field::Body, Takes::Pattern),
    alias("~c", Field::Status, Takes::Value),
    Alias { argument: Some("content-type"), ..alias("~t", Field::Header, Takes::Pattern) },
    Alias { argument: Some("content-type"), ..alias("~tq", Field::Header, Takes::Pattern) },
    alias("~src", Field::Ip, Takes::Pattern),
    alias("~comment", Field::Note, Takes::Pattern),
    alias("~marked", Field::Mark, Takes::Nothing),
    alias("~replay", Field::Replay, Takes::Nothing),
    alias("~replayq", Field::Replay, Takes::Nothing),
    alias("~e", Field::Fwd, Takes::Nothing),
    alias("~q", Field::Status, Takes::Nothing),
    Alias { not: true, ..alias("~s", Field::Status, Takes::Nothing) },
];

/// The row of a field.
pub(super) fn info(field: Field) -> &'static FieldInfo {
    // The table has a row for each; a test sees to it.
    FIELDS.iter().find(|row| row.field == field).unwrap_or(&FIELDS[0])
}

/// The row of a name.
pub(super) fn named(name: &str) -> Option<&'static FieldInfo> {
    FIELDS.iter().find(|row| row.name.eq_ignore_ascii_case(name))
}

/// All names, for an error.
pub(super) fn names() -> String {
    FIELDS.iter().map(|row| row.name).collect::<Vec<_>>().join(" ")
}

impl FieldInfo {
    /// The signs that may follow the name.
    #[must_use]
    pub const fn signs(&self) -> &'static str {
        match self.kind {
            Kind::Text => ": = ~",
            Kind::Value => ": = ~ < >",
            Kind::Number(_) | Kind::Status => ": = < >",
            Kind::Verdict => ":",
            Kind::Flag => "",
        }
    }

    /// The name with its argument.
    #[must_use]
    pub fn title(&self) -> String {
        self.argument.map_or_else(|| self.name.to_owned(), |argument| format!("{}({argument})", self.name))
    }
}

/// The table for the README.
#[must_use]
pub fn markdown() -> String {
    let mut out = String::from("| field | signs | what it looks at | for example |\n|---|---|---|---|\n");
    for row in FIELDS {
        let signs: Vec<String> = row.signs().split_whitespace().map(|sign| format!("`{sign}`")).collect();
        let line =
            format!("| `{}` | {} | {} | `{}` |\n", row.title(), signs.join(" "), row.help, row.example);
        out.push_str(&line);
    }
    out.push_str("\nmitmproxy's ");
    let names: Vec<String> = ALIASES.iter().map(|alias| format!("`{}`", alias.name)).collect();
    out.push_str(&names.join(" "));
    out.push_str(" mean here what they mean there, as far as it is about requests.\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::filter::Filter;

    #[test]
    fn every_field_has_one_row_whose_example_uses_it() {
        for number in 0..=Field::Replay as usize {
            assert_eq!(FIELDS.iter().filter(|row| row.field as usize == number).count(), 1, "{number}");
        }
        for row in FIELDS {
            let filter = Filter::parse(row.example).unwrap();
            assert!(filter.to_string().contains(row.name), "{}: {filter}", row.name);
        }
    }
}
