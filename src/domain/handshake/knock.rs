//! The request as handshakes look at it.

use std::{cell::OnceCell, collections::BTreeMap};

use serde_json::Value;

use super::{LONGEST, Row, keyed};
use crate::domain::{
    headers::Head,
    signature::{Secret, Verdict},
};

/// Bodies beyond this size are no handshakes.
const LONGEST_BODY: usize = 16 << 10;

/// A request that may be a handshake, and what is known about it.
#[derive(Clone, Copy)]
pub struct Knock<'a> {
    /// The head as sent.
    pub head: Head<'a>,
    /// The body as sent.
    pub body: &'a [u8],
    /// The provider: configured, or as recognised.
    pub provider: Option<&'a str>,
    /// The provider that the endpoint names.
    pub configured: Option<&'a str>,
    /// What the signature check said.
    pub verdict: Verdict,
    /// The name of the secret that matched.
    pub matched: Option<&'a str>,
    /// The parameters of the endpoint: `verify_token`, `public_key_id`.
    pub params: &'a BTreeMap<String, String>,
    /// The secrets of one provider, and of no other.
    pub secrets: &'a dyn Fn(&str) -> Vec<Secret>,
}

/// A request with what is read of it once.
pub(super) struct Look<'a> {
    pub(super) knock: Knock<'a>,
    pub(super) method: Method,
    pub(super) marks: Marks<'a>,
    query: &'a [u8],
    json: OnceCell<Option<Value>>,
}

/// The methods that handshakes use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Get,
    Head,
    Options,
    Post,
    Other,
}

/// The headers that only handshakes have, found in one pass: this runs for every request.
#[derive(Clone, Copy, Default)]
pub(super) struct Marks<'a> {
    pub(super) hook_secret: Option<&'a [u8]>,
    pub(super) hook_signature: Option<&'a [u8]>,
    pub(super) aeg_event: Option<&'a [u8]>,
    pub(super) request_origin: Option<&'a [u8]>,
    pub(super) request_rate: Option<&'a [u8]>,
    pub(super) okta: Option<&'a [u8]>,
    pub(super) smartsheet: Option<&'a [u8]>,
    pub(super) twitch: Option<&'a [u8]>,
    pub(super) sns: Option<&'a [u8]>,
    pub(super) agent: Option<&'a [u8]>,
}

impl<'a> Marks<'a> {
    fn of(head: Head<'a>) -> Self {
        let mut marks = Self::default();
        for field in head.fields() {
            let place = match field.name.to_ascii_lowercase().as_slice() {
                b"x-hook-secret" => &mut marks.hook_secret,
                b"x-hook-signature" => &mut marks.hook_signature,
                b"aeg-event-type" => &mut marks.aeg_event,
                b"webhook-request-origin" => &mut marks.request_origin,
                b"webhook-request-rate" => &mut marks.request_rate,
                b"x-okta-verification-challenge" => &mut marks.okta,
                b"smartsheet-hook-challenge" => &mut marks.smartsheet,
                b"twitch-eventsub-message-type" => &mut marks.twitch,
                b"x-amz-sns-message-type" => &mut marks.sns,
                b"user-agent" => &mut marks.agent,
                _ => continue,
            };
            place.get_or_insert(field.value);
        }
        marks
    }
}

impl<'a> Look<'a> {
    pub(super) fn at(knock: &Knock<'a>) -> Self {
        let target = knock.head.target();
        let query = memchr::memchr(b'?', target).map_or(&[][..], |mark| &target[mark + 1..]);
        let method = match knock.head.method() {
            b"GET" => Method::Get,
            b"HEAD" => Method::Head,
            b"OPTIONS" => Method::Options,
            b"POST" => Method::Post,
            _ => Method::Other,
        };
        Self { knock: *knock, method, marks: Marks::of(knock.head), query, json: OnceCell::new() }
    }

    /// Whether an endpoint leaves room for a handshake: one that names a provider means no other.
    pub(super) fn concerns(&self, row: &Row) -> bool {
        self.knock.configured.is_none_or(|id| row.providers.contains(&id))
    }

    /// Whether a provider of the row is configured: named, or a secret of it is known.
    pub(super) fn knows(&self, row: &Row) -> bool {
        self.knock.configured.is_some() || row.providers.iter().any(|id| !(self.knock.secrets)(id).is_empty())
    }

    /// Whether the request is taken for one of the row's providers.
    pub(super) fn is_by(&self, row: &Row) -> bool {
        self.knock.provider.or(self.knock.configured).is_some_and(|id| row.providers.contains(&id))
    }

    /// Whether the check leaves no doubt about the sender, as far as there is anything to check with.
    pub(super) fn is_sound(&self, row: &Row) -> bool {
        match self.knock.verdict {
            Verdict::Valid | Verdict::Unchecked => true,
            Verdict::Invalid(_) => false,
            // A signature was due wherever there is a secret to check it with.
            Verdict::Unsigned | Verdict::Unknown => {
                row.providers.iter().all(|id| (self.knock.secrets)(id).is_empty())
            }
        }
    }

    /// A parameter of the query, decoded: text that may be reflected.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        if self.query.is_empty() {
            return None;
        }
        let (_, value) = form_urlencoded::parse(self.query).find(|(key, _)| key == name)?;
        reflected(&value).then(|| value.into_owned())
    }

    /// The body as JSON, if it is small.
    pub(super) fn json(&self) -> Option<&Value> {
        let read = || {
            let body = self.knock.body;
            (body.len() <= LONGEST_BODY).then(|| serde_json::from_slice(body).ok()).flatten()
        };
        self.json.get_or_init(read).as_ref()
    }

    /// The body as JSON, if it is small and has this word in it: most requests are no handshakes and
    /// need not be parsed.
    pub(super) fn json_with(&self, word: &str) -> Option<&Value> {
        let body = &self.knock.body;
        if body.len() > LONGEST_BODY || memchr::memmem::find(body, word.as_bytes()).is_none() {
            return None;
        }
        self.json()
    }

    /// Text in the JSON body that may be reflected.
    pub(super) fn text(value: &Value, pointer: &str) -> Option<String> {
        value.pointer(pointer)?.as_str().filter(|text| reflected(text)).map(str::to_owned)
    }

    /// A secret of one provider: the one that matched the request, or else the first.
    pub(super) fn secret(&self, id: &str) -> Option<Secret> {
        let mut secrets = (self.knock.secrets)(id);
        let matched = secrets.iter().position(|secret| Some(&*secret.label) == self.knock.matched);
        (!secrets.is_empty()).then(|| secrets.swap_remove(matched.unwrap_or(0)))
    }
}

/// Whether text may be repeated in an answer: short enough, and nothing but text.
pub(super) fn reflected(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST && !text.chars().any(char::is_control)
}

/// The value of a header that may be repeated, also in a header.
pub(super) fn visible(value: &[u8]) -> Option<String> {
    let fits = !value.is_empty() && value.len() <= LONGEST && value.iter().all(|b| matches!(b, b' '..=b'~'));
    fits.then(|| String::from_utf8_lossy(value).into_owned())
}

/// The value of a header that is a nonce.
pub(super) fn nonce(value: &[u8]) -> Option<String> {
    visible(value).filter(|text| keyed::is_nonce(text))
}
