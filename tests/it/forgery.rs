//! Forged requests: whatever is changed in a rightly signed one, no check calls the result valid, unless
//! the scheme says that what was changed is not covered. And no diagnosis names a cause that is none.

use std::collections::{BTreeMap, BTreeSet};

use hookglass::domain::signature::{
    Algorithm, Budget, Catalog, Encoding, KeyForm, Scheme, Secret, Surroundings, Verdict,
};

use crate::vectors::{Case, all};

/// A generator without any quality but that of giving the same numbers each time.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or(0) % limit.max(1)
    }

    /// Another letter or digit than this one, which no reader takes for the same.
    fn other(&mut self, old: u8) -> u8 {
        loop {
            let new = b"abcdefghijklmnopqrstuvwxyz0123456789"[self.below(36)];
            if !new.eq_ignore_ascii_case(&old) && (!old.is_ascii_hexdigit() || new.is_ascii_hexdigit()) {
                return new;
            }
        }
    }

    /// Exchanges one letter or digit between two places.
    fn exchange(&mut self, bytes: &mut [u8], start: usize, end: usize) -> bool {
        let plain: Vec<usize> = (start..end).filter(|&at| bytes[at].is_ascii_alphanumeric()).collect();
        let Some(&at) = plain.get(self.below(plain.len())) else { return false };
        bytes[at] = self.other(bytes[at]);
        true
    }
}

/// Requests whose one signature is right.
fn right() -> Vec<Case> {
    let plain = |case: &Case| case.row.expect == "valid" && case.row.id.starts_with("valid");
    all().into_iter().filter(plain).collect()
}

fn scheme_of(case: &Case) -> &'static Scheme {
    let check = case.check();
    let provider = Catalog::builtin().provider(&case.provider).unwrap();
    provider.schemes().iter().find(|s| Some(s.id()) == check.scheme.as_deref()).unwrap()
}

/// Whether every byte of the body counts.
fn covers_whole_body(case: &Case, scheme: &Scheme) -> bool {
    let named = |token| scheme.content().contains(token);
    named("{body}")
        || named("{code:contentful}")
        || named("{jsonstr:body}")
        || (scheme.algorithm().is_described() && case.check().weak.is_none())
}

/// The range of a header's value in the head.
fn value(case: &Case, name: &str) -> Option<(usize, usize)> {
    let (name, value) = case.row.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    let line = format!("\r\n{name}: {value}\r\n");
    let start = memchr::memmem::find(&case.head, line.as_bytes())? + name.len() + 4;
    Some((start, start + value.len()))
}

/// The range of the signature itself: for labelled ones what stands last.
fn signature(case: &Case, scheme: &Scheme) -> Option<(usize, usize)> {
    let place = scheme.place();
    let (start, end) = value(case, place.strip_prefix("header ").filter(|name| !name.contains(','))?)?;
    let text = &case.head[start..end];
    if scheme.algorithm() == Algorithm::Cavage {
        let start = start + memchr::memmem::find(text, b"signature=\"")? + 11;
        let length = memchr::memchr(b'"', &case.head[start..end])?;
        return Some((start, start + length));
    }
    let cut = |b: &u8| matches!(b, b',' | b';' | b' ' | b':') || (*b == b'=' && text.len() > 20);
    let label = text[..text.len() - 2].iter().rposition(cut).map_or(0, |at| at + 1);
    // A signature that does not stand last is left to the flipped bits.
    (end - start - label >= 16).then_some((start + label, end))
}

