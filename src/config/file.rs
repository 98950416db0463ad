//! The text of a configuration file to [`Settings`].

use std::{path::Path, sync::Arc};

use toml::de::DeTable;

use crate::{
    config::{
        Fragment, Located, Problem, Settings, answer, bind_address,
        reader::{Section, Source},
        rule, value,
    },
    domain::endpoint::Endpoint,
};

/// Every key there is: the table, with the keys in it. `keys`, `secrets`, `provider` and the tables
/// `params` and `headers` are not here: their keys are names of other things.
pub const KEYS: [(&str, &[&str]); 9] = [
    ("", &["listen", "memory", "session", "export", "ui", "keys", "secrets", "endpoint", "provider"]),
    (
        "listen",
        &[
            "address",
            "public_url",
            "trusted_proxies",
            "forward_to",
            "max_body",
            "max_head",
            "max_headers",
            "max_connections",
            "first_byte_timeout",
            "head_timeout",
            "body_timeout",
            "idle_timeout",
        ],
    ),
    ("memory", &["keep", "captures"]),
    ("session", &["file", "keep", "keep_count", "keep_age", "sync"]),
    ("export", &["redact_signatures", "redact"]),
    ("ui", &["theme", "mouse", "hide", "ascii"]),
    ("endpoint", rule::KEYS),
    ("respond", answer::KEYS),
    ("respond_sequence", answer::SEQUENCE_KEYS),
];

/// The configuration file as it is shipped: every key explained, every line a comment. Prose begins
/// with `# `, a key that is commented out with `#` alone.
pub const TEMPLATE: &str = include_str!("../../assets/config.toml");

/// The largest number of endpoints; each request looks through them.
const MOST_ENDPOINTS: usize = 1_000;

/// Reads a configuration file. `file` is the name that messages give, `base` the directory at which
/// relative paths in it begin.
///
/// The settings hold everything that could be read, and the problems everything that could not, by
/// line. Whether the settings may be used is for the caller to say: not when any problem is an error.
#[must_use]
pub fn parse(file: &str, base: &Path, bytes: &[u8]) -> (Settings, Vec<Problem>) {
    let source = Source::new(file, bytes);
    let mut settings = Settings::default();
    match std::str::from_utf8(bytes) {
        Err(error) => {
            let at = error.valid_up_to();
            source.error(&(at..at), "", "the file is not UTF-8 from here on");
        }
        Ok(text) => match DeTable::parse_recoverable(text) {
            (table, errors) if errors.is_empty() => {
                read(&Section::root(&source, &table), base, &text.into(), &mut settings);
            }
            // What stands after a slip may be read as anything, so nothing more is said about it.
            (_, errors) => {
                for error in errors {
                    source.error(&error.span().unwrap_or(0..0), "", syntax(error.message()));
                }
            }
        },
    }
    (settings, source.into_problems())
}

