//! Names of files, whatever they are made from.

use crate::domain::export::Format;

/// The longest name in bytes, its ending included.
const LONGEST: usize = 120;

/// Names that Windows gives to devices.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// A name for an export: `hookglass-12-invoice.paid.http`, or with a count for several.
#[must_use]
pub fn proposed(what: &str, format: &Format) -> String {
    sanitised(&format!("hookglass-{what}.{}", format.ending))
}

/// A name that is one, in the folder it is meant for: no separators, nothing invisible, nothing that
/// means something to a system.
#[must_use]
pub fn sanitised(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        let plain = c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ',');
        if out.len() < LONGEST {
            out.push(if plain { c } else { '_' });
        }
    }
    // The ending counts, so the middle gives way.
    if let Some((_, ending)) = name.rsplit_once('.')
        && !out.ends_with(ending)
        && ending.len() <= 8
        && ending.bytes().all(|b| b.is_ascii_alphanumeric())
    {
        out.truncate(LONGEST - ending.len() - 1);
        out.push('.');
        out.push_str(ending);
    }
    let trimmed = out.trim_start_matches(['.', '-', '_', ',']).trim_end_matches('.');
    let stem = trimmed.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let device = DEVICES.contains(&stem.as_str())
        || (stem.len() == 4
            && (stem.starts_with("com") || stem.starts_with("lpt"))
            && stem.ends_with(|c: char| c.is_ascii_digit()));
    match trimmed {
        "" => "hookglass-export".to_owned(),
        name if device => format!("export-{name}"),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_become_plain_ones() {
        let long = "a".repeat(300);
        let names = [
            "..",
            ".",
            "",
            "/",
            "../../etc/passwd",
            "..\\..\\x",
            "a/b",
            "a\\b",
            "C:\\x",
            "a:b",
            "con",
            "CON.txt",
            "nul",
            "aux.http",
            "prn",
            "com1",
            "lpt9.sh",
            "a\0b",
            "a\nb",
            "a\x1b[31mb",
            "\u{202e}gpj.exe",
            "a\u{200b}b",
            "-rf",
            "--output=x",
            ".bashrc",
            "~root",
            "$(id)",
            "`id`",
            "a b",
            "a'b",
            "a\"b",
            "a|b",
            "a;b",
            "a&b",
            "a*b",
            "a?b",
            "é",
            "x.",
            "x. ",
            "\u{ff0e}\u{ff0e}/x",
            "caf\u{e9}.har",
            &long,
        ];
        assert!(names.len() >= 40);
        for name in names {
            let out = sanitised(name);
            assert!(!out.is_empty() && out.len() <= LONGEST + 8, "{name:?}: {out}");
            assert!(
                out.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_,".contains(&b)),
                "{name:?}: {out}"
            );
            assert!(
                !out.starts_with(['.', '-']) && !out.ends_with('.') && !out.contains('/'),
                "{name:?}: {out}"
            );
            let stem = out.split('.').next().unwrap().to_ascii_lowercase();
            assert!(
                !["con", "nul", "aux", "prn", "com1", "lpt9"].contains(&stem.as_str()),
                "{name:?}: {out}"
            );
        }
        assert_eq!(sanitised("hookglass-12.har"), "hookglass-12.har");
        assert!(sanitised(&format!("{long}.har")).ends_with("a.har"));
    }
}
