//! A command line taken apart as a POSIX shell would, as far as that means no execution.
//!
//! Understood are the three ways to quote, `$'…'` of bash and zsh (browsers write it), line
//! continuations, pipes, and the one command substitution that our own export writes,
//! `"$(printf %b '…')"`. Variables and everything else that a shell would run are refused.

/// The most words.
const MOST: usize = 10_000;

/// Commands joined by pipes, each as its words.
pub(super) fn pipeline(text: &[u8]) -> Result<Vec<Vec<Vec<u8>>>, &'static str> {
    let mut commands = vec![Vec::new()];
    let mut word: Option<Vec<u8>> = None;
    let mut count = 0;
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        let mut end = |word: &mut Option<Vec<u8>>, commands: &mut Vec<Vec<Vec<u8>>>| {
            if let (Some(word), Some(command)) = (word.take(), commands.last_mut()) {
                command.push(word);
                count += 1;
            }
            if count > MOST { Err("it has more than 10,000 words") } else { Ok(()) }
        };
        rest = after;
        match first {
            b' ' | b'\t' | b'\r' => end(&mut word, &mut commands)?,
            b'\n' => {
                end(&mut word, &mut commands)?;
                // A pipe may be continued on the next line; anything else would be a second command.
                let more = !rest.trim_ascii().is_empty();
                if more && !commands.last().is_some_and(Vec::is_empty) {
                    return Err("there is a second command on another line");
                }
            }
            b'|' if !rest.starts_with(b"|") => {
                end(&mut word, &mut commands)?;
                commands.push(Vec::new());
            }
            b'\\' => match rest {
                [b'\n', more @ ..] | [b'\r', b'\n', more @ ..] => rest = more,
                [next, more @ ..] => {
                    word.get_or_insert_default().push(*next);
                    rest = more;
                }
                [] => return Err("it ends with a backslash"),
            },
            b'\'' => {
                let close = memchr::memchr(b'\'', rest).ok_or("a quotation mark is not closed")?;
                word.get_or_insert_default().extend_from_slice(&rest[..close]);
                rest = &rest[close + 1..];
            }
            b'"' => rest = double(rest, word.get_or_insert_default())?,
            b'$' if rest.starts_with(b"'") => rest = ansi(&rest[1..], word.get_or_insert_default())?,
            b'$' if rest.first().is_some_and(|b| b.is_ascii_alphabetic() || b"_{(".contains(b)) => {
                return Err("it uses a variable or the output of a command, which only your shell knows");
            }
            b'`' => return Err("it uses the output of a command, which only your shell knows"),
            b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' => {
                return Err("it has a sign that is special to shells outside of quotation marks");
            }
            b'#' if word.is_none() => {
                let line = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                rest = &rest[line..];
            }
            _ => word.get_or_insert_default().push(first),
        }
    }
    if let (Some(word), Some(command)) = (word, commands.last_mut()) {
        command.push(word);
    }
    Ok(commands)
}

/// The commands of a script, each as its text: parted at line ends outside of quotation marks, without
/// comments and empty lines. What cannot be parted is one command.
pub(super) fn commands(text: &[u8]) -> Vec<&[u8]> {
    let mut commands = Vec::new();
    let (mut start, mut at) = (0, 0);
    // Whether a line that ends here goes on with the next one.
    let mut open = false;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'\\' => at += 2,
            b'\'' | b'"' => {
                at = quoted(text, at);
                open = false;
            }
            b'\n' if !open => {
                push_command(&text[start..at], &mut commands);
                at += 1;
                start = at;
            }
            b'#' if at == start || text[at - 1].is_ascii_whitespace() => {
                let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |line| at + line);
                if text[start..at].trim_ascii().is_empty() {
                    start = end;
                }
                at = end;
            }
            _ => {
                open = byte == b'|' || (open && byte.is_ascii_whitespace());
                at += 1;
            }
        }
    }
    push_command(&text[start.min(text.len())..], &mut commands);
    commands
}

/// Browsers end a command with `;` or `&` when they copy several.
fn push_command<'t>(text: &'t [u8], commands: &mut Vec<&'t [u8]>) {
    let mut text = text.trim_ascii();
    while let [rest @ .., b';' | b'&'] = text {
        text = rest.trim_ascii_end();
    }
    if !text.is_empty() {
        commands.push(text);
    }
}

/// Where a quotation that begins at `start` ends.
fn quoted(text: &[u8], start: usize) -> usize {
    let quote = text[start];
    let escapes = quote == b'"' || (start > 0 && text[start - 1] == b'$');
    let mut at = start + 1;
    while let Some(&byte) = text.get(at) {
        if byte == quote {
            return at + 1;
        }
        at += if escapes && byte == b'\\' { 2 } else { 1 };
    }
    text.len()
}

