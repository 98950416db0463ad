//! Everything there is to say about one signature, for the Signature pane.

use std::{fmt, sync::Arc, time::Duration};

use zeroize::Zeroizing;

use crate::domain::{
    signature::{
        Algorithm, Check, Freshness, Keys, Provider, Request, Verdict,
        compare::compute,
        content::{self, Scope},
        described::{self, Given},
        examine::{Examined, examine},
        explain, form,
        provider::Scheme,
        request::Facts,
        template::Token,
    },
    time::Timestamp,
};

/// Everything there is to say about one signature. It holds what a right signature would be, so it is
/// made for the screen and never printed or written.
#[derive(Clone, Debug)]
pub struct Report {
    /// The result, as it is kept for the capture.
    pub check: Check,
    /// The provider's id and name.
    pub provider: Option<(Arc<str>, String)>,
    /// The scheme in a sentence.
    pub scheme: Option<String>,
    /// Where the signature stands: `header X-Hub-Signature-256`.
    pub place: Option<String>,
    /// The address of the documentation.
    pub docs: Option<String>,
    /// The algorithm's name.
    pub algorithm: Option<&'static str>,
    /// How the signature is written.
    pub encoding: Option<&'static str>,
    /// How the secret becomes a key, after "the key is".
    pub key: Option<&'static str>,
    /// What was signed, piece by piece; empty for tokens and where a piece is missing.
    pub content: Vec<Piece>,
    /// What was received, as sent.
    pub received: Vec<Received>,
    /// What would be right, for each secret.
    pub expected: Vec<Expected>,
    /// The URL that the signature covers: the one that matched, or the likeliest.
    pub url: Option<String>,
    /// The signed timestamp.
    pub timestamp: Option<Timestamp>,
    /// How old a request may be; `None` when its age is not checked.
    pub tolerance: Option<Duration>,
    /// How old the provider's documentation lets it be, for a scheme with a signed time.
    pub documented: Option<Duration>,
    /// From when until when the signed time counts, where its age is checked.
    pub freshness: Option<Freshness>,
    /// One or two sentences: what is the case, and what to do.
    pub explanation: String,
}

/// A piece of the signed content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What it is: `body`, `text`, `header X-Slack-Request-Timestamp`.
    pub label: String,
    /// Its bytes.
    pub bytes: PieceBytes,
}

/// The bytes of a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PieceBytes {
    /// The body of the capture, all of it. Not copied, because it may be large.
    Body,
    /// These.
    Bytes(Vec<u8>),
    /// The secret, which is not shown.
    Hidden,
}

/// A received signature.
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    /// As sent; the whole value where no signature could be read from it. Hostile until made visible.
    /// For tokens this is the token itself.
    pub text: Vec<u8>,
    /// Whether it is of the scheme's form.
    pub readable: bool,
    /// Whether it matches.
    pub matches: bool,
    /// Whether the text is a shared secret, which a screen shows masked.
    pub secret: bool,
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = if self.secret { "[hidden]".into() } else { self.text.escape_ascii().to_string() };
        write!(f, "Received({text}, readable: {}, matches: {})", self.readable, self.matches)
    }
}

/// The signature that a secret gives. Its value is shown to the person at the screen and nowhere
/// else, so it does not print.
#[derive(Clone)]
pub struct Expected {
    /// The name of the secret.
    pub secret: Arc<str>,
    value: Option<Zeroizing<String>>,
    /// Whether a received signature is equal to it.
    pub matches: bool,
}

impl Expected {
    /// The signature in the scheme's encoding. `None` where it cannot be known: with a public key, for
    /// a token (it is the secret itself) and where the secret cannot be read.
    #[must_use]
    pub fn reveal(&self) -> Option<&str> {
        self.value.as_ref().map(|value| value.as_str())
    }
}

impl fmt::Debug for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expected({}, [hidden], matches: {})", self.secret, self.matches)
    }
}

