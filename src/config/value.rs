//! TOML values to checked values. Every error is one sentence that leaves the value out.

use std::{path::Path, time::Duration};

use toml::de::DeValue;

use crate::{
    config::{Network, PublicUrl, SecretSource, quantity},
    domain::{endpoint::RateLimit, target::Target},
};

/// The result of reading one value.
pub(super) type Parsed<T> = Result<T, String>;

/// A text in quotes.
pub(super) fn text<'a>(value: &'a DeValue<'_>) -> Parsed<&'a str> {
    value.as_str().ok_or_else(|| format!("this must be a text in quotes, not {}", kind(value)))
}

/// A text that is not empty and has no control characters.
pub(super) fn line(value: &DeValue<'_>) -> Parsed<String> {
    match text(value)?.trim() {
        "" => Err("this must not be empty".into()),
        line if line.chars().any(char::is_control) => Err("there is a control character in it".into()),
        line => Ok(line.to_owned()),
    }
}

/// A name or a path in JSON that is taken out of exports.
pub(super) fn hidden_name(value: &DeValue<'_>) -> Parsed<String> {
    let text = line(value)?;
    let path = text.strip_prefix("json:");
    if path.is_some_and(|path| !path.starts_with('/') || path.len() < 2) {
        return Err("a path begins with json:/, such as json:/customer/email; * is any step".into());
    }
    if path.is_none() && text.contains(char::is_whitespace) {
        return Err("a name of a header or field has no blanks".into());
    }
    Ok(text)
}

/// `true` or `false`.
pub(super) fn boolean(value: &DeValue<'_>) -> Parsed<bool> {
    value.as_bool().ok_or_else(|| format!("this must be true or false without quotes, not {}", kind(value)))
}

/// A whole number within bounds.
pub(super) fn number<T: TryFrom<i64>>(least: i64, most: i64) -> impl Fn(&DeValue<'_>) -> Parsed<T> {
    move |value| {
        value
            .as_integer()
            .and_then(|integer| i64::from_str_radix(integer.as_str(), integer.radix()).ok())
            .filter(|number| (least..=most).contains(number))
            .and_then(|number| T::try_from(number).ok())
            .ok_or_else(|| format!("this must be a whole number from {least} to {most}"))
    }
}

/// A status code that ends an exchange.
pub(super) fn status(value: &DeValue<'_>) -> Parsed<u16> {
    number(200, 599)(value).map_err(|_| "a status must be a whole number from 200 to 599".to_owned())
}

/// A size in bytes, at least one.
pub(super) fn size(value: &DeValue<'_>) -> Parsed<u64> {
    let bytes = match value {
        DeValue::Integer(_) => number(0, i64::MAX)(value)?,
        _ => quantity::size(text(value)?)?,
    };
    if bytes == 0 { Err("this must be at least one byte".into()) } else { Ok(bytes) }
}

/// What an acknowledged capture survives: `normal`, or `full` (`true`).
pub(super) fn sync(value: &DeValue<'_>) -> Parsed<bool> {
    sync_full(text(value)?).map_err(str::to_owned)
}

/// Whether `full` was said, and not `normal`.
pub fn sync_full(text: &str) -> Result<bool, &'static str> {
    match text.trim() {
        "full" => Ok(true),
        "normal" => Ok(false),
        _ => Err("this must be normal (survives the end of the program) or full (waits for the disk)"),
    }
}

/// A size of a request head: room for a request line, and no more than a head is ever worth.
pub(super) fn head_size(value: &DeValue<'_>) -> Parsed<usize> {
    match usize::try_from(size(value)?) {
        Ok(bytes) if (1 << 10..=16 << 20).contains(&bytes) => Ok(bytes),
        _ => Err("a head's size must be from 1 KiB to 16 MiB".into()),
    }
}

/// A duration. A bare number is refused: nobody remembers whether it is seconds.
pub(super) fn duration(value: &DeValue<'_>) -> Parsed<Duration> {
    match value {
        DeValue::Integer(_) | DeValue::Float(_) => {
            Err("a duration is a text with its unit, such as \"5s\" or \"250ms\"".into())
        }
        _ => Ok(quantity::duration(text(value)?)?),
    }
}

