//! As much of structured fields (RFC 9651) as HTTP message signatures use: dictionaries, inner lists
//! of strings, and parameters. Members keep their text, because it is signed as it stands.

use data_encoding::BASE64;

/// The members of a dictionary with the text of their values. `None` when it is broken.
pub(super) fn dictionary(text: &str) -> Option<Vec<(&str, &str)>> {
    let mut members: Vec<(&str, &str)> = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let end = rest.find(|c: char| !is_key(c)).unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        let after = after.strip_prefix('=').filter(|_| !key.is_empty())?;
        let end = value_end(after)?;
        // Of members with the same name the last would count; which one was meant is not known.
        if members.iter().any(|(other, _)| *other == key) {
            return None;
        }
        members.push((key, after[..end].trim_end()));
        rest = after[end..].trim_start();
        if let Some(next) = rest.strip_prefix(',') {
            rest = next.trim_start();
            (!rest.is_empty()).then_some(())?;
        } else if !rest.is_empty() {
            return None;
        }
    }
    Some(members)
}

/// The bytes that `:…:` stands for.
pub(super) fn bytes(value: &str) -> Option<Vec<u8>> {
    BASE64.decode(value.strip_prefix(':')?.strip_suffix(':')?.as_bytes()).ok()
}

/// Names and values, without quotes.
pub(super) type Params<'t> = Vec<(&'t str, String)>;

/// A name with its parameters, values without quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item<'t> {
    pub(super) name: String,
    pub(super) params: Params<'t>,
    /// As it is written.
    pub(super) text: &'t str,
}

/// The items of an inner list, and the list's own parameters.
pub(super) fn inner_list(value: &str) -> Option<(Vec<Item<'_>>, Params<'_>)> {
    let mut rest = value.strip_prefix('(')?.trim_start_matches(' ');
    let mut items = Vec::new();
    while !rest.starts_with(')') {
        let start = rest;
        let (name, after) = string(rest)?;
        let (params, after) = params(after)?;
        items.push(Item { name, params, text: &start[..start.len() - after.len()] });
        let next = after.trim_start_matches(' ');
        (next.len() < after.len() || next.starts_with(')')).then_some(())?;
        rest = next;
    }
    let (params, rest) = params(&rest[1..])?;
    rest.is_empty().then_some((items, params))
}

/// Parameters and what stands behind them.
fn params(text: &str) -> Option<(Params<'_>, &str)> {
    let mut found: Params<'_> = Vec::new();
    let mut rest = text;
    while let Some(after) = rest.strip_prefix(';') {
        let after = after.trim_start_matches(' ');
        let end = after.find(|c: char| !is_key(c)).unwrap_or(after.len());
        let (key, after) = after.split_at(end);
        (!key.is_empty() && found.iter().all(|(other, _)| *other != key)).then_some(())?;
        let (value, after) = match after.strip_prefix('=') {
            None => (String::new(), after),
            Some(quoted) if quoted.starts_with('"') => string(quoted)?,
            Some(bare) => {
                let end = bare.find([';', ' ', ')', ',']).unwrap_or(bare.len());
                (bare[..end].to_owned(), &bare[end..])
            }
        };
        found.push((key, value));
        rest = after;
    }
    Some((found, rest))
}

/// A quoted string and what stands behind it.
fn string(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut value = String::new();
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &inner[at + 1..])),
            '\\' => value.push(chars.next().map(|(_, c)| c).filter(|c| matches!(c, '"' | '\\'))?),
            ' '..='~' => value.push(c),
            _ => return None,
        }
    }
    None
}

/// The end of a dictionary member's value: the next comma outside strings and lists.
fn value_end(text: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'(' => depth += 1,
            b')' => depth = depth.checked_sub(1)?,
            b',' if depth == 0 => return Some(at),
            _ => {}
        }
    }
    (!quoted && depth == 0).then_some(text.len())
}

fn is_key(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.' | '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_dictionaries() {
        for (text, expected) in [
            ("a=:AA==:, b=(\"x\" \"y,\");c=1", Some(vec![("a", ":AA==:"), ("b", "(\"x\" \"y,\");c=1")])),
            ("", Some(Vec::new())),
            ("a", None),
            ("a=1,", None),
            ("a=1, a=2", None),
            ("a=(", None),
            ("a=\"", None),
        ] {
            assert_eq!(dictionary(text), expected, "{text}");
        }
        assert_eq!(bytes(":AAE=:"), Some(vec![0, 1]));
        assert_eq!(bytes("AAE="), None);
    }

    #[test]
    fn reads_inner_lists() {
        let (items, params) =
            inner_list(r#"("@method" "@query-param";name="a\"b");created=5;keyid="k""#).unwrap();
        assert_eq!(items[0].name, "@method");
        assert_eq!(items[1].params, [("name", "a\"b".to_owned())]);
        assert_eq!(items[1].text, r#""@query-param";name="a\"b""#);
        assert_eq!(params, [("created", "5".to_owned()), ("keyid", "k".to_owned())]);
        assert_eq!(inner_list("()"), Some((Vec::new(), Vec::new())));
        for text in ["", "(", "(\"a\"\"b\")", "(a)", "() x", "();=1", "();a=1;a=2"] {
            assert_eq!(inner_list(text), None, "{text}");
        }
    }
}
