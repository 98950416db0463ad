//! How a timestamp may be written, and what of it is signed: packages read it as their language reads
//! numbers, and some sign the number and not its text.

use std::borrow::Cow;

use crate::domain::{
    signature::{moment::Unit, script},
    time::Timestamp,
};

/// In what form a text is accepted as a timestamp, and what of it is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Form {
    /// Digits alone, or a time as the unit has it; it is signed as it stands.
    #[default]
    Digits,
    /// The same, and a plus sign may stand before them.
    Plus,
    /// Digits without zeros before them.
    Plain,
    /// A whole number, with blanks, a plus sign and zeros before it. The number is signed.
    Integer,
    /// The same with a fraction, which does not count.
    Decimal,
    /// The same, and whatever follows the digits does not count.
    Prefix,
    /// What Python's `int` reads; it is signed as it stands.
    Int,
    /// What Python's `float` reads, up to the last year that its times have; it is signed as it stands.
    Float,
    /// What JavaScript's `Number` reads. The number is signed.
    Number,
    /// What JavaScript's `parseInt` reads with base ten. The number is signed, `NaN` too, which has no age.
    ParseInt,
    /// The same with hexadecimal numbers, as JSON: what is no number is `null`.
    ParseIntJson,
    /// A time of digits, signs and the capital letters `T` and `Z`; it is signed as it stands.
    Capital,
    /// It is signed whatever it is, and read where it can be.
    Any,
}

/// What a timestamp says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Numeral<'t> {
    /// The moment; `None` where it has none and is accepted all the same.
    pub(super) stamp: Option<Timestamp>,
    /// The number that is signed in the place of its text, where they differ.
    pub(super) number: Option<Cow<'t, str>>,
}

/// The end of the year 9999, in seconds: the last that Python's times have.
const LAST: f64 = 253_402_300_799.0;

impl Form {
    /// The words of the catalogue.
    pub(super) const WORDS: [(&'static str, Self); 13] = [
        ("digits", Self::Digits),
        ("plus", Self::Plus),
        ("plain", Self::Plain),
        ("integer", Self::Integer),
        ("decimal", Self::Decimal),
        ("prefix", Self::Prefix),
        ("int", Self::Int),
        ("float", Self::Float),
        ("number", Self::Number),
        ("parse-int", Self::ParseInt),
        ("parse-int-json", Self::ParseIntJson),
        ("capital", Self::Capital),
        ("any", Self::Any),
    ];

    /// The form in words, behind "the time is"; nothing for the usual one.
    pub(super) const fn as_str(self) -> Option<&'static str> {
        Some(match self {
            Self::Digits => return None,
            Self::Plus => "digits, also with a plus sign",
            Self::Plain => "digits without zeros before them",
            Self::Integer => "a whole number; the number is signed, not its text",
            Self::Decimal => "a number; its whole part is signed, not its text",
            Self::Prefix => "a number with anything behind it; the number is signed, not its text",
            Self::Int => "what Python's int() reads",
            Self::Float => "what Python's float() reads",
            Self::Number => "what JavaScript's Number() reads; the number is signed, not its text",
            Self::ParseInt | Self::ParseIntJson => {
                "what JavaScript's parseInt() reads; the number is signed, not its text"
            }
            Self::Capital => "written in capital letters",
            Self::Any => "signed whatever it is",
        })
    }

    /// Reads a text; `None` where it is not accepted.
    #[inline]
    pub(super) fn read(self, unit: Unit, text: &[u8]) -> Option<Numeral<'_>> {
        let plain = |text: &[u8]| Some(Numeral { stamp: Some(unit.parse(text)?), number: None });
        match self {
            Self::Digits => plain(text),
            Self::Plus => plain(text.strip_prefix(b"+").unwrap_or(text)),
            Self::Plain | Self::Integer | Self::Decimal | Self::Prefix => {
                let number = self.whole(text)?;
                let differs = number.as_bytes() != text;
                let stamp = Some(unit.parse(number.as_bytes())?);
                Some(Numeral { stamp, number: differs.then_some(Cow::Borrowed(number)) })
            }
            Self::Capital if !is_capital(text) => None,
            Self::Capital => plain(text),
            Self::Any => Some(plain(text).unwrap_or_default()),
            _ => self.in_language(unit, std::str::from_utf8(text).ok()?),
        }
    }

    /// Reads a text as a language reads numbers.
    #[cold]
    fn in_language(self, unit: Unit, text: &str) -> Option<Numeral<'_>> {
        let value = match self {
            Self::Int => python_int(text)?,
            Self::Float => python_float(text).filter(|&value| {
                let seconds = if unit == Unit::Millis { (value / 1e3).floor() } else { value };
                seconds <= LAST
            })?,
            Self::Number => script::number(text)?,
            _ => script::parse_int(text, self == Self::ParseIntJson),
        };
        let stamp = unit.of(value);
        if matches!(self, Self::Int | Self::Float) {
            return Some(Numeral { stamp, number: None });
        }
        let written = match self {
            Self::ParseIntJson if !value.is_finite() => Cow::Borrowed("null"),
            _ => script::write(value),
        };
        Some(Numeral { stamp, number: (written != text).then_some(written) })
    }

    /// The whole number that stands in a text, where all packages read the same one.
    fn whole(self, text: &[u8]) -> Option<&str> {
        let text = std::str::from_utf8(text).ok()?;
        let text = match self {
            Self::Plain => text,
            _ => {
                let text = text.trim_ascii();
                text.strip_prefix('+').unwrap_or(text)
            }
        };
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (digits, rest) = text.split_at(end);
        let fraction = || rest.strip_prefix('.').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
        if self == Self::Plain && text.starts_with('0') && text.len() > 1 {
            return None;
        }
        let whole = rest.is_empty() || self == Self::Prefix || (self == Self::Decimal && fraction());
        let number = (!digits.is_empty() && whole).then(|| {
            let plain = digits.trim_start_matches('0');
            if plain.is_empty() { "0" } else { plain }
        })?;
        is_exact(number).then_some(number)
    }
}