/// A duration that is not zero.
pub(super) fn some_time(value: &DeValue<'_>) -> Parsed<Duration> {
    match duration(value)? {
        Duration::ZERO => Err("this must be more than zero".into()),
        time => Ok(time),
    }
}

/// A tolerance, such as `5m` or `off`.
pub(super) fn tolerance(value: &DeValue<'_>) -> Parsed<Duration> {
    match text(value) {
        Ok(text) => Ok(quantity::tolerance(text)?),
        Err(_) => duration(value),
    }
}

/// A rate such as `20/s`.
pub(super) fn rate(value: &DeValue<'_>) -> Parsed<RateLimit> {
    Ok(quantity::rate(text(value)?)?)
}

/// A target: a port, an authority or a URL.
pub(super) fn target(value: &DeValue<'_>) -> Parsed<Target> {
    let parsed = match value {
        DeValue::Integer(port) if port.radix() == 10 => Target::parse(port.as_str()),
        _ => Target::parse(text(value)?),
    };
    parsed.map_err(|error| error.to_string())
}

/// A network whose proxies are trusted.
pub(super) fn network(value: &DeValue<'_>) -> Parsed<Network> {
    Ok(Network::parse(text(value)?)?)
}

/// The URL that the world sees.
pub(super) fn public_url(value: &DeValue<'_>) -> Parsed<PublicUrl> {
    Ok(PublicUrl::parse(text(value)?)?)
}

/// Where a secret is; relative paths begin at `base`.
pub(super) fn secret(base: &Path) -> impl Fn(&DeValue<'_>) -> Parsed<SecretSource> {
    move |value| SecretSource::parse(text(value)?, base).map_err(|error| error.to_string())
}

/// A provider's id: lower-case letters, digits and `-`.
pub(super) fn provider(value: &DeValue<'_>) -> Parsed<String> {
    provider_id(text(value)?).map(str::to_owned)
}

/// Checks the form of a provider's id.
///
/// # Errors
/// One sentence, without the text.
pub fn provider_id(id: &str) -> Result<&str, String> {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    if id.is_empty() || id.len() > 64 || !id.bytes().all(fits) {
        return Err("a provider's id is lower-case letters, digits and -, such as \"github\"".into());
    }
    Ok(id)
}

/// A method: a token of RFC 9110, section 5.6.2.
pub(super) fn method(value: &DeValue<'_>) -> Parsed<String> {
    match text(value)? {
        name if is_token(name) => Ok(name.to_ascii_uppercase()),
        _ => Err("a method is a word such as \"POST\"".into()),
    }
}

/// A path glob.
pub(super) fn glob(value: &DeValue<'_>) -> Parsed<String> {
    let path = text(value)?;
    if !path.starts_with(['/', '*']) {
        Err("a path begins with / (or with *)".into())
    } else if path.contains(['?', '#']) {
        Err("a path has no ? and no #: it is compared with the request's path, without the query".into())
    } else if path.contains(['{', '}']) {
        Err("in a path * stands for anything within a segment and ** for anything; { } mean nothing".into())
    } else if path.chars().any(|c| c.is_whitespace() || c.is_control()) {
        Err("a path has no blanks and no control characters; a blank of the URL is %20".into())
    } else {
        Ok(path.to_owned())
    }
}

/// A header's value (RFC 9110, section 5.5): no line ends, no control characters but the tab.
pub(super) fn header_value(value: &DeValue<'_>) -> Parsed<String> {
    match text(value)? {
        text if text.chars().any(|c| c.is_control() && c != '\t') => {
            Err("a header's value has no line ends and no control characters".into())
        }
        text => Ok(text.trim().to_owned()),
    }
}

/// Checks a header's name for use in an answer.
pub(super) fn header_name(name: &str) -> Parsed<&str> {
    /// These say where the message ends, which the listener alone knows.
    const FRAMING: [&str; 6] =
        ["connection", "content-length", "keep-alive", "te", "transfer-encoding", "upgrade"];
    if !is_token(name) {
        return Err("a header's name is letters, digits and -".into());
    }
    if FRAMING.iter().any(|framing| framing.eq_ignore_ascii_case(name)) {
        return Err("this header is set by the listener itself".into());
    }
    Ok(name)
}

/// Whether a text is a token of HTTP.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 256
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// What a value is, for messages.
pub(super) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