/// Makes the report.
pub(super) fn report(provider: Option<&Provider>, request: &Request<'_>, keys: &Keys<'_>) -> Report {
    let Some(provider) = provider else {
        let check = Check::bare(Verdict::Unknown);
        let explanation = explain::sentence(&check, None, None, None);
        return Report { explanation, ..Report::empty(check) };
    };
    let examined = examine(provider, request, keys);
    let check = examined.check(keys);
    let scheme = examined.scheme.or_else(|| provider.schemes.first());
    let explanation = explain::sentence(&check, Some(provider), scheme, examined.fault.as_ref());
    let explanation = explain::with_note(explanation, examined.note(keys));
    let url = examined.urls.get(examined.matched.map_or(0, |matched| matched.url)).cloned();
    let mut report = Report {
        provider: Some((Arc::clone(&provider.id), provider.name.to_string())),
        docs: provider.docs.as_deref().map(str::to_owned),
        timestamp: examined.stamp,
        tolerance: examined.tolerance,
        explanation,
        url,
        ..Report::empty(check)
    };
    if let Some(scheme) = scheme {
        report.scheme = Some(scheme.describe());
        report.place = Some(scheme.place());
        report.algorithm = Some(scheme.algorithm.as_str());
        report.encoding = Some(scheme.place.encoding.as_str());
        report.key = Some(scheme.key.as_str());
        report.documented = scheme.tolerance();
        report.freshness = Freshness::of(scheme, examined.stamp, examined.tolerance, examined.ends);
        report.look_inside(scheme, &examined, request, keys);
    }
    report
}

impl Report {
    fn empty(check: Check) -> Self {
        Self {
            check,
            provider: None,
            scheme: None,
            place: None,
            docs: None,
            algorithm: None,
            encoding: None,
            key: None,
            content: Vec::new(),
            received: Vec::new(),
            expected: Vec::new(),
            url: None,
            timestamp: None,
            tolerance: None,
            documented: None,
            freshness: None,
            explanation: String::new(),
        }
    }

    fn look_inside<'a>(
        &mut self,
        scheme: &Scheme,
        examined: &Examined<'_, 'a>,
        request: &Request<'a>,
        keys: &Keys<'_>,
    ) {
        let signatures = &examined.signatures;
        let facts = Facts {
            parts: &signatures.parts,
            number: examined.number(),
            blank: scheme.blank,
            ..Facts::of(request, keys.params)
        };
        let url = self.url.as_deref().unwrap_or_default();
        let token = scheme.algorithm == Algorithm::Token;
        let form = form::Sorted::default();
        if scheme.is_described() && !token {
            let urls = self.url.as_slice();
            let given = Given { scheme, facts, keys, signatures, urls, arrived: request.arrived };
            let content = described::content(&given).into_iter();
            let pieces = content.map(|(label, bytes)| Piece { label, bytes: PieceBytes::Bytes(bytes) });
            self.content = pieces.collect();
        } else if !token {
            let mut pieces = Vec::new();
            let scope = Scope { facts, secret: b"", url, form: &form };
            let whole = content::feed(&scheme.content, &scope, &mut |token, bytes| {
                pieces.push(Piece { label: token.describe(), bytes: PieceBytes::of(token, bytes) });
            });
            self.content = if whole.is_ok() { pieces } else { Vec::new() };
        }
        let matched = examined.matched;
        self.received = if signatures.candidates.is_empty() {
            let unread = signatures.raw.iter().map(|value| Received {
                text: value.to_vec(),
                readable: false,
                matches: false,
                secret: token,
            });
            unread.collect()
        } else {
            // Of items that are signed one by one all match, or none counts.
            let all = scheme.each.is_some();
            let read = signatures.candidates.iter().enumerate().map(|(index, candidate)| Received {
                text: candidate.text.to_vec(),
                readable: true,
                matches: matched.is_some_and(|matched| all || matched.candidate == index),
                secret: token,
            });
            read.collect()
        };
        let expected = keys.secrets.iter().enumerate().map(|(index, secret)| {
            let value =
                scheme.key.decode(secret.expose()).filter(|_| !token && !scheme.is_described()).and_then(
                    |key| {
                        let right = compute(scheme, &facts, &key, url, &form).ok()?.expected()?;
                        Some(Zeroizing::new(scheme.place.encoding.encode(&right)))
                    },
                );
            let matches = matched.is_some_and(|matched| matched.secret == index);
            Expected { secret: Arc::clone(&secret.label), value, matches }
        });
        self.expected = expected.collect();
    }
}

