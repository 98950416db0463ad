//! Signatures against vectors: `tests/vectors/<provider>.jsonl`, one request a line.
//!
//! Those with a `source` were published by the provider; the others were signed by a program that
//! shares no code with this one.

#![expect(clippy::expect_used, reason = "a broken vector file ends the test")]

use std::{collections::BTreeMap, fs, path::PathBuf, time::Duration};

use hookglass::domain::{
    headers::Head,
    signature::{Catalog, Check, Keys, Request, Secret, Surroundings, Verdict},
    summary::Origin,
    time::Timestamp,
};
use serde::Deserialize;

use crate::forgery::Dice;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    pub(crate) id: String,
    /// Where a published vector was published.
    #[serde(rename = "source")]
    _source: Option<String>,
    pub(crate) secrets: Vec<String>,
    /// The moment of arrival in seconds since the Unix epoch.
    at: i64,
    #[serde(default = "post")]
    method: String,
    url: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
    body: Option<String>,
    body_base64: Option<String>,
    /// Verdict, or code of an invalid one.
    pub(crate) expect: String,
    scheme: Option<String>,
    /// The label of the secret that matches: S0, S1.
    secret: Option<String>,
    signed_ok: Option<bool>,
    age_s: Option<i64>,
    weak: Option<bool>,
    event: Option<String>,
    delivery: Option<String>,
    attempt: Option<u32>,
    tolerance_s: Option<u64>,
    #[serde(default)]
    params: BTreeMap<String, String>,
    complete: Option<bool>,
    /// Whether the provider is given, because the request alone does not tell it.
    #[serde(default)]
    forced: bool,
}

/// A request in the form that the library takes.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) provider: String,
    pub(crate) head: Vec<u8>,
    pub(crate) body: Vec<u8>,
    pub(crate) secrets: Vec<Secret>,
    pub(crate) urls: Vec<String>,
    pub(crate) row: Row,
}

