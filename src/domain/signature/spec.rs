//! The catalogue as it is written: the shape of `assets/providers.toml` and of `[[provider]]` tables
//! in the configuration. Words are checked when it is compiled, so that errors name provider and key.

use std::collections::BTreeMap;

use serde::Deserialize;

/// One `[[provider]]` table. A provider with one scheme has the scheme's keys beside its own; one
/// with several has `[[provider.scheme]]` tables, the strongest first.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProviderSpec {
    /// The id that configuration and output use. Required.
    pub id: Option<String>,
    /// The name to show; the id when it is not given.
    pub name: Option<String>,
    /// The address of the documentation.
    pub docs: Option<String>,
    /// Names of environment variables that hold its secret.
    pub env: Vec<String>,
    /// Seconds it waits for an answer.
    pub deadline_s: Option<u64>,
    /// Seconds after the first attempt at which it tries again.
    pub retries: Vec<u64>,
    /// Who says these two, where it is not the provider.
    pub timing_by: Option<String>,
    /// Why there is nothing to check, for a provider that does not sign: then there is no scheme.
    pub unsigned: Option<String>,
    /// What its secret looks like.
    pub secret_shape: Option<String>,
    /// The https address at which it publishes its keys.
    pub key_url: Option<String>,
    /// Where a request names the address of its key.
    pub key_from: Option<String>,
    /// The hosts that such an address may have; `*` stands for one part of a name.
    pub key_host: Vec<String>,
    /// How its requests are recognised; any rule suffices. The place of the signature when it is not
    /// given.
    pub detect: Option<OneOrMany>,
    /// Where the event type stands; the first source that is there counts.
    pub event: Option<OneOrMany>,
    /// Where a refinement of the event type stands; joined to it with a dot. Looked for at the
    /// beginning of the body only.
    pub detail: Option<String>,
    /// Where the id of the delivery stands; the first source that is there counts.
    pub delivery: Option<OneOrMany>,
    /// Where the number of the attempt stands.
    pub attempt: Option<String>,
    /// What is added to it, so that the first attempt is 1.
    pub attempt_plus: u32,
    /// Several schemes.
    pub scheme: Vec<SchemeSpec>,
    /// See [`SchemeSpec::alg`].
    pub alg: Option<String>,
    /// See [`SchemeSpec::key`].
    pub key: Option<String>,
    /// See [`SchemeSpec::sig`].
    pub sig: Option<SigSpec>,
    /// See [`SchemeSpec::content`].
    pub content: Option<String>,
    /// See [`SchemeSpec::ts`].
    pub ts: Option<TimeSpec>,
    /// See [`SchemeSpec::require`].
    pub require: Vec<[String; 2]>,
    /// See [`SchemeSpec::url_variants`].
    #[serde(alias = "urlVariants")]
    pub url_variants: Vec<String>,
    /// See [`SchemeSpec::each`].
    pub each: Option<String>,
    /// See [`SchemeSpec::algs`].
    pub algs: Vec<String>,
    /// See [`SchemeSpec::claims`].
    pub claims: BTreeMap<String, OneOrMany>,
    /// See [`SchemeSpec::need`].
    pub need: Vec<String>,
    /// See [`SchemeSpec::absent`].
    pub absent: Vec<String>,
    /// See [`SchemeSpec::leeway`].
    pub leeway: u32,
    /// See [`SchemeSpec::covers`].
    pub covers: Vec<String>,
    /// See [`SchemeSpec::weak`].
    pub weak: Option<String>,
    /// See [`SchemeSpec::blank`].
    pub blank: bool,
    /// See [`SchemeSpec::padded`].
    pub padded: bool,
    /// See [`SchemeSpec::refuse`].
    pub refuse: Vec<String>,
    /// See [`SchemeSpec::notes`].
    pub notes: BTreeMap<String, String>,
}

