//! Signatures: what was signed, how, and what the check says.
//!
//! The catalogue (`assets/providers.toml`) describes every provider as data: how its requests are
//! recognised, where the signature stands, what it covers and how the secret becomes a key. One
//! evaluator reads that data. All checks work on the raw bytes of a capture, before any decoding,
//! and compare in constant time.
//!
//! ```text
//! assets/providers.toml ─► spec ─► catalog (provider, scheme, template, source, rule)
//! request ─► recognise ─► Origin
//! request + secrets ─► choose (received) ─► compare (content, mac) ─► examine ─► Check, and on demand
//!   Report
//! a check that failed, beside the answer ─► diagnose ─► Diagnosis (a better code, and why)
//! signed time + tolerance ─► freshness: what a later clock says (Freshness)
//! request ─► published: where the provider publishes the key (KeyAddress)
//! draft + secret ─► sign ─► a request that checks as valid
//! ```
//!
//! What a template cannot spell out has a name in `canon`; signatures that say themselves what they
//! cover (tokens, HTTP message signatures), and those of each item of a body, are read in `described`.
//!
//! To add a provider: a stanza in `assets/providers.toml`, and `tests/vectors/<id>.jsonl`. To add an
//! algorithm: an arm in `mac` and a word in its table. To add a key form: an arm in `key`.

mod canon;
mod catalog;
mod checksum;
mod choose;
mod compare;
mod compile;
mod content;
mod der;
mod described;
mod diagnose;
mod draft;
mod encoding;
mod examine;
mod explain;
mod fault;
mod fill;
mod form;
mod freshness;
mod key;
mod mac;
mod moment;
mod numeral;
mod place;
mod pointer;
mod private;
mod provider;
mod public;
mod published;
mod received;
mod recognise;
mod report;
mod request;
mod rule;
mod script;
mod secret;
mod shape;
mod sign;
mod source;
mod spec;
mod strict;
mod template;
mod url;
mod verdict;

pub use catalog::Catalog;
pub use diagnose::{Budget, Cause, Diagnosis, Known, Surroundings};
pub use draft::Draft;
pub use encoding::Encoding;
pub use freshness::{Freshness, NO_LIMIT, State};
pub use key::KeyForm;
pub use mac::Algorithm;
pub use provider::{Provider, Scheme};
pub use published::{KeyAddress, published_key, sns_address};
pub use report::{Expected, Piece, PieceBytes, Received, Report};
pub use request::{Keys, Request};
pub use secret::Secret;
pub use shape::{Oddity, oddities};
pub use sign::{SignError, Signed, Signing, announce, sign, strip};
pub use spec::{OneOrMany, ProviderSpec, SchemeSpec, SigSpec, SpecError, TimeSpec};
pub use verdict::{Check, Code, Verdict};
