//! The rules of the house, read off the source text: who may import whom, how long a file may be,
//! and that each module says what it is for.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Module → what it may import beside itself. `engine`, `cli` and `main` stand on top.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("config", &["domain"]),
    ("app", &["config", "domain"]),
    ("ui", &["app", "config", "domain"]),
    ("server", &["domain"]),
    ("client", &["domain"]),
    ("archive", &["domain"]),
    ("term", &["config", "domain"]),
    ("engine", &["server", "client", "archive", "term", "ui", "app", "config", "domain"]),
    ("cli", &["engine", "config", "domain"]),
];

/// Crates and modules that a part must not touch: what keeps it pure.
const MUST_NOT_TOUCH: &[(&str, &[&str])] = &[
    (
        "domain",
        &[
            "tokio",
            "axum",
            "hyper",
            "crossterm",
            "ratatui",
            "clap",
            "arboard",
            "std::fs",
            "std::env",
            "std::process",
            "std::thread",
            "SystemTime",
            "Instant::now",
            "TcpStream",
            "TcpListener",
            "File::",
        ],
    ),
    (
        "config",
        &["tokio", "axum", "hyper", "crossterm", "clap", "std::fs", "std::env", "SystemTime", "Instant::now"],
    ),
    (
        "app",
        &["tokio", "axum", "hyper", "crossterm", "clap", "std::fs", "std::env", "SystemTime", "Instant::now"],
    ),
    (
        "ui",
        &[
            "tokio",
            "axum",
            "hyper",
            "crossterm",
            "clap",
            "std::fs",
            "std::env",
            "std::sync::Mutex",
            "Instant::now",
        ],
    ),
    ("server", &["ratatui", "crossterm", "clap"]),
    ("client", &["ratatui", "crossterm", "clap", "axum"]),
    ("term", &["axum", "hyper", "clap"]),
];

const LONGEST_FILE: usize = 400;

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    for folder in ["src", "tests"] {
        walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
    }
    found
}

/// The top module that a file below `src` belongs to.
fn part(path: &Path) -> Option<String> {
    let below = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).ok()?;
    let first = below.components().next()?.as_os_str().to_str()?;
    Some(first.trim_end_matches(".rs").to_owned())
}

/// Code without its unit tests and comments.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text);
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Whether code names a word, and not only as a part of a longer one.
fn touches(code: &str, word: &str) -> bool {
    let letter = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        let after = &code[at + word.len()..];
        let longer = word.ends_with(letter) && after.starts_with(letter);
        !code[..at].ends_with(letter) && !longer
    })
}

#[test]
fn nothing_imports_upward() {
    let mut breaches = Vec::new();
    for (path, text) in sources() {
        let Some(part) = part(&path) else { continue };
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == part) else { continue };
        let code = code(&text);
        let named = code.match_indices("crate::").map(|(at, _)| {
            code[at + 7..].split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("").to_owned()
        });
        for name in named {
            if name != part
                && MAY_IMPORT.iter().any(|(known, _)| *known == name)
                && !allowed.contains(&name.as_str())
            {
                breaches.push(format!("{}: {part} imports {name}", path.display()));
            }
        }
        for word in MUST_NOT_TOUCH.iter().filter(|(name, _)| *name == part).flat_map(|(_, words)| *words) {
            if touches(&code, word) {
                breaches.push(format!("{}: {part} touches {word}", path.display()));
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn files_stay_short_and_say_what_they_are() {
    let mut faults = Vec::new();
    for (path, text) in sources() {
        let lines = text.lines().count();
        if lines > LONGEST_FILE {
            faults.push(format!("{}: {lines} lines, at most {LONGEST_FILE}", path.display()));
        }
        if !text.starts_with("//!") && !text.starts_with("#![doc = include_str!(") {
            faults.push(format!("{}: does not begin with //! documentation", path.display()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_top_level_holds_nothing_else() {
    let allowed = ["Cargo.toml", "Cargo.lock", "src", "assets", "tests", "README.md", "target"];
    let extra: Vec<String> = fs::read_dir(env!("CARGO_MANIFEST_DIR"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.') && !allowed.contains(&name.as_str()))
        .collect();
    assert!(extra.is_empty(), "{extra:?}");
}
