//! One line of a `.env` file, written so that python-dotenv reads back what was meant.

use zeroize::Zeroizing;

use crate::config::dotenv::parse;

/// `NAME=value` with a line end, quoted where that is needed.
///
/// # Errors
/// Where no line says it: the name is no variable's, or the value has a form that every reader expands.
pub fn line(name: &str, value: &[u8]) -> Result<Zeroizing<String>, &'static str> {
    let usual = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    if !name.bytes().all(usual) || !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return Err("A name has letters, digits and _ and does not begin with a digit.");
    }
    let value = std::str::from_utf8(value).map_err(|_| "The secret is not text.")?;
    let bare = |c: char| c.is_ascii_alphanumeric() || "_-+/=.:,@%".contains(c);
    let line = Zeroizing::new(if value.chars().all(bare) {
        format!("{name}={value}\n")
    } else {
        let escaped = Zeroizing::new(value.replace('\\', "\\\\").replace('\'', "\\'"));
        format!("{name}='{}'\n", *escaped)
    });
    // The reader itself says whether it was understood: `${…}` is expanded within any quotes.
    let (read, _) = parse("", line.as_bytes(), &|_| None);
    if read.get(name) == Some(value) { Ok(line) } else { Err("No line of .env can hold this secret.") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_as_far_as_needed() {
        for (value, expected) in [
            ("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD==", "A=whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD==\n"),
            ("two words", "A='two words'\n"),
            ("it's", "A='it\\'s'\n"),
            ("a\\nb", "A='a\\\\nb'\n"),
            ("#no comment", "A='#no comment'\n"),
            ("\"q\"", "A='\"q\"'\n"),
            (" $HOME `id` ", "A=' $HOME `id` '\n"),
            ("a\nb", "A='a\nb'\n"),
            ("\u{e9}", "A='\u{e9}'\n"),
        ] {
            assert_eq!(
                line("A", value.as_bytes()).map(|line| line.to_string()),
                Ok(expected.to_owned()),
                "{value:?}"
            );
        }
        assert!(line("A", b"${HOME}").is_err() && line("A", b"\xff").is_err());
        for name in ["", "1A", "A-B", "A B", "A\nB", "A=B"] {
            assert!(line(name, b"x").is_err(), "{name:?}");
        }
    }
}
