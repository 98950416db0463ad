//! The choice of a view: what is forced, then the content type, then the bytes.

use crate::domain::decode::{
    Kind, MOST_LINES,
    document::View,
    form, json,
    media::{self, Media},
    plain,
};

const BOM: &[u8] = b"\xef\xbb\xbf";

/// A view and whether its index reaches the end of the body.
pub(super) type Made = (View, bool);

/// Makes the choice for one body.
pub(super) struct Chooser<'a> {
    pub(super) body: &'a [u8],
    pub(super) limit: Option<usize>,
    /// What has to be said about the choice.
    pub(super) notes: Vec<String>,
}

impl Chooser<'_> {
    pub(super) fn view(&mut self, media: &Media, forced: Option<Kind>) -> Made {
        // Offsets are kept in 32 bits.
        if u32::try_from(self.body.len()).is_err() {
            self.notes.push("larger than 4 GiB: shown as hex".to_owned());
            return self.hex();
        }
        match forced.filter(|&kind| kind != Kind::Empty).or(media.kind) {
            Some(Kind::Json) => match self.json() {
                Ok(made) => made,
                Err(invalid) => self.not_json(invalid),
            },
            Some(Kind::Hex) => self.hex(),
            Some(kind) if forced.is_some() => self.as_kind(kind),
            asked => self.sniff(asked),
        }
    }

    /// What the bytes are, where the type asks for something but JSON, or for nothing.
    fn sniff(&mut self, asked: Option<Kind>) -> Made {
        if media::may_be_json(self.body)
            && let Ok(made) = self.json()
        {
            if asked == Some(Kind::Form) {
                self.notes.push("the content type says form, the body is JSON".to_owned());
            }
            return made;
        }
        if media::is_binary(self.body) {
            if let Some(kind) = asked {
                self.notes.push(format!("the content type says {}, the bytes are binary", kind.as_str()));
            }
            return self.binary();
        }
        self.as_kind(asked.unwrap_or(Kind::Text))
    }

    fn as_kind(&self, kind: Kind) -> Made {
        if kind == Kind::Form {
            let (index, complete) = form::index(self.body, self.most());
            return (View::Form(index), complete);
        }
        let (index, complete) = plain::index(self.body, self.most());
        (View::Text(index), complete)
    }

    fn json(&self) -> Result<Made, json::Invalid> {
        let start = if self.body.starts_with(BOM) { BOM.len() } else { 0 };
        json::index(self.body, start, self.most()).map(|(index, complete)| (View::Json(index), complete))
    }

    fn not_json(&mut self, invalid: json::Invalid) -> Made {
        let at = invalid.at.min(self.body.len());
        let line = memchr::memchr_iter(b'\n', &self.body[..at]).count() + 1;
        let shown = if media::is_binary(self.body) { Kind::Hex } else { Kind::Text };
        self.notes.push(format!(
            "not valid JSON at byte {at}, line {line}: {}; shown as {}",
            invalid.what,
            shown.as_str()
        ));
        if shown == Kind::Hex { self.binary() } else { self.as_kind(Kind::Text) }
    }

    fn binary(&mut self) -> Made {
        if let Some(name) = media::magic(self.body) {
            self.notes.push(format!("looks like {name}"));
        }
        self.hex()
    }

    const fn hex(&self) -> Made {
        (View::Hex { size: self.body.len() }, true)
    }

    fn most(&self) -> usize {
        self.limit.unwrap_or(MOST_LINES).clamp(1, MOST_LINES)
    }

    /// Says how bytes beyond ASCII are read. With a limit only the beginning is looked at.
    pub(super) fn note_encoding(&mut self, media: &Media, view: &View, forced: Option<Kind>) {
        if matches!(view, View::Hex { .. } | View::Empty) || forced == Some(Kind::Hex) {
            return;
        }
        if self.body.starts_with(BOM) {
            self.notes.push("begins with a byte order mark".to_owned());
        }
        let seen = if self.limit.is_some() { &self.body[..self.body.len().min(4096)] } else { self.body };
        if media.is_other_charset() && !seen.is_ascii() {
            self.notes.push("its charset is not decoded: bytes that are not UTF-8 stand as marks".to_owned());
        } else if std::str::from_utf8(seen).is_err_and(|e| e.error_len().is_some()) {
            self.notes.push("has bytes that are not UTF-8".to_owned());
        }
    }
}