/// Breaks a request in one way; `None` where that way does not apply to it.
fn tamper(case: &mut Case, scheme: &Scheme, kind: &str, dice: &mut Dice) -> Option<()> {
    let whole = covers_whole_body(case, scheme);
    let length = case.body.len();
    match kind {
        "body: a character" => {
            if scheme.content().contains("{code:sns}") {
                let mark = b"\"MessageId\"";
                let start = memchr::memmem::find(&case.body, mark)? + mark.len();
                return dice.exchange(&mut case.body, start, start + 12).then_some(());
            }
            let sorted = scheme.content().contains("{form-sorted");
            ((whole || sorted) && dice.exchange(&mut case.body, 0, length)).then_some(())
        }
        "body: cut" => (whole && length > 0).then(|| case.body.truncate(dice.below(length))),
        "body: longer" => whole.then(|| case.body.extend([b'x', b'\n', 0, b' '].iter().skip(dice.below(4)))),
        "body: a part twice" => {
            let at = dice.below(length);
            let part = case.body[at..].to_vec();
            (whole && !part.is_empty()).then(|| case.body.extend(part))
        }
        "signature: a character" => {
            let (start, end) = signature(case, scheme)?;
            // The last characters of Base64 hold bits that a lenient reader passes over.
            dice.exchange(&mut case.head, start, end - 4).then_some(())
        }
        "signature: cut" => {
            let (start, end) = signature(case, scheme)?;
            let end = start + (end - start).saturating_sub(4);
            let at = start + dice.below(end - start);
            case.head.drain(at..end + 3);
            Some(())
        }
        "signature: longer" => {
            let (_, end) = signature(case, scheme)?;
            let lenient = matches!(scheme.encoding(), Encoding::Base64Loose);
            (!lenient).then(|| drop(case.head.splice(end..end, *b"00")))
        }
        "signature: gone" => {
            let (start, end) = signature(case, scheme)?;
            case.head.drain(start..end);
            Some(())
        }
        "label" => {
            let (start, _) = signature(case, scheme)?;
            let (at, label) =
                [&b"v1="[..], b"v1,", b"v0=", b"h1=", b"sha256=", b"sha1=", b"Bearer ", b"HMAC "]
                    .into_iter()
                    .find_map(|label| Some((start.checked_sub(label.len())?, label)))
                    .filter(|(at, label)| case.head[*at..].starts_with(label))?;
            case.head[at] = if label[0] == b'v' { b'w' } else { b'z' };
            Some(())
        }
        "signed header: a character" => {
            let names = scheme.companion_headers();
            let (start, end) = value(case, names.get(dice.below(names.len()))?)?;
            dice.exchange(&mut case.head, start, end).then_some(())
        }
        "signed header: gone" => {
            let names = scheme.companion_headers();
            let (start, end) = value(case, names.get(dice.below(names.len()))?)?;
            case.head.drain(start..end);
            Some(())
        }
        "url" => {
            let url = case.urls.first_mut().filter(|_| scheme.covers_url())?;
            let mut bytes = std::mem::take(url).into_bytes();
            let path =
                bytes.iter().position(|&b| b == b'?').filter(|_| scheme.content().contains("no-query"));
            let end = path.unwrap_or(bytes.len());
            let changed = dice.exchange(&mut bytes, 8, end);
            *url = String::from_utf8(bytes).unwrap();
            changed.then_some(())
        }
        _ => {
            if matches!(scheme.key(), KeyForm::Public | KeyForm::Either) {
                return None;
            }
            let mut secret = case.row.secrets[0].clone().into_bytes();
            let end = secret.len();
            let changed = dice.exchange(&mut secret, end.min(7) / 7 * 7 % end, end);
            case.secrets = vec![Secret::new("S0", secret)];
            changed.then_some(())
        }
    }
}

const KINDS: [&str; 13] = [
    "body: a character",
    "body: cut",
    "body: longer",
    "body: a part twice",
    "signature: a character",
    "signature: cut",
    "signature: longer",
    "signature: gone",
    "label",
    "signed header: a character",
    "signed header: gone",
    "url",
    "secret",
];