impl PieceBytes {
    fn of(token: &Token, bytes: &[u8]) -> Self {
        match token {
            Token::Body => Self::Body,
            Token::Secret => Self::Hidden,
            _ => Self::Bytes(bytes.to_vec()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        headers::Head,
        signature::{Catalog, Secret},
    };

    fn stripe(secrets: &[Secret]) -> Report {
        let right = "e29df10ba0f8cd2b1b9e9fd2fbb8ca1e6a7d6e7a0ab1b4a9e9e9b5a6fa0b1c2d";
        let head = format!("POST / HTTP/1.1\r\nStripe-Signature: t=5,v1={right},v0=00\r\n\r\n");
        let request = Request {
            head: Head::new(head.as_bytes()),
            body: b"{}",
            provider: Some("stripe"),
            urls: &[],
            arrived: Timestamp::from_micros(7_000_000),
            complete: true,
        };
        Catalog::builtin().report(&request, &Keys::of(secrets))
    }

    #[test]
    fn the_signed_content_comes_in_pieces() {
        let report = stripe(&[]);
        let labels: Vec<_> = report.content.iter().map(|piece| piece.label.as_str()).collect();
        assert_eq!(labels, ["`t` of the signature", "text", "body"]);
        assert_eq!(report.content[0].bytes, PieceBytes::Bytes(b"5".to_vec()));
        assert_eq!(report.content[2].bytes, PieceBytes::Body);
        assert_eq!(report.check.verdict, Verdict::Unchecked);
        assert_eq!((report.check.age_s, report.received.len()), (Some(2), 1));
        assert_eq!(report.timestamp, Some(Timestamp::from_micros(5_000_000)));
    }

    #[test]
    fn expected_signatures_are_there_for_each_secret_and_do_not_print() {
        let report = stripe(&[Secret::new("A", *b"one"), Secret::new("B", *b"two")]);
        let expected: Vec<_> = report.expected.iter().filter_map(Expected::reveal).collect();
        assert_eq!(expected.len(), 2);
        assert!(expected.iter().all(|text| text.len() == 64 && !format!("{report:?}").contains(text)));
    }

    #[test]
    fn an_unknown_provider_has_a_report_too() {
        let report = report(
            None,
            &Request {
                head: Head::new(b""),
                body: b"",
                provider: None,
                urls: &[],
                arrived: Timestamp::default(),
                complete: true,
            },
            &Keys::of(&[]),
        );
        assert_eq!(report.check.verdict, Verdict::Unknown);
        assert!(report.explanation.contains("[[provider]]"));
    }

    #[test]
    fn packages_are_said_to_differ_about_a_key_only_where_they_do() {
        let head = b"POST / HTTP/1.1\r\nsvix-id: a\r\nsvix-timestamp: 5\r\nsvix-signature: v1,AAAA\r\n\r\n";
        let request = Request {
            head: Head::new(head),
            body: b"{}",
            provider: Some("resend"),
            urls: &[],
            arrived: Timestamp::from_micros(5_000_000),
            complete: true,
        };
        let said = |secret: &[u8]| {
            let secrets = [Secret::new("S", secret)];
            let head = String::from_utf8_lossy(head).replace("AAAA", &"A".repeat(43)).replace("A\r", "A=\r");
            let request = Request { head: Head::new(head.as_bytes()), ..request };
            Catalog::builtin().report(&request, &Keys::of(&secrets)).explanation
        };
        assert!(said(b"whsec_AAE").contains("Base64 lacks its padding"), "{}", said(b"whsec_AAE"));
        let other = said(b"whsec_!!");
        assert!(other.contains("cannot be read") && !other.contains("padding, the JavaScript"), "{other}");
    }
}
