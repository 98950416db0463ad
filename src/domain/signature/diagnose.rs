//! Why a signature does not match, as far as that can be proved. Runs only for requests that failed.
//!
//! Every what-if is one more computation of the signature, and a finding counts only when it matches
//! a received one: nothing is guessed. Their number is bounded, and large bodies are left out, so that
//! a hostile sender gains nothing by sending wrong signatures.

use zeroize::Zeroizing;

use crate::domain::signature::{
    Algorithm, Encoding, KeyForm, Keys, examine::compute, fault::Fault, form, key::Key, provider::Scheme,
    received::Signatures, request::Facts,
};

/// Bodies beyond this many bytes are not hashed again and again.
const LARGEST_BODY: usize = 64 * 1024;
/// Secrets and URLs beyond this many are not tried again.
const MOST: usize = 8;

/// What a diagnosis looks at.
#[derive(Clone, Copy)]
pub(super) struct Case<'c, 'a, 's> {
    pub(super) scheme: &'c Scheme,
    pub(super) facts: Facts<'a, 's>,
    pub(super) keys: Keys<'c>,
    pub(super) signatures: &'c Signatures<'a>,
    pub(super) urls: &'c [String],
}

/// A better fault than the one at hand, where one can be proved.
pub(super) fn diagnose(case: &Case<'_, '_, '_>, fault: Fault) -> Fault {
    if case.facts.body.len() > LARGEST_BODY || case.scheme.algorithm == Algorithm::Token {
        return fault;
    }
    match fault {
        Fault::Malformed(_) if case.other_encoding() => Fault::Encoding,
        Fault::Mismatch => case
            .other_form()
            .map(Fault::SecretForm)
            .or_else(|| case.other_body().map(Fault::Body))
            .or_else(|| case.other_url().map(Fault::Url))
            .unwrap_or(fault),
        other => other,
    }
}

impl Case<'_, '_, '_> {
    /// Whether a received signature is right for this key, URL and body.
    fn holds(&self, key: &Key<'_>, url: &str, body: &[u8]) -> bool {
        let facts = Facts { body, ..self.facts };
        let mac = compute(self.scheme, &facts, key, url, &form::Sorted::default());
        let candidates = &self.signatures.candidates;
        mac.is_ok_and(|mac| candidates.iter().any(|candidate| mac.verify(&candidate.bytes)))
    }

    fn keys(&self) -> impl Iterator<Item = Key<'_>> {
        let secrets = self.keys.secrets.iter().take(MOST);
        secrets.filter_map(|secret| self.scheme.key.decode(secret.expose()))
    }

    fn url(&self) -> &str {
        self.urls.first().map_or("", String::as_str)
    }

    /// Whether a signature that could not be read is right when it is read in another encoding.
    fn other_encoding(&self) -> bool {
        let others = [Encoding::Hex, Encoding::Base64, Encoding::Base64Url];
        let texts = self.signatures.unread.iter();
        let read: Vec<_> = texts
            .flat_map(|text| others.iter().filter_map(|encoding| encoding.decode(text)))
            .filter(|bytes| self.scheme.algorithm.size() == Some(bytes.len()))
            .collect();
        !read.is_empty()
            && self.keys().any(|key| {
                let form = form::Sorted::default();
                let mac = compute(self.scheme, &self.facts, &key, self.url(), &form);
                mac.is_ok_and(|mac| read.iter().any(|bytes| mac.verify(bytes)))
            })
    }

    /// Whether a secret is right when it is turned into a key in another way.
    fn other_form(&self) -> Option<&'static str> {
        if self.scheme.algorithm.is_public_key() {
            return None;
        }
        let plain = |bytes: &[u8]| Some(Key::Decoded(Zeroizing::new(bytes.to_vec())));
        self.keys.secrets.iter().take(MOST).find_map(|secret| {
            let text = secret.expose();
            let forms = [
                ("the sender uses its text as it is", plain(text)),
                ("there is white space around it that does not belong to it", plain(text.trim_ascii())),
                ("the sender's has a line end after it", plain(&[text, b"\n"].concat())),
                ("the sender decodes it from Base64", KeyForm::Base64.decode(text)),
                ("the sender decodes it from hex", KeyForm::Hex.decode(text)),
                ("the sender decodes what follows `whsec_` from Base64", KeyForm::Whsec.decode(text)),
            ];
            let right = forms.into_iter().find(|(_, key)| {
                key.as_ref()
                    .is_some_and(|key| !key.is_empty() && self.holds(key, self.url(), self.facts.body))
            });
            right.map(|(how, _)| how)
        })
    }

    /// Whether another body was signed that differs only by what tools do to bodies.
    fn other_body(&self) -> Option<&'static str> {
        let body = self.facts.body;
        let cut = body.strip_suffix(b"\n").map(|cut| cut.strip_suffix(b"\r").unwrap_or(cut));
        let bodies = [
            ("without the line end at its end", cut.map(<[u8]>::to_vec)),
            ("with a line feed at its end", Some([body, b"\n"].concat())),
            ("with a carriage return and line feed at its end", Some([body, b"\r\n"].concat())),
        ];
        let right = bodies.into_iter().find(|(_, body)| {
            body.as_ref().is_some_and(|body| self.keys().any(|key| self.holds(&key, self.url(), body)))
        });
        right.map(|(how, _)| how)
    }

    /// Whether another URL was signed that differs only by what proxies and tunnels do to URLs.
    fn other_url(&self) -> Option<&'static str> {
        self.urls.iter().take(MOST).find_map(|url| {
            let (scheme, rest) = url.split_once("://")?;
            let other = if scheme.eq_ignore_ascii_case("https") { "http" } else { "https" };
            let (path, query) = url.find('?').map_or((url.as_str(), ""), |mark| url.split_at(mark));
            let slash = path.strip_suffix('/').map_or_else(|| format!("{path}/"), str::to_owned);
            let urls = [
                ("its scheme is the other one of http and https", format!("{other}://{rest}")),
                ("it differs by the slash at the end of its path", format!("{slash}{query}")),
                ("it has no query", path.to_owned()),
            ];
            let right = urls
                .into_iter()
                .find(|(_, url)| self.keys().any(|key| self.holds(&key, url, self.facts.body)));
            right.map(|(how, _)| how)
        })
    }
}
