//! What a check needs to know: the request, and what the receiver holds.

use std::{borrow::Cow, collections::BTreeMap, time::Duration};

use crate::domain::{
    headers::Head,
    signature::{Secret, source::Source},
    time::Timestamp,
};

/// One request, as much of it as signatures are about.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The head as sent.
    pub head: Head<'a>,
    /// The body as sent, its transfer coding removed and nothing else.
    pub body: &'a [u8],
    /// The provider's id: configured, or as recognised.
    pub provider: Option<&'a str>,
    /// Whole URLs that the sender may have signed, the likeliest first. When there is none, they are
    /// made from the Host header.
    pub urls: &'a [String],
    /// When the request arrived.
    pub arrived: Timestamp,
    /// Whether the whole body is there. A request that was cut is never valid.
    pub complete: bool,
}

/// What the receiver holds.
#[derive(Clone, Copy, Debug)]
pub struct Keys<'a> {
    /// The secrets (or public keys); any of them may have signed.
    pub secrets: &'a [Secret],
    /// What else a scheme needs (`webhook_id`).
    pub params: &'a BTreeMap<String, String>,
    /// Age beyond which a timestamp is stale, in place of the provider's documented one.
    pub tolerance: Option<Duration>,
}

static NO_PARAMS: BTreeMap<String, String> = BTreeMap::new();

impl<'a> Keys<'a> {
    /// Secrets, and everything else at its default.
    #[must_use]
    pub fn of(secrets: &'a [Secret]) -> Self {
        Self { secrets, params: &NO_PARAMS, tolerance: None }
    }
}

/// Label and value of a part of a signature header.
pub(super) type Part<'a> = (Cow<'a, [u8]>, Cow<'a, [u8]>);

/// Where values are looked up: the request, the parts of its signature header, the parameters.
#[derive(Clone, Copy)]
pub(super) struct Facts<'a, 's> {
    pub(super) head: Head<'a>,
    pub(super) body: &'a [u8],
    pub(super) params: &'s BTreeMap<String, String>,
    /// The labelled parts of the signature header.
    pub(super) parts: &'s [Part<'a>],
    /// Where the timestamp stands and the number that is signed in its place, for schemes that sign the
    /// number and not its text.
    pub(super) number: Option<(&'s Source, &'s str)>,
    /// Whether a header that is signed may be empty.
    pub(super) blank: bool,
}

impl<'a, 's> Facts<'a, 's> {
    /// What is known without any configuration and before the signature header is read.
    pub(super) fn bare(head: Head<'a>, body: &'a [u8]) -> Self {
        Self { head, body, params: &NO_PARAMS, parts: &[], number: None, blank: false }
    }

    /// A request and the parameters, before the signature header is read.
    pub(super) fn of(request: &Request<'a>, params: &'s BTreeMap<String, String>) -> Self {
        Self { head: request.head, body: request.body, params, parts: &[], number: None, blank: false }
    }
}
