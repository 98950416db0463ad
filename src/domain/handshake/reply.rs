//! The answers: plain text, JSON, nothing. None of them is anything that a browser runs.

use serde_json::Value;

use super::Met;
use crate::domain::endpoint::Respond;

impl Met {
    fn new(status: u16, kind: Option<&str>, body: String) -> Self {
        let mut headers = Vec::new();
        if let Some(kind) = kind {
            headers.push(("content-type".to_owned(), kind.to_owned()));
            headers.push(("x-content-type-options".to_owned(), "nosniff".to_owned()));
        }
        Self { reply: Respond { status, headers, body, ..Respond::default() }, learned: None }
    }

    /// 200 with this text, not a byte more.
    pub(super) fn text(body: String) -> Self {
        Self::new(200, Some("text/plain; charset=utf-8"), body)
    }

    /// 200 with this JSON.
    pub(super) fn json(value: &Value) -> Self {
        Self::new(200, Some("application/json"), value.to_string())
    }

    /// A status and nothing else.
    pub(super) fn bare(status: u16) -> Self {
        Self::new(status, None, String::new())
    }

    /// 401: the signature does not hold.
    pub(super) fn refused() -> Self {
        let why = "The signature does not hold, so the challenge is not answered.\n";
        Self::new(401, Some("text/plain; charset=utf-8"), why.to_owned())
    }

    /// The same with a header.
    pub(super) fn with(mut self, name: &str, value: String) -> Self {
        self.reply.headers.push((name.to_owned(), value));
        self
    }
}