/// Whether a number is the same where numbers are rounded, as JavaScript's are.
fn is_exact(digits: &str) -> bool {
    digits.len() <= 15 || digits.parse().is_ok_and(|value: f64| script::write(value) == digits)
}

/// Whether a time begins with its year and has no more than digits, signs, `T` and `Z`: no other letters, no
/// name of a time zone behind it.
fn is_capital(text: &[u8]) -> bool {
    let plain = |b: &u8| b.is_ascii_digit() || b"-:.,+TZ ".contains(b);
    text.first().is_some_and(u8::is_ascii_digit) && text.iter().all(plain)
}

/// A text without the white space around it that Python passes over, as far as it is ASCII.
fn stripped(text: &str) -> &str {
    text.trim_matches(|c: char| matches!(c, '\t'..='\r' | '\x1c'..='\x1f' | ' '))
}

/// Digits with an underscore between some of them, without it; `None` where it stands elsewhere.
fn joined(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('_') {
        return Some(Cow::Borrowed(text));
    }
    let parts: Vec<&str> = text.split('_').collect();
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let between =
        parts.windows(2).all(|pair| digit(pair[0].chars().next_back()) && digit(pair[1].chars().next()));
    between.then(|| Cow::Owned(parts.concat()))
}

/// What Python's `int(text)` gives.
fn python_int(text: &str) -> Option<f64> {
    let text = joined(stripped(text))?;
    let digits = text.strip_prefix(['+', '-']).unwrap_or(&text);
    // Python reads no longer ones.
    let plain = (1..=4_300).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

/// What Python's `float(text)` gives, where it is finite.
fn python_float(text: &str) -> Option<f64> {
    let text = joined(stripped(text))?;
    let bare = text.strip_prefix(['+', '-']).unwrap_or(&text);
    let plain = bare.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    text.parse().ok().filter(|value: &f64| plain && value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seconds, and the number that is signed: `-` where there are none.
    fn read(form: Form, text: &str) -> String {
        match form.read(Unit::Seconds, text.as_bytes()) {
            None => "refused".to_owned(),
            Some(Numeral { stamp, number }) => {
                let stamp = stamp.map_or("-".to_owned(), |stamp| stamp.as_secs().to_string());
                format!("{stamp} {}", number.as_deref().unwrap_or("-"))
            }
        }
    }

    #[test]
    fn each_form_reads_what_its_packages_read() {
        for (form, text, expected) in [
            (Form::Digits, "017", "17 -"),
            (Form::Digits, "+17", "refused"),
            (Form::Plus, "+17", "17 -"),
            (Form::Plus, "++17", "refused"),
            (Form::Any, "17", "17 -"),
            (Form::Any, "x", "- -"),
            (Form::Integer, "17", "17 -"),
            (Form::Integer, " +017", "17 17"),
            (Form::Integer, "000", "0 0"),
            (Form::Integer, "17.5", "refused"),
            (Form::Integer, "-17", "refused"),
            (Form::Integer, "17000000000000000", "9223372036854 -"),
            (Form::Integer, "17000000000000001", "refused"),
            (Form::Decimal, "17.5", "17 17"),
            (Form::Decimal, "17.x", "refused"),
            (Form::Plain, "017", "refused"),
            (Form::Plain, "17 ", "refused"),
            (Form::Plain, "17", "17 -"),
            (Form::Prefix, "17x", "17 17"),
            (Form::Prefix, "x", "refused"),
            (Form::Int, " -1_7\u{1f}", "-17 -"),
            (Form::Int, "+017", "17 -"),
            (Form::Int, "1__7", "refused"),
            (Form::Int, "_17", "refused"),
            (Form::Int, "17_", "refused"),
            (Form::Int, "17.0", "refused"),
            (Form::Int, "", "refused"),
            (Form::Int, "99999999999999999999", "9223372036854 -"),
            (Form::Float, "1.7e1", "17 -"),
            (Form::Float, " 1_7.5_0 ", "17 -"),
            (Form::Float, "17.", "17 -"),
            (Form::Float, "1_.5", "refused"),
            (Form::Float, "inf", "refused"),
            (Form::Float, "nan", "refused"),
            (Form::Float, "253402300800", "refused"),
            (Form::Float, "0x11", "refused"),
            (Form::Number, "0x11", "17 17"),
            (Form::Number, "17.50", "17 17.5"),
            (Form::Number, "17", "17 -"),
            (Form::Number, "Infinity", "9223372036854 -"),
            (Form::Number, "now", "refused"),
            (Form::ParseInt, "17x", "17 17"),
            (Form::ParseInt, "NaN", "- -"),
            (Form::ParseInt, "0x11", "0 0"),
            (Form::ParseIntJson, "0x11", "17 17"),
            (Form::ParseIntJson, "now", "- null"),
        ] {
            assert_eq!(read(form, text), expected, "{form:?} {text}");
        }
        assert_eq!(Form::Int.read(Unit::Seconds, b"\xff"), None);
        assert_eq!(Form::Capital.read(Unit::Iso, b"2022-07-13T20:30:59z"), None);
        assert_eq!(Form::Capital.read(Unit::Iso, b"+002022-07-13T20:30:59Z"), None);
        assert_eq!(Form::Capital.read(Unit::Iso, b"2022-07-13T20:30:59Z[UTC]"), None);
        assert!(Form::Capital.read(Unit::Iso, b"2022-07-13T20:30:59Z").is_some());
    }
}