/// 10,000 requests of all providers that sign, each broken in one way.
#[test]
fn nothing_that_was_tampered_with_is_valid() {
    let cases = right();
    let mut dice = Dice(0x5eed_f00d_cafe_1234);
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let mut providers: BTreeSet<String> = BTreeSet::new();
    let mut done = 0;
    while done < 10_000 {
        let mut case = cases[dice.below(cases.len())].clone();
        let scheme = scheme_of(&case);
        let kind = KINDS[dice.below(KINDS.len())];
        let before = (case.head.clone(), case.body.clone());
        if tamper(&mut case, scheme, kind, &mut dice).is_none() {
            continue;
        }
        let same = before == (case.head.clone(), case.body.clone()) && kind != "url" && kind != "secret";
        if same {
            continue;
        }
        let check = case.check();
        let text = String::from_utf8_lossy(&case.head).into_owned();
        assert_ne!(check.verdict, Verdict::Valid, "{}: {}: {kind}: {text}", case.provider, case.row.id);
        // No change of these kinds is one that the diagnosis knows, so whatever it claims would be wrong.
        if kind.ends_with("a character") && done % 10 == 0 {
            let found = case.with_keys(|keys| {
                let around = Surroundings::default();
                Catalog::builtin().diagnose(&case.request(), keys, &around, Budget::of(40_000))
            });
            let found = found.unwrap();
            assert_eq!(found.cause, None, "{}: {kind}: {}: {text}", case.provider, found.explanation);
        }
        *kinds.entry(kind).or_default() += 1;
        providers.insert(case.provider.clone());
        done += 1;
    }
    assert!(kinds.len() == KINDS.len() && kinds.values().all(|&count| count > 30), "{kinds:?}");
    let signing = Catalog::builtin().providers().filter(|provider| !provider.schemes().is_empty());
    let missing: Vec<_> = signing.map(|p| p.id()).filter(|id| !providers.contains(*id)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// The order of headers means nothing, and a body of another request of the same provider is a forgery.
#[test]
fn order_means_nothing_and_bodies_are_not_exchanged() {
    let cases = right();
    for case in &cases {
        let mut turned = case.clone();
        let mut headers: Vec<_> = case.row.headers.iter().map(|(n, v)| format!("{n}: {v}\r\n")).collect();
        headers.reverse();
        let line = case.head.split(|&b| b == b'\n').next().unwrap();
        turned.head = [line, b"\n", headers.concat().as_bytes(), b"\r\n"].concat();
        assert_eq!(turned.check().verdict, Verdict::Valid, "{}: {}", case.provider, case.row.id);
        let scheme = scheme_of(case);
        if covers_whole_body(case, scheme) {
            let other = Case { body: b"{\"forged\":true}".to_vec(), ..case.clone() };
            assert_ne!(other.check().verdict, Verdict::Valid, "{}: {}", case.provider, case.row.id);
        }
    }
}

/// Of 10,000 requests with one flipped bit in body, signed header or secret, none is valid.
#[test]
fn no_flipped_bit_is_overlooked() {
    let catalog = Catalog::builtin();
    let cases: Vec<_> = all()
        .into_iter()
        .filter(|case| case.row.expect == "valid" && case.row.id.starts_with("valid"))
        .collect();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let (mut flips, mut kinds) = (0, [0; 3]);
    while flips < 10_000 {
        let mut case = cases[dice.below(cases.len())].clone();
        let check = case.check();
        let provider = catalog.provider(&case.provider).expect("a provider");
        let scheme =
            provider.schemes().iter().find(|s| Some(s.id()) == check.scheme.as_deref()).expect("a scheme");
        let bit = 1_u8 << dice.below(8);
        let kind = dice.below(3);
        match kind {
            0 => {
                // Forms are signed by their decoded fields, so not every byte of them counts.
                let whole = |token| scheme.content().contains(token);
                let covered = whole("{body}")
                    || whole("{code:contentful}")
                    || (scheme.is_described() && check.weak.is_none());
                if !covered || case.body.is_empty() {
                    continue;
                }
                let at = dice.below(case.body.len());
                case.body[at] ^= bit;
            }
            1 => {
                let place = scheme.place();
                let mut signed = scheme.companion_headers();
                signed.extend(place.strip_prefix("header ").filter(|name| !name.contains(',')));
                if scheme.is_described() {
                    signed.extend(["Signature-Input", "Content-Digest", "Date", "Digest"]);
                }
                let index = dice.below(case.row.headers.len());
                let Some((name, value)) = case.row.headers.get(index) else { continue };
                if !signed.iter().any(|other| other.eq_ignore_ascii_case(name)) {
                    continue;
                }
                // Where packages decode hex of either case, both are the same signature.
                if scheme.encoding() == Encoding::HexAny && bit == 0x20 {
                    continue;
                }
                let line = format!("{name}: {value}\r\n");
                let start = memchr::memmem::find(&case.head, line.as_bytes()).expect("the header");
                // Of this header only the signature itself is protected by it.
                let inner = if scheme.algorithm() == Algorithm::Cavage && name == "Signature" {
                    value.find("signature=").expect("a signature")
                } else if scheme.key() == KeyForm::WhsecLast && place.ends_with(&**name) {
                    // Replicate's package does not look at the version.
                    value.find(',').expect("a version") + 1
                } else {
                    0
                };
                case.head[start + name.len() + 2 + inner + dice.below(value.len() - inner)] ^= bit;
            }
            _ => {
                let mut secret = case.row.secrets[0].clone().into_bytes();
                // Of this form the last part alone is the key.
                let last =
                    (scheme.key() == KeyForm::WhsecLast).then(|| secret.iter().rposition(|&b| b == b'_'));
                let start = last.flatten().map_or(0, |at| at + 1);
                let at = start + dice.below(secret.len() - start);
                // The two cases of a hex digit are the same key.
                if matches!(scheme.key(), KeyForm::Hex | KeyForm::RawHex) && bit == 0x20 {
                    continue;
                }
                // Not every byte of a certificate or JWK is part of its key.
                if matches!(scheme.key(), KeyForm::Public | KeyForm::Either) {
                    continue;
                }
                secret[at] ^= bit;
                case.secrets = vec![Secret::new("S0", secret)];
            }
        }
        let found = case.check();
        assert_ne!(found.verdict, Verdict::Valid, "{}: {kind}", case.provider);
        assert!(!found.signed_ok || scheme.algorithm() == Algorithm::Token, "{}: {kind}", case.provider);
        flips += 1;
        kinds[kind] += 1;
    }
    assert!(kinds.iter().all(|&count| count > 1_000), "{kinds:?}");
}
