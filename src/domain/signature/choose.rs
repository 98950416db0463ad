//! Which of a provider's schemes is checked.

use crate::domain::signature::{
    Keys, Provider,
    key::Fit,
    provider::Scheme,
    received::{self, Signatures},
    request::Facts,
};

/// The scheme to check: of those that the request carries a signature of, the one that suits the
/// secrets best, and among equals the strongest. A signature that is malformed or of an unknown
/// version counts as carried, so that a broken strong one is not passed over for a weaker one; only
/// where two schemes read the same header does the one that finds its own version there go first.
#[inline(always)]
pub(super) fn choose<'p, 'a>(
    provider: &'p Provider,
    facts: &Facts<'a, '_>,
    keys: &Keys<'_>,
    found: &mut Signatures<'a>,
) -> Option<&'p Scheme> {
    let applies = |scheme: &Scheme| scheme.when.as_ref().is_none_or(|when| when.holds(facts));
    // Where none applies the strongest is checked, so that its fault is named.
    let any_applies = provider.schemes.iter().any(&applies);
    let mut best: Option<(Fit, &Scheme)> = None;
    for scheme in &provider.schemes {
        let settled = best.is_some_and(|(fit, _)| found.fault.is_none() && fit >= scheme.key.best_fit());
        if settled || (any_applies && !applies(scheme)) {
            continue;
        }
        let fits = keys.secrets.iter().map(|secret| scheme.key.fit(secret.expose()));
        let Some((other_fit, other)) = best else {
            if received::extract(scheme, facts, found) {
                best = Some((fits.max().unwrap_or(Fit::No), scheme));
            }
            continue;
        };
        let mut signatures = Signatures::default();
        if !extract_other(scheme, facts, &mut signatures) {
            continue;
        }
        let fit = fits.max().unwrap_or(Fit::No);
        let same_place = other.place.at == scheme.place.at;
        let better = match (found.is_unsupported(), signatures.is_unsupported()) {
            (true, false) if same_place => true,
            (false, true) if same_place => false,
            _ => fit > other_fit,
        };
        if better {
            best = Some((fit, scheme));
            *found = signatures;
        }
    }
    best.map(|(_, scheme)| scheme)
}

/// [`received::extract`] for a scheme beside the first one that was found: rarely there is any.
#[inline(never)]
fn extract_other<'a>(scheme: &Scheme, facts: &Facts<'a, '_>, found: &mut Signatures<'a>) -> bool {
    received::extract(scheme, facts, found)
}
