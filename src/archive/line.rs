//! A line of the table `capture`: how it is written and how it is read back.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};

use rusqlite::{
    CachedStatement, Row, ToSql, params,
    types::{ToSqlOutput, ValueRef},
};

use crate::{
    archive::{sum, sum::Sum, words},
    domain::{
        capture::CaptureId,
        record::Remark,
        signature::Check,
        sink::Answered,
        summary::{Facts, Summary},
        time::Timestamp,
    },
};

/// The columns of the table `capture` (as `c`) in the order in which they are read here.
pub(super) const COLUMNS: &str = "c.id, c.received_at, c.remote, c.http, c.cut, c.size, c.announced, \
     c.endpoint, c.provider, c.attempt, c.method, c.target, c.content_type, c.event, c.delivery_id, c.sum, \
     c.verdict, c.code, c.scheme, c.secret, c.age_s, c.signed_ok, c.weak, c.cause, c.searching, c.check_sum, \
     c.status, c.answered_by, c.handshake, c.answer_sum, c.marked, c.note, c.remark_sum";
/// How many they are.
pub(super) const WIDTH: usize = 33;

/// Writes a line, unless there is one with its number.
pub(super) const INSERT: &str = "INSERT INTO capture VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, \
     ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33) \
     ON CONFLICT DO NOTHING";

/// Why something that was stored cannot be used.
#[derive(Debug)]
pub(super) enum Fault {
    /// It is not what was written.
    Damaged,
    /// SQLite could not read it.
    Sql(rusqlite::Error),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

/// A line that was read.
pub(super) struct Line {
    pub(super) summary: Summary,
    pub(super) check: Option<Arc<Check>>,
    pub(super) answered: Option<Answered>,
    pub(super) remark: Option<Arc<Remark>>,
}

/// Whether what was learnt about a capture may be left out where it alone is damaged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Strictness {
    /// All of it must be as it was written.
    Whole,
    /// The request must be; what else is damaged is left out.
    Request,
}

/// Texts and checks that occur again and again, kept once.
#[derive(Default)]
pub(super) struct Shared {
    texts: HashSet<Arc<str>>,
    checks: VecDeque<Arc<Check>>,
}

/// Text of a sender: TEXT where it is UTF-8 that `sqlite3` shows whole, else a BLOB.
pub(super) struct Loose<'a>(pub(super) Option<&'a [u8]>);

impl ToSql for Loose<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            None => ValueRef::Null,
            Some(text) if is_text(text) => ValueRef::Text(text),
            Some(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// Whether bytes are text that `sqlite3` shows whole.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    memchr::memchr(0, bytes).is_none() && std::str::from_utf8(bytes).is_ok()
}

/// Writes a line. Returns the number of lines written: 0 where there is one with its number already.
pub(super) fn insert(
    statement: &mut CachedStatement<'_>,
    summary: &Summary,
    check: Option<&Check>,
    answered: Option<Answered>,
    remark: Option<&Remark>,
) -> rusqlite::Result<usize> {
    let facts = summary.facts();
    let [method, target, content_type, event, delivery_id] = facts.texts.map(Loose);
    statement.execute(params![
        facts.id.0.cast_signed(),
        facts.received_at.as_micros(),
        facts.remote.to_string(),
        facts.version.as_str(),
        facts.cut.map(|cut| cut.as_str()),
        facts.size.cast_signed(),
        facts.announced.map(u64::cast_signed),
        facts.endpoint.as_deref(),
        facts.provider.as_deref(),
        facts.attempt,
        method,
        target,
        content_type,
        event,
        delivery_id,
        of_facts(&facts),
        check.map(|check| check.verdict.as_str()),
        check.and_then(|check| check.verdict.code()).map(|code| code.as_str()),
        check.and_then(|check| check.scheme.as_deref()),
        check.and_then(|check| check.secret.as_deref()),
        check.and_then(|check| check.age_s),
        check.map(|check| check.signed_ok),
        check.and_then(|check| check.weak.as_deref()),
        check.and_then(|check| check.cause.as_deref()),
        check.map(|check| check.searching),
        sum::of_check(facts.id, check),
        answered.map(|answered| answered.status),
        answered.map(|answered| answered.by.as_str()),
        answered.and_then(|answered| words::handshake(answered.by)),
        sum::of_answer(facts.id, answered),
        remark.is_some_and(|remark| remark.marked),
        remark.map(|remark| &*remark.note),
        sum::of_remark(facts.id, remark),
    ])
}

fn of_facts(facts: &Facts<'_>) -> i64 {
    let mut sum = Sum::of(facts.id);
    sum.number(facts.received_at.as_micros().cast_unsigned());
    sum.str(Some(&facts.remote.to_string()));
    sum.str(Some(facts.version.as_str()));
    sum.str(facts.cut.map(|cut| cut.as_str()));
    sum.number(facts.size);
    sum.maybe(facts.announced);
    sum.str(facts.endpoint.as_deref());
    sum.str(facts.provider.as_deref());
    sum.maybe(facts.attempt.map(u64::from));
    facts.texts.iter().for_each(|text| sum.text(*text));
    sum.end()
}

