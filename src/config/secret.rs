//! Where a secret is: never the secret itself.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use crate::domain::signature::Secret;

/// A place that holds a secret. Its `Debug` form leaves out a command's text, because people put
/// passwords there too.
#[derive(Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// An environment name, looked up in the environment and then in `.env`.
    Env(String),
    /// A file; one line end at its end is not part of the secret.
    File(PathBuf),
    /// A shell command; what it prints is the secret, one line end at its end taken off.
    Command(String),
}

/// Why a text does not name a secret. No message repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Neither of the known kinds: probably the secret itself.
    #[error(
        "a secret is named by where it is, env:NAME, file:PATH or command:CMD, and never written out \
         (if this was a real one, it should be changed now)"
    )]
    Bare,
    /// The kind of a later version.
    #[error("keyring: is not supported in this version; use command: with your keyring's own program")]
    Keyring,
    /// Nothing after the colon.
    #[error("there is nothing after the colon: write env:NAME, file:PATH or command:CMD")]
    Empty,
    /// `env:` with something that cannot be a name.
    #[error("after env: stands the name of an environment variable: letters, digits and _, without $")]
    Name,
    /// `env:` with something that looks like the value.
    #[error("after env: stands a name, and this looks like the secret itself; it should be changed now")]
    Value,
    /// `file:` with a path that begins with `~`.
    #[error("~ is not expanded here: write the whole path, or a relative one")]
    Home,
    /// A control character in a path or a command.
    #[error("there is a control character in it")]
    Control,
}

impl SecretSource {
    /// Reads `env:NAME`, `file:PATH` or `command:CMD`. A relative path is one below `base`.
    ///
    /// # Errors
    /// When the text is none of these; the message does not repeat it.
    pub fn parse(text: &str, base: &Path) -> Result<Self, SourceError> {
        let (kind, rest) = text.split_once(':').ok_or(SourceError::Bare)?;
        let rest = match kind {
            "env" | "file" | "command" if rest.trim().is_empty() => return Err(SourceError::Empty),
            "env" | "file" | "command" => rest,
            "keyring" => return Err(SourceError::Keyring),
            _ => return Err(SourceError::Bare),
        };
        if rest.chars().any(char::is_control) && !(kind == "command" && rest.chars().all(printable_or_space))
        {
            return Err(SourceError::Control);
        }
        match kind {
            "env" if !is_name(rest) => Err(SourceError::Name),
            "env" if looks_like_a_value(rest) => Err(SourceError::Value),
            "env" => Ok(Self::Env(rest.to_owned())),
            "file" if rest.starts_with('~') => Err(SourceError::Home),
            "file" => Ok(Self::File(base.join(rest))),
            _ => Ok(Self::Command(rest.to_owned())),
        }
    }

    /// What is shown in place of the secret: the environment name, the file's path, or `command`.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Env(name) => name.clone(),
            Self::File(path) => path.display().to_string(),
            Self::Command(_) => "command".to_owned(),
        }
    }
}

impl fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Command(_) => f.write_str("command:[hidden]"),
        }
    }
}

/// A public key or certificate: written out, or where it is.
#[derive(Clone, Debug)]
pub enum PublicKey {
    /// PEM, hex, base64 or JWK as it stands in the configuration. Held like a secret all the same:
    /// a person may have pasted the wrong half.
    Literal(Secret),
    /// Where it is.
    Source(SecretSource),
}

impl PublicKey {
    /// Reads a source, or takes the text as the key itself under the given label.
    ///
    /// # Errors
    /// For a faulty source, an empty text, and a private key.
    pub fn parse(text: &str, base: &Path, label: &str) -> Result<Self, String> {
        match SecretSource::parse(text, base) {
            Ok(source) => Ok(Self::Source(source)),
            Err(SourceError::Bare) if text.trim().is_empty() => Err("a public key is not empty".into()),
            Err(SourceError::Bare) if text.contains("PRIVATE KEY-----") => {
                Err("this is a private key; only the public one belongs here".into())
            }
            Err(SourceError::Bare) => Ok(Self::Literal(Secret::new(label, text.trim()))),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// A name that POSIX shells can set: a letter or `_`, then letters, digits and `_`.
fn is_name(text: &str) -> bool {
    !text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The prefixes that well-known services give their secrets; no environment name begins so.
fn looks_like_a_value(name: &str) -> bool {
    ["whsec_", "whpk_", "sk_live_", "sk_test_", "rk_live_", "shpss_", "ghp_", "gho_", "xoxb", "glpat"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

fn printable_or_space(c: char) -> bool {
    !c.is_control() || matches!(c, '\n' | '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read_and_everything_else_is_refused() {
        let parse = |text: &str| SecretSource::parse(text, Path::new("/base"));
        assert_eq!(parse("env:STRIPE_WEBHOOK_SECRET"), Ok(SecretSource::Env("STRIPE_WEBHOOK_SECRET".into())));
        assert_eq!(parse("file:a/b.txt"), Ok(SecretSource::File("/base/a/b.txt".into())));
        assert_eq!(parse("file:/run/secrets/x"), Ok(SecretSource::File("/run/secrets/x".into())));
        assert_eq!(parse("command:pass show a:b"), Ok(SecretSource::Command("pass show a:b".into())));
        for (text, expected) in [
            ("whsec_abc", SourceError::Bare),
            ("", SourceError::Bare),
            ("$STRIPE", SourceError::Bare),
            ("vault:x", SourceError::Bare),
            ("ENV:X", SourceError::Bare),
            ("keyring:x", SourceError::Keyring),
            ("env:", SourceError::Empty),
            ("file: ", SourceError::Empty),
            ("env:$X", SourceError::Name),
            ("env:1X", SourceError::Name),
            ("env:whsec_abc", SourceError::Value),
            ("file:~/x", SourceError::Home),
            ("file:a\u{7}", SourceError::Control),
            ("command:a\u{1b}", SourceError::Control),
        ] {
            assert_eq!(parse(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn a_public_key_may_stand_there_and_a_private_one_may_not() {
        let parse = |text: &str| PublicKey::parse(text, Path::new("/base"), "key 1");
        assert!(matches!(parse("file:a.pem"), Ok(PublicKey::Source(_))));
        assert!(matches!(parse("e90bd0dc"), Ok(PublicKey::Literal(key)) if key.expose() == b"e90bd0dc"));
        assert!(matches!(parse("{\"kty\":\"OKP\"}"), Ok(PublicKey::Literal(_))));
        for text in ["", "env:", "keyring:x", "-----BEGIN RSA PRIVATE KEY-----\nAAAA"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn debug_output_holds_no_command_and_no_key() {
        let command = SecretSource::parse("command:echo CANARY", Path::new("")).unwrap();
        let key = PublicKey::parse("CANARY", Path::new(""), "key 1").unwrap();
        assert_eq!(format!("{command:?} {}", command.label()), "command:[hidden] command");
        assert!(!format!("{key:?}").contains("CANARY"));
    }
}