fn read(root: &Section<'_>, base: &Path, text: &Arc<str>, settings: &mut Settings) {
    let root = root.clone().only(keys_of(""));
    listen(&root, settings);
    if let Some(memory) = root.table("memory").map(|section| section.only(keys_of("memory"))) {
        memory.set("keep", &mut settings.memory.bytes, value::size);
        memory.set("captures", &mut settings.memory.count, value::number(1, 100_000_000));
    }
    if let Some(session) = root.table("session").map(|section| section.only(keys_of("session"))) {
        session.set("keep", &mut settings.session.keep, value::size);
        settings.session.keep_count = session.get("keep_count", value::number(1, i64::MAX));
        settings.session.keep_age = session.get("keep_age", value::some_time);
        settings.session.file = session.get("file", value::line).map(|file| base.join(file));
        session.set("sync", &mut settings.session.sync_full, value::sync);
    }
    if let Some(export) = root.table("export").map(|section| section.only(keys_of("export"))) {
        export.set("redact_signatures", &mut settings.export.redact_signatures, value::boolean);
        settings.export.redact =
            export.list("redact", value::hidden_name).into_iter().map(|located| located.value).collect();
    }
    if let Some(ui) = root.table("ui").map(|section| section.only(keys_of("ui"))) {
        settings.interface.theme = ui.get("theme", value::line);
        settings.interface.ascii = ui.get("ascii", value::boolean);
        ui.set("mouse", &mut settings.interface.mouse, value::boolean);
        ui.set("hide", &mut settings.interface.hide, value::boolean);
    }
    if root.table("keys").is_some() {
        settings.keys = Some(Fragment::new(root.source, text, "keys", None));
    }
    secrets(&root, base, settings);
    let endpoints = root.tables("endpoint");
    if endpoints.len() > MOST_ENDPOINTS {
        root.error("endpoint", format!("there are at most {MOST_ENDPOINTS} endpoints"));
    }
    for section in endpoints.into_iter().take(MOST_ENDPOINTS) {
        let rule = rule::read(section.clone(), base);
        let same = |other: &Endpoint| {
            other.path == rule.endpoint.path
                && (other.methods.is_empty() || other.methods == rule.endpoint.methods)
        };
        if let Some(first) = settings.endpoints.list.iter().position(same) {
            section
                .warning("path", format!("no request comes here: endpoint[{}] has the same path", first + 1));
        }
        settings.endpoints.list.push(rule.endpoint);
        settings.endpoint_secrets.push(rule.secrets);
        settings.endpoint_public_keys.push(rule.public_keys);
        settings.mentions.extend(rule.provider);
    }
    settings.providers = (0..root.tables("provider").len())
        .map(|index| Fragment::new(root.source, text, "provider", Some(index)))
        .collect();
}

fn listen(root: &Section<'_>, settings: &mut Settings) {
    let Some(section) = root.table("listen").map(|section| section.only(keys_of("listen"))) else { return };
    let listen = &mut settings.listen;
    if let Some((address, port)) = section.get("address", |value| Ok(bind_address(value::text(value)?)?)) {
        listen.explicit_bind = address.is_some();
        listen.address = address.unwrap_or(listen.address);
        listen.port = port.unwrap_or(listen.port);
    }
    listen.public_url = section.get("public_url", value::public_url);
    listen.trusted_proxies =
        section.list("trusted_proxies", value::network).into_iter().map(|located| located.value).collect();
    section.set("max_body", &mut listen.max_body, value::size);
    section.set("max_head", &mut listen.max_head, value::head_size);
    section.set("max_headers", &mut listen.max_headers, value::number(1, 10_000));
    section.set("max_connections", &mut listen.max_connections, value::number(1, 1_000_000));
    section.set("first_byte_timeout", &mut listen.first_byte_timeout, value::some_time);
    section.set("head_timeout", &mut listen.head_timeout, value::some_time);
    section.set("body_timeout", &mut listen.body_timeout, value::some_time);
    section.set("idle_timeout", &mut listen.idle_timeout, value::some_time);
    settings.forward_to =
        section.list("forward_to", value::target).into_iter().map(|located| located.value).collect();
}

fn secrets(root: &Section<'_>, base: &Path, settings: &mut Settings) {
    let Some(section) = root.table("secrets") else { return };
    section.set("fetch_keys", &mut settings.fetch_keys, value::boolean);
    for (id, span, _) in section.entries() {
        if id == "fetch_keys" {
            continue;
        }
        match value::provider_id(id) {
            Ok(id) => {
                let place = section.source.place(&span, section.path_of(id));
                settings.mentions.push(Located { value: id.to_owned(), place });
                settings.provider_secrets.insert(id.to_owned(), section.list(id, value::secret(base)));
            }
            Err(message) => section.source.error(&span, section.path_of(id), message),
        }
    }
}

fn keys_of(table: &str) -> &'static [&'static str] {
    KEYS.iter().find(|(name, _)| *name == table).map_or(&[], |(_, keys)| keys)
}

/// The parser's message as a sentence of ours, without what it may quote of the file.
fn syntax(message: &str) -> String {
    let message = message.split(['`', '"', '\n']).next().unwrap_or_default();
    let message = message.split(", expected").next().unwrap_or_default().trim_end_matches([' ', ',', ':']);
    if message.is_empty() { "this is not TOML".into() } else { format!("this is not TOML: {message}") }
}