/// Reads a line.
pub(super) fn read(row: &Row<'_>, shared: &mut Shared, strictness: Strictness) -> Result<Line, Fault> {
    let id = CaptureId(unsigned(row, 0)?.ok_or(Fault::Damaged)?);
    let facts = Facts {
        id,
        received_at: Timestamp::from_micros(signed(row, 1)?.ok_or(Fault::Damaged)?),
        remote: text(row, 2)?.and_then(|text| text.parse().ok()).ok_or(Fault::Damaged)?,
        version: text(row, 3)?.and_then(words::version).ok_or(Fault::Damaged)?,
        cut: text(row, 4)?.map(|word| words::cut(word).ok_or(Fault::Damaged)).transpose()?,
        size: unsigned(row, 5)?.ok_or(Fault::Damaged)?,
        announced: unsigned(row, 6)?,
        endpoint: text(row, 7)?.map(|text| shared.text(text)),
        provider: text(row, 8)?.map(|text| shared.text(text)),
        attempt: unsigned(row, 9)?.map(narrow).transpose()?,
        texts: [bytes(row, 10)?, bytes(row, 11)?, bytes(row, 12)?, bytes(row, 13)?, bytes(row, 14)?],
    };
    if signed(row, 15)? != Some(of_facts(&facts)) {
        return Err(Fault::Damaged);
    }
    Ok(Line {
        summary: Summary::restored(facts),
        check: lenient(check(row, id, shared), strictness)?,
        answered: lenient(answer(row, id), strictness)?,
        remark: lenient(remark(row, id), strictness)?,
    })
}

/// What was read, or nothing where it is damaged and may be left out.
pub(super) fn lenient<T: Default>(read: Result<T, Fault>, strictness: Strictness) -> Result<T, Fault> {
    match (read, strictness) {
        (Err(Fault::Damaged), Strictness::Request) => Ok(T::default()),
        (read, _) => read,
    }
}

fn check(row: &Row<'_>, id: CaptureId, shared: &mut Shared) -> Result<Option<Arc<Check>>, Fault> {
    let check = match text(row, 16)? {
        Some(verdict) => Some(Check {
            verdict: words::verdict(verdict, text(row, 17)?).ok_or(Fault::Damaged)?,
            scheme: text(row, 18)?.map(|text| shared.text(text)),
            secret: text(row, 19)?.map(|text| shared.text(text)),
            age_s: signed(row, 20)?,
            signed_ok: signed(row, 21)? == Some(1),
            weak: text(row, 22)?.map(|text| shared.text(text)),
            cause: text(row, 23)?.map(|text| shared.text(text)),
            searching: signed(row, 24)? == Some(1),
        }),
        None => None,
    };
    match signed(row, 25)? == Some(sum::of_check(id, check.as_ref())) {
        true => Ok(check.map(|check| shared.check(check))),
        false => Err(Fault::Damaged),
    }
}

fn answer(row: &Row<'_>, id: CaptureId) -> Result<Option<Answered>, Fault> {
    let answered = match unsigned(row, 26)? {
        Some(status) => Some(Answered {
            status: narrow(status)?,
            by: text(row, 27)?
                .and_then(|word| words::answered_by(word, text(row, 28).ok().flatten()))
                .ok_or(Fault::Damaged)?,
        }),
        None => None,
    };
    let same = signed(row, 29)? == Some(sum::of_answer(id, answered));
    same.then_some(answered).ok_or(Fault::Damaged)
}

fn remark(row: &Row<'_>, id: CaptureId) -> Result<Option<Arc<Remark>>, Fault> {
    let marked = signed(row, 30)? == Some(1);
    let remark = text(row, 31)?.map(|note| Remark { marked, note: note.into() });
    let same = signed(row, 32)? == Some(sum::of_remark(id, remark.as_ref()));
    same.then(|| remark.map(Arc::new)).ok_or(Fault::Damaged)
}

impl Shared {
    fn text(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return Arc::clone(known);
        }
        let text: Arc<str> = text.into();
        self.texts.insert(Arc::clone(&text));
        text
    }

    /// Requests of the same sender mostly have equal checks.
    fn check(&mut self, check: Check) -> Arc<Check> {
        if let Some(known) = self.checks.iter().rev().find(|known| ***known == check) {
            return Arc::clone(known);
        }
        let check = Arc::new(check);
        if self.checks.len() == 16 {
            self.checks.pop_front();
        }
        self.checks.push_back(Arc::clone(&check));
        check
    }
}

/// A number in a column, if there is one.
pub(super) fn signed(row: &Row<'_>, column: usize) -> Result<Option<i64>, Fault> {
    row.get_ref(column)?.as_i64_or_null().map_err(|_| Fault::Damaged)
}

/// A number of 64 bits without a sign in a column, if there is one.
pub(super) fn unsigned(row: &Row<'_>, column: usize) -> Result<Option<u64>, Fault> {
    signed(row, column).map(|number| number.map(i64::cast_unsigned))
}

/// A smaller number.
pub(super) fn narrow<T: TryFrom<u64>>(number: u64) -> Result<T, Fault> {
    T::try_from(number).map_err(|_| Fault::Damaged)
}

/// A text in a column, if there is one.
pub(super) fn text<'a>(row: &'a Row<'_>, column: usize) -> Result<Option<&'a str>, Fault> {
    row.get_ref(column)?.as_str_or_null().map_err(|_| Fault::Damaged)
}

/// Bytes in a column, as text or not, if there are any.
pub(super) fn bytes<'a>(row: &'a Row<'_>, column: usize) -> Result<Option<&'a [u8]>, Fault> {
    row.get_ref(column)?.as_bytes_or_null().map_err(|_| Fault::Damaged)
}