fn post() -> String {
    "POST".to_owned()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

fn rows(provider: &str) -> Vec<Row> {
    let path = folder().join(format!("{provider}.jsonl"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{provider}: {error}: {line}")))
        .collect()
}

impl Case {
    fn new(provider: &str, row: Row) -> Self {
        let target = row.url.as_deref().map_or("/", |url| {
            let host = url.find("://").expect("a whole URL") + 3;
            url[host..].find('/').map_or("/", |path| &url[host + path..])
        });
        let mut head = format!("{} {target} HTTP/1.1\r\n", row.method);
        for (name, value) in &row.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let body = match (&row.body, &row.body_base64) {
            (Some(text), None) => text.clone().into_bytes(),
            (None, Some(text)) => data_encoding::BASE64.decode(text.as_bytes()).expect("Base64"),
            _ => panic!("{provider}: {}: body or body_base64", row.id),
        };
        let secrets = row.secrets.iter().enumerate();
        let secrets = secrets.map(|(n, text)| Secret::new(format!("S{n}"), text.as_bytes())).collect();
        let urls = row.url.iter().cloned().collect();
        Self { provider: provider.to_owned(), head: head.into_bytes(), body, secrets, urls, row }
    }

    fn origin(&self) -> Origin {
        let forced = self.row.forced.then_some(self.provider.as_str());
        Catalog::builtin().recognise(Head::new(&self.head), &self.body, forced)
    }

    pub(crate) fn request(&self) -> Request<'_> {
        Request {
            head: Head::new(&self.head),
            body: &self.body,
            provider: Some(&self.provider),
            urls: &self.urls,
            arrived: Timestamp::from_micros(self.row.at * 1_000_000),
            complete: self.row.complete.unwrap_or(true),
        }
    }

    pub(crate) fn with_keys<T>(&self, run: impl FnOnce(&Keys<'_>) -> T) -> T {
        let tolerance = self.row.tolerance_s.map(Duration::from_secs);
        run(&Keys { secrets: &self.secrets, params: &self.row.params, tolerance })
    }

    pub(crate) fn check(&self) -> Check {
        self.with_keys(|keys| Catalog::builtin().check(&self.request(), keys))
    }

    fn diagnosed(&self) -> Check {
        let around = Surroundings::default();
        self.with_keys(|keys| Catalog::builtin().report_with_cause(&self.request(), keys, &around).check)
    }
}

pub(crate) fn all() -> Vec<Case> {
    let providers = Catalog::builtin().providers();
    providers.flat_map(|p| rows(p.id()).into_iter().map(|row| Case::new(p.id(), row))).collect()
}

fn word(verdict: Verdict) -> &'static str {
    verdict.code().map_or(verdict.as_str(), |code| code.as_str())
}

#[test]
fn every_vector_gets_its_verdict() {
    let mut wrong = Vec::new();
    for case in all() {
        let Case { provider, row, .. } = &case;
        // Causes come from the diagnosis, the rest from the check alone.
        let cause = row.expect.starts_with("wrong_") || row.expect == "body_modified";
        let check = if cause { case.diagnosed() } else { case.check() };
        let origin = case.origin();
        let mut differ = |what: &str, found: String, expected: String| {
            if found != expected {
                wrong.push(format!("{provider}: {}: {what} is {found}, not {expected}", row.id));
            }
        };
        differ("provider", format!("{:?}", origin.provider.as_deref()), format!("{:?}", Some(provider)));
        differ("verdict", word(check.verdict).to_owned(), row.expect.clone());
        if row.scheme.is_some() {
            differ(
                "scheme",
                format!("{:?}", check.scheme.as_deref()),
                format!("{:?}", row.scheme.as_deref()),
            );
        }
        if row.secret.is_some() {
            differ(
                "secret",
                format!("{:?}", check.secret.as_deref()),
                format!("{:?}", row.secret.as_deref()),
            );
        }
        let signed = row.signed_ok.unwrap_or(row.expect == "valid");
        if row.expect != "missing_header" {
            differ("signed_ok", check.signed_ok.to_string(), signed.to_string());
        }
        if row.age_s.is_some() {
            differ("age", format!("{:?}", check.age_s), format!("{:?}", row.age_s));
        }
        if let Some(weak) = row.weak {
            differ("weak", check.weak.is_some().to_string(), weak.to_string());
        }
        if row.event.is_some() {
            differ("event", format!("{:?}", origin.event.as_deref()), format!("{:?}", row.event.as_deref()));
        }
        if row.delivery.is_some() {
            let found = format!("{:?}", origin.delivery_id.as_deref());
            differ("delivery", found, format!("{:?}", row.delivery.as_deref()));
        }
        if row.attempt.is_some() {
            differ("attempt", format!("{:?}", origin.attempt), format!("{:?}", row.attempt));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Each provider has vectors, each file has a provider, and each scheme is seen to accept and refuse;
/// where it has a tolerance, it is seen to refuse what is stale.
#[test]
fn no_provider_and_no_scheme_goes_without_vectors() {
    let catalog = Catalog::builtin();
    for entry in fs::read_dir(folder()).expect("tests/vectors") {
        let name = entry.expect("an entry").file_name().into_string().expect("a name");
        let id = name.strip_suffix(".jsonl").expect("JSON lines");
        assert!(catalog.provider(id).is_some(), "{name} has no provider");
    }
    for provider in catalog.providers() {
        let rows = rows(provider.id());
        for scheme in provider.schemes() {
            let seen = |expect: &str| {
                rows.iter().any(|row| row.expect == expect && row.scheme.as_deref() == Some(scheme.id()))
            };
            assert!(seen("valid"), "{}: no valid vector", scheme.id());
        }
        let refused = |row: &Row| matches!(row.expect.as_str(), "mismatch" | "body_modified");
        if provider.unsigned().is_some() {
            assert!(rows.iter().any(|row| row.expect == "unsigned"), "{}: none", provider.id());
            continue;
        }
        assert!(rows.iter().any(refused), "{}: none tampered", provider.id());
        if provider.schemes().iter().any(|scheme| scheme.tolerance().is_some()) {
            assert!(
                rows.iter().any(|row| row.expect == "timestamp_too_old"),
                "{}: none stale",
                provider.id()
            );
        }
    }
}

/// Reports agree with checks, and nothing in their text or debug form gives a secret away.
#[test]
fn reports_agree_and_keep_secrets() {
    for case in all() {
        let report = case.with_keys(|keys| Catalog::builtin().report(&case.request(), keys));
        let name = format!("{}: {}", case.provider, case.row.id);
        assert_eq!(report.check, case.check(), "{name}");
        let explained = Catalog::builtin().explain(&report.check, Some(&case.provider));
        let debug = format!("{report:?}");
        for text in [&report.explanation, &explained, &debug] {
            assert!(text.len() > 30, "{name}");
            // Debug output shows what was received, which may be what is expected.
            let received = |right: &str| {
                let holds = |text: &[u8]| memchr::memmem::find(text, right.as_bytes()).is_some();
                report.received.iter().any(|received| holds(&received.text))
            };
            let expected = report.expected.iter().filter_map(|expected| expected.reveal());
            let expected = expected.filter(|right| text != &debug || !received(right));
            for secret in case.row.secrets.iter().map(String::as_str).chain(expected) {
                assert!(secret.len() < 8 || !text.contains(secret), "{name}: {text}");
            }
        }
        if report.check.verdict == Verdict::Valid {
            // Where items are signed one by one, there is one for each.
            let matching = report.received.iter().filter(|received| received.matches).count();
            let items = report.scheme.as_deref().is_some_and(|text| text.contains("a field of the body"));
            assert!(matching == 1 || (items && matching == report.received.len()), "{name}");
            assert_eq!(report.expected.iter().filter(|expected| expected.matches).count(), 1, "{name}");
            let matching = report.expected.iter().find(|expected| expected.matches).and_then(|e| e.reveal());
            if let Some(right) = matching {
                let received = report.received.iter().find(|received| received.matches);
                let text = String::from_utf8_lossy(&received.expect("a match").text).into_owned();
                assert!(text.eq_ignore_ascii_case(right) || text.trim_end_matches('=') == right, "{name}");
            }
        }
    }
}

/// Whatever the bytes, nothing panics, and what is not signed is not valid.
#[test]
fn hostile_bytes_are_survived() {
    const PIECES: [&[u8]; 16] = [
        b"\r\n",
        b":",
        b"=",
        b",",
        b"\0",
        b"\xff\xfe",
        b"v1=",
        b"sha256=",
        b"{\"a\":",
        b"[[[[",
        b"\"\\u",
        b"%",
        b"t=99999999999999999999,",
        b"\\",
        b" ",
        b"://",
    ];
    let catalog = Catalog::builtin();
    let cases = all();
    let mut dice = Dice(7);
    for _ in 0..20_000 {
        let mut case = cases[dice.below(cases.len())].clone();
        for _ in 0..=dice.below(4) {
            let bytes = if dice.below(2) == 0 { &mut case.head } else { &mut case.body };
            let at = dice.below(bytes.len() + 1);
            if dice.below(3) == 0 {
                bytes.truncate(at);
            }
            let at = at.min(bytes.len());
            let piece = PIECES[dice.below(PIECES.len())].iter().copied();
            bytes.splice(at..at, piece);
        }
        let origin = catalog.recognise(Head::new(&case.head), &case.body, None);
        case.with_keys(|keys| {
            let request =
                Request { provider: origin.provider.as_deref().or(Some(&case.provider)), ..case.request() };
            let check = catalog.check(&request, keys);
            assert_eq!(catalog.report(&request, keys).check, check);
            let _ = catalog.explain(&check, request.provider);
        });
    }
}
