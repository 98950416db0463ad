//! Why a signature does not match, as far as that can be proved. Runs only for requests that failed.

use crate::domain::signature::{
    Encoding, Keys, examine::compute, fault::Fault, form, provider::Scheme, received::Signatures,
    request::Facts,
};

/// A better fault than the one at hand, where one can be proved.
///
/// Every what-if is one more computation of the signature; a finding counts only when it matches.
pub(super) fn diagnose(
    scheme: &Scheme,
    facts: &Facts<'_, '_>,
    keys: &Keys<'_>,
    signatures: &Signatures<'_>,
    urls: &[String],
    fault: Fault,
) -> Fault {
    match fault {
        Fault::Malformed(_) if other_encoding(scheme, facts, keys, signatures, urls) => Fault::Encoding,
        other => other,
    }
}

/// Whether a signature that could not be read is right when it is read in another encoding.
fn other_encoding(
    scheme: &Scheme,
    facts: &Facts<'_, '_>,
    keys: &Keys<'_>,
    signatures: &Signatures<'_>,
    urls: &[String],
) -> bool {
    let others = [Encoding::Hex, Encoding::Base64, Encoding::Base64Url];
    let read: Vec<_> = signatures
        .unread
        .iter()
        .flat_map(|text| others.iter().filter_map(|encoding| encoding.decode(text)))
        .filter(|bytes| scheme.algorithm.size() == Some(bytes.len()))
        .collect();
    if read.is_empty() {
        return false;
    }
    let form = form::Sorted::default();
    let url = urls.first().map_or("", String::as_str);
    keys.secrets.iter().filter_map(|secret| scheme.key.decode(secret.expose())).any(|key| {
        compute(scheme, facts, &key, url, &form).is_ok_and(|mac| read.iter().any(|bytes| mac.verify(bytes)))
    })
}