/// One way of signing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SchemeSpec {
    /// The id; the provider's when it is not given.
    pub id: Option<String>,
    /// A rule that says when this scheme applies.
    pub when: Option<String>,
    /// `hmac-sha1`, `hmac-sha256`, `hmac-sha384`, `hmac-sha512`, `sha256`, `ed25519`, `rsa-sha1`,
    /// `rsa-sha256`, `rsa-sha384`, `rsa-sha512`, `rsa-pss-sha512`, `ecdsa-sha256` (DER),
    /// `ecdsa-sha256-raw`, `jwt`, `rfc9421`, `cavage` or `token`. Required.
    pub alg: Option<String>,
    /// How the secret becomes a key: `utf8` (default), `utf8-64`, `utf8-nfkd`, `ascii`, `base64`, `hex`,
    /// `whsec`, `whsec-padded`, `whsec-last`, `whsec-text`, `whpk`, `sha1`, `raw-hex`, `raw-base64`,
    /// `public` (also `pem`, `spki64`, `cert`, `jwk`: all the same) or `either` (text or public key, as the
    /// signature asks for).
    pub key: Option<String>,
    /// Where the signature stands. Required.
    pub sig: Option<SigSpec>,
    /// What is signed; `{body}` when it is not given.
    pub content: Option<String>,
    /// The timestamp.
    pub ts: Option<TimeSpec>,
    /// Pairs of templates that must be equal as well.
    pub require: Vec<[String; 2]>,
    /// Ways in which the signed URL may differ: `as-is`, `port`, `no-port`, `unescaped`.
    #[serde(alias = "urlVariants")]
    pub url_variants: Vec<String>,
    /// The array in the body whose items are signed one by one: `sig` and `content` are about an item.
    pub each: Option<String>,
    /// The algorithms that a token may name (`HS256`); the token's own word is never enough.
    pub algs: Vec<String>,
    /// Claims of a token and templates of what they must be; any of several suffices.
    pub claims: BTreeMap<String, OneOrMany>,
    /// Claims that must be there, whatever they say.
    pub need: Vec<String>,
    /// Claims that must not be there.
    pub absent: Vec<String>,
    /// Seconds by which the clocks of a token's times may differ.
    pub leeway: u32,
    /// Components that an HTTP signature must cover (`content-digest`).
    pub covers: Vec<String>,
    /// What a valid signature does not prove; found out from the scheme when it is not given.
    pub weak: Option<String>,
    /// Whether a header that is signed may be empty; as a rule that is as good as missing.
    pub blank: bool,
    /// Whether the signature of a token may have the padding of its Base64.
    pub padded: bool,
    /// What the provider's own packages refuse of a rightly signed request: `empty` bodies, bodies that
    /// are not `utf8`, are `not-json`, or are JSON that JavaScript would write otherwise (`respelled`), a
    /// `user` in the URL, `bare-parts` of it, an `odd-url`, a timestamp that is text (`quoted`), signed fields
    /// that are `literal` (`true`, `false` or `null`) or not of `base64`'s characters.
    pub refuse: Vec<String>,
    /// What to say where a rule decided about which official packages differ, by the rule: `encoding`,
    /// `repeated`, `parts`, `time`, `future`, `border`, `empty`, `utf8`, `json`, `spelling`, `url`,
    /// `field`, `key`, `claim`.
    pub notes: BTreeMap<String, String>,
}

/// Where the signature stands and how it is written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SigSpec {
    /// A header name, several, a beginning with `*`, or a source in the body (`json:/a`). Required.
    pub header: Option<OneOrMany>,
    /// What stands between several parts: one to four ASCII characters.
    pub sep: Option<String>,
    /// The character between label and value; `=` when only a label is given.
    pub kv: Option<String>,
    /// The label of the signatures.
    pub label: Option<String>,
    /// `hex` (default: digits in lower case), `hex-any`, `base64` (with its padding), `base64-any`,
    /// `base64-bits` (the last bits do not count), `base64-loose`, `base64url`, `base64url-bare` or `raw`
    /// (default for tokens).
    pub enc: Option<String>,
    /// Which of several signatures count: `any` (default), `first`, `last`, `one` or `filled` (any, but none
    /// may be empty).
    pub several: Option<String>,
    /// What a label beside the signatures that stands there twice with different values comes to:
    /// `refused` (default), or the `last` counts, or the last that is not empty (`last-filled`).
    pub again: Option<String>,
    /// The labels of all parts in order, where nothing else may stand there; behind `*` at the end more
    /// may.
    pub order: Vec<String>,
    /// Whether parts with other labels, and parts with several `kv`, are refused.
    pub only: bool,
    /// Whether blanks around parts, labels and values do not count, nor the case of labels.
    pub trim: bool,
    /// Whether nothing counts behind a part that cannot be read.
    pub whole: bool,
    /// Whether a value ends at the next `kv`.
    pub cut: bool,
    /// Whether a part without a label is a signature too.
    pub bare: bool,
    /// Whether a part with another label is a signature too.
    pub other: bool,
    /// Whether the header may stand in the request several times.
    pub repeat: bool,
}

/// Where the timestamp stands and how old it may be.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TimeSpec {
    /// A source. Required, but for signatures that say themselves when they were made.
    pub from: Option<String>,
    /// `s` (default), `ms`, `iso` or `http`.
    pub unit: Option<String>,
    /// Seconds; not checked when it is not given.
    pub tol: Option<u64>,
    /// Whether any time in the future is accepted.
    pub past_only: bool,
    /// Seconds that it may lie in the future; `tol` when it is not given.
    pub ahead: Option<u64>,
    /// `digits` (default), `plus` (a plus sign may stand before them), `plain` (without zeros before them),
    /// `integer` and `decimal` (blanks, a sign, zeros at the beginning and, for the latter, a fraction do
    /// not count: what is signed is the number), `prefix` (what follows the digits does not count either),
    /// `int` and `float` (what Python reads so), `number` and `parse-int` (what JavaScript reads so; the number
    /// is signed), `parse-int-json` (the same with hexadecimal numbers, and `null` for none), `capital` (a time
    /// in capital letters) or `any` (it is signed whatever it is, and read where it can be).
    pub form: Option<String>,
    /// How the age is counted: `whole` seconds, `exact`, or from the `second` that the timestamp lies in. By
    /// default as the unit has it.
    pub count: Option<String>,
    /// The least number that is a timestamp.
    pub least: Option<u64>,
    /// Whether an age of exactly `tol` is too old.
    pub below: bool,
    /// Whether a request without it is refused.
    pub must: bool,
}

/// One text or several.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "a string or a list of strings")]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl OneOrMany {
    /// As a list.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(list) => list,
        }
    }
}

/// What is wrong in a `[[provider]]` table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("provider `{provider}`: `{key}`: {message}")]
pub struct SpecError {
    /// The provider's id, or its place in the list when it has none.
    pub provider: String,
    /// The key, with the scheme's id where there are several.
    pub key: String,
    /// What is wrong with it.
    pub message: String,
}
