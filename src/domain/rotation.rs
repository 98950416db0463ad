//! Which secret signed which captures, and when: what a change of secrets looks like from here.

use std::sync::Arc;

use crate::domain::{
    capture::CaptureId,
    signature::{Check, Verdict},
    time::Timestamp,
};

/// The secrets of one provider with what they signed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rotation {
    /// The provider's id.
    pub provider: Arc<str>,
    /// The secrets: those in use first, the one that signed last before the others; then those that
    /// signed nothing.
    pub secrets: Vec<Used>,
    /// Captures that carry a signature which no known secret made.
    pub unmatched: usize,
    /// The newest of them, with when it arrived.
    pub newest: Option<(CaptureId, Timestamp)>,
    /// Captures that carry no signature.
    pub unsigned: usize,
}

/// A secret with what it signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// The name that it goes by.
    pub name: Arc<str>,
    /// How many captures it signed.
    pub count: usize,
    /// When the first and the last of them arrived.
    pub span: Option<(Timestamp, Timestamp)>,
}

impl Rotation {
    /// The secrets that are known of a provider, before any capture is looked at.
    #[must_use]
    pub fn new(provider: &str, known: impl IntoIterator<Item = Arc<str>>) -> Self {
        let mut rotation = Self { provider: provider.into(), ..Self::default() };
        for name in known {
            if !rotation.secrets.iter().any(|used| used.name == name) {
                rotation.secrets.push(Used { name, count: 0, span: None });
            }
        }
        rotation
    }

    /// Takes in what the check of a capture said, and when it arrived.
    pub fn add(&mut self, id: CaptureId, at: Timestamp, check: &Check) {
        match (&check.secret, check.verdict) {
            (Some(name), _) if check.signed_ok => {
                let place = self.secrets.iter().position(|used| used.name == *name).unwrap_or_else(|| {
                    self.secrets.push(Used { name: Arc::clone(name), count: 0, span: None });
                    self.secrets.len() - 1
                });
                let used = &mut self.secrets[place];
                used.count += 1;
                let (first, last) = used.span.unwrap_or((at, at));
                used.span = Some((first.min(at), last.max(at)));
            }
            (_, Verdict::Unsigned) => self.unsigned += 1,
            (_, Verdict::Unknown) => {}
            _ => {
                self.unmatched += 1;
                if self.newest.is_none_or(|(_, newest)| newest <= at) {
                    self.newest = Some((id, at));
                }
            }
        }
    }

    /// The same with the secrets in their order.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.secrets.sort_by_key(|used| std::cmp::Reverse(used.span.map(|(_, last)| last)));
        self
    }

    /// How many captures were looked at.
    #[must_use]
    pub fn total(&self) -> usize {
        self.secrets.iter().map(|used| used.count).sum::<usize>() + self.unmatched + self.unsigned
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::signature::Code;

    #[test]
    fn secrets_stand_by_their_last_use_and_the_unused_last() {
        let name = |text: &str| Arc::<str>::from(text);
        let mut rotation = Rotation::new("p", ["NEVER", "OLD", "NEW", "OLD"].map(name));
        let at = |secs: i64| Timestamp::from_micros(secs * 1_000_000);
        let by = |secret: &str, verdict| Check {
            secret: Some(secret.into()),
            signed_ok: true,
            ..Check::bare(verdict)
        };
        let stale = Verdict::Invalid(Code::TimestampTooOld);
        let other = Check { secret: Some("OLD".into()), ..Check::bare(Verdict::Invalid(Code::Mismatch)) };
        for (id, check) in [
            by("OLD", Verdict::Valid),
            by("OLD", stale),
            other.clone(),
            by("NEW", Verdict::Valid),
            other,
            Check::bare(Verdict::Unsigned),
            Check::bare(Verdict::Unchecked),
        ]
        .iter()
        .enumerate()
        {
            rotation.add(CaptureId(id as u64), at(id as i64), check);
        }
        let rotation = rotation.sorted();
        let found: Vec<_> =
            rotation.secrets.iter().map(|used| (&*used.name, used.count, used.span)).collect();
        let expected =
            [("NEW", 1, Some((at(3), at(3)))), ("OLD", 2, Some((at(0), at(1)))), ("NEVER", 0, None)];
        assert_eq!(found, expected);
        assert_eq!((rotation.unmatched, rotation.unsigned, rotation.total()), (3, 1, 7));
        assert_eq!(rotation.newest, Some((CaptureId(6), at(6))));
    }
}