/// What stands between double quotation marks; returns what follows them.
fn double<'a>(mut rest: &'a [u8], word: &mut Vec<u8>) -> Result<&'a [u8], &'static str> {
    if let Some(inner) = rest.strip_prefix(b"$(printf %b '") {
        let close = memchr::memchr(b'\'', inner).ok_or("a quotation mark is not closed")?;
        word.extend_from_slice(&escapes(&inner[..close]));
        return inner[close..].strip_prefix(b"')\"").ok_or("it uses the output of a command");
    }
    loop {
        let (&first, after) = rest.split_first().ok_or("a quotation mark is not closed")?;
        rest = after;
        match (first, rest) {
            (b'"', _) => return Ok(rest),
            (b'\\', [next @ (b'"' | b'\\' | b'$' | b'`'), more @ ..]) => {
                word.push(*next);
                rest = more;
            }
            (b'\\', [b'\n', more @ ..]) => rest = more,
            (b'$', [b'_' | b'{' | b'(' | b'a'..=b'z' | b'A'..=b'Z', ..]) | (b'`', _) => {
                return Err("it uses a variable or the output of a command, which only your shell knows");
            }
            _ => word.push(first),
        }
    }
}

/// What stands in `$'…'`; returns what follows it.
fn ansi<'a>(mut rest: &'a [u8], word: &mut Vec<u8>) -> Result<&'a [u8], &'static str> {
    loop {
        let (&first, after) = rest.split_first().ok_or("a quotation mark is not closed")?;
        rest = after;
        match first {
            b'\'' => return Ok(rest),
            b'\\' => {
                let (&kind, after) = rest.split_first().ok_or("a quotation mark is not closed")?;
                rest = after;
                let digits = |most: usize, radix: u32, text: &[u8]| {
                    let fits = |b: &&u8| char::from(**b).is_digit(radix);
                    let count = text.iter().take(most).take_while(fits).count();
                    let number = std::str::from_utf8(&text[..count]).ok();
                    (number.and_then(|number| u32::from_str_radix(number, radix).ok()), count)
                };
                match kind {
                    b'x' | b'u' | b'U' => {
                        let most = [(b'x', 2), (b'u', 4), (b'U', 8)];
                        let most = most.iter().find(|(name, _)| *name == kind).map_or(2, |(_, most)| *most);
                        let (number, count) = digits(most, 16, rest);
                        rest = &rest[count..];
                        match number {
                            Some(byte) if kind == b'x' => word.push(u8::try_from(byte).unwrap_or_default()),
                            Some(code) => {
                                let c =
                                    char::from_u32(code).ok_or("it has an escape that is no character")?;
                                word.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                            }
                            None => return Err("it has an escape without digits"),
                        }
                    }
                    b'0'..=b'7' => {
                        let from = &after_kind(kind, rest);
                        let (number, count) = digits(3, 8, from);
                        rest = &rest[count.saturating_sub(1)..];
                        word.push(number.and_then(|n| u8::try_from(n).ok()).unwrap_or_default());
                    }
                    _ => word.push(simple(kind)),
                }
            }
            _ => word.push(first),
        }
    }
}

/// Up to three octal digits, the first of which was taken already.
fn after_kind(kind: u8, rest: &[u8]) -> Vec<u8> {
    [&[kind], &rest[..rest.len().min(2)]].concat()
}

fn simple(kind: u8) -> u8 {
    match kind {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'a' => 7,
        b'b' => 8,
        b'f' => 12,
        b'v' => 11,
        b'e' | b'E' => 27,
        other => other,
    }
}

/// The escapes of `printf %b`: `\0` and up to three octal digits, and the usual letters.
pub(super) fn escapes(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        match (first, rest.split_first()) {
            (b'\\', Some((b'0', more))) => {
                let count = more.iter().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
                let value = more[..count].iter().fold(0_u32, |sum, b| sum * 8 + u32::from(b - b'0'));
                out.push(u8::try_from(value & 0xff).unwrap_or_default());
                rest = &more[count..];
            }
            (b'\\', Some((&kind, more))) => {
                out.push(simple(kind));
                rest = more;
            }
            _ => out.push(first),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Result<Vec<String>, &'static str> {
        let commands = pipeline(text.as_bytes())?;
        Ok(commands
            .into_iter()
            .map(|words| {
                let words = words.into_iter().map(|word| word.escape_ascii().to_string());
                words.collect::<Vec<_>>().join(",")
            })
            .collect())
    }

    #[test]
    fn quotation_is_that_of_a_shell() {
        for (text, expected) in [
            (r"a 'b c' d\ e", r"a,b c,d e"),
            ("a \\\n  b \\\r\n c", "a,b,c"),
            (r#"a "b \"c\" \n $ 5""#, r#"a,b \"c\" \\n $ 5"#),
            (r"a $'b\n\x41\u00e9\'\101'", r"a,b\nA\xc3\xa9\'A"),
            ("a'b'\"c\"d ''", "abcd,"),
            (r#"a "$(printf %b 'x\0033\0101')""#, r"a,x\x1bA"),
            ("a #b c", "a"),
        ] {
            assert_eq!(words(text).unwrap(), [expected], "{text}");
        }
        assert_eq!(words("printf %s 'a|b' |\n curl x").unwrap(), ["printf,%s,a|b", "curl,x"]);
    }

    #[test]
    fn what_a_shell_would_run_is_refused() {
        for text in [
            "a $X",
            "a \"$X\"",
            "a `b`",
            "a \"`b`\"",
            "a $(b)",
            "a \"$(b)\"",
            "a; b",
            "a && b",
            "a || b",
            "a > b",
            "a < b",
            "a 'b",
            "a \"b",
            "a $'b",
            "a\\",
            "a\nb",
            "a http://h/?x&y",
        ] {
            assert!(words(text).is_err(), "{text}");
        }
    }
}
