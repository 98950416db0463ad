//! What a receiver would have signed, against what was received.

use crate::domain::signature::{
    Algorithm, KeyForm, Keys,
    content::{self, Scope},
    fault::Fault,
    form,
    key::Key,
    mac::Mac,
    provider::Scheme,
    received::Signatures,
    request::Facts,
    template::Template,
};

/// The most secrets that are tried for one request.
pub(super) const MOST_SECRETS: usize = 64;

/// What matched, by places in the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) secret: usize,
    pub(super) candidate: usize,
    pub(super) url: usize,
}

/// Computes the signature once for each secret and URL, and compares it with everything received.
pub(super) fn compare(
    scheme: &Scheme,
    facts: &Facts<'_, '_>,
    keys: &Keys<'_>,
    signatures: &Signatures<'_>,
    urls: &[String],
) -> Result<Match, Fault> {
    let mut fault = Fault::Key;
    let form = form::Sorted::default();
    let no_url = [String::new()];
    let urls = if urls.is_empty() { &no_url[..] } else { urls };
    for (secret, value) in keys.secrets.iter().enumerate().take(MOST_SECRETS) {
        let Some(key) = key_in(&scheme.content, scheme.key, value.expose()) else { continue };
        for (url, text) in urls.iter().enumerate() {
            let feed = |sink: &mut dyn FnMut(&[u8])| feed(sink, scheme, facts, &key, text, &form);
            let received = signatures.candidates.iter().map(|candidate| &*candidate.bytes);
            // A key for another algorithm is none.
            let Some(found) = value.keyed(scheme.key, scheme.algorithm, |mac| mac.find(feed, received))
            else {
                break;
            };
            if let Some(candidate) = found? {
                return Ok(Match { secret, candidate, url });
            }
            fault = Fault::Mismatch;
        }
    }
    Err(fault)
}

/// The key that a content includes; nothing where it includes none, which spares the decoding.
fn key_in<'k>(content: &Template, form: KeyForm, secret: &'k [u8]) -> Option<Key<'k>> {
    match content.has_secret() {
        true => form.decode(secret),
        false => Some(Key::Plain(b"")),
    }
}

/// The signature of a request in progress: the content is fed piece by piece, never joined.
pub(super) fn compute(
    scheme: &Scheme,
    facts: &Facts<'_, '_>,
    key: &Key<'_>,
    url: &str,
    form: &form::Sorted,
) -> Result<Mac, Fault> {
    let mut mac = Mac::new(scheme.algorithm, key).ok_or(Fault::Key)?;
    feed(&mut |piece| mac.update(piece), scheme, facts, key, url, form)?;
    Ok(mac)
}

fn feed(
    sink: &mut dyn FnMut(&[u8]),
    scheme: &Scheme,
    facts: &Facts<'_, '_>,
    key: &Key<'_>,
    url: &str,
    form: &form::Sorted,
) -> Result<(), Fault> {
    if scheme.algorithm != Algorithm::Token {
        let scope = Scope { facts: *facts, secret: key, url, form };
        content::feed(&scheme.content, &scope, &mut |_, piece| sink(piece))?;
    }
    Ok(())
}

/// What must hold beside the signature, and does not.
pub(super) fn required(scheme: &Scheme, facts: &Facts<'_, '_>) -> Option<Fault> {
    let form = form::Sorted::default();
    let scope = Scope { facts: *facts, secret: b"", url: "", form: &form };
    scheme.require.iter().find_map(|(left, right)| {
        match (content::join(left, &scope), content::join(right, &scope)) {
            (Ok(left), Ok(right)) if left.eq_ignore_ascii_case(&right) => None,
            (Ok(_), Ok(_)) => Some(Fault::BodyDigest),
            (Err(fault), _) | (_, Err(fault)) => Some(fault),
        }
    })
}
