//! What a person gave on the command line and in variables, over the settings of the file.

use std::{collections::BTreeMap, path::Path};

use crate::{
    cli::{Flags, given::Given, script::script},
    config::{
        Located, Output, Place, Problem, SecretSource, Session, Settings, bind_address, nearest, provider_id,
        sync_full,
    },
    domain::target::Target,
};

/// The commands of later versions: whoever types one is told so, and not that no host has this name.
const LATER: [&str; 1] = ["replay"];
/// The commands there are.
const COMMANDS: [&str; 11] = [
    "listen",
    "verify",
    "sign",
    "send",
    "export",
    "import",
    "providers",
    "doctor",
    "completions",
    "man",
    "help",
];

/// What the program's standard streams are.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    /// Whether stdin is a terminal.
    pub stdin: bool,
    /// Whether stdout is a terminal.
    pub stdout: bool,
    /// Whether it cannot move its cursor (`TERM=dumb`).
    pub dumb: bool,
}

/// Puts flags and variables over the settings.
pub(super) fn overlay(
    settings: &mut Settings,
    flags: &Flags,
    env: &dyn Fn(&str) -> Option<String>,
    terminal: Terminal,
) -> Vec<Problem> {
    let given = Given(env);
    let mut problems = Vec::new();
    settings.script = script(flags, given, &mut problems);
    let mut note = |place: Place, message: String| problems.push(Problem::error(place, message));

    if let Some(bind) = given.text("bind", flags.bind.as_ref()) {
        match bind_address(&bind.value) {
            Ok((address, port)) => {
                settings.listen.address = address.unwrap_or(settings.listen.address);
                settings.listen.port = port.unwrap_or(settings.listen.port);
                settings.listen.explicit_bind = true;
            }
            Err(message) => note(bind.place, message.into()),
        }
    }
    if let Some(port) = given.text("port", flags.port.as_ref()) {
        match port.value.trim().parse() {
            Ok(number) => settings.listen.port = number,
            Err(_) => note(port.place, "a port is a number from 0 to 65535; 0 picks a free one".into()),
        }
    }
    if let Some(theme) = given.text("theme", flags.theme.as_ref()) {
        settings.interface.theme = Some(theme.value.trim().to_owned());
    }
    if let Some(output) = given.text("output", flags.output.as_ref()) {
        match Output::parse(output.value.trim()) {
            Ok(Output::Tui) if !terminal.can_draw() => note(
                output.place,
                "the interface needs a terminal for input and output; text, json and quiet do without".into(),
            ),
            Ok(Output::Tui) if !settings.script.command.is_empty() => note(
                output.place,
                "the command after -- has the terminal; text, json and quiet go with it".into(),
            ),
            Ok(parsed) => settings.output = Some(parsed),
            Err(message) => note(output.place, message.into()),
        }
    }
    let script = &settings.script;
    settings.output.get_or_insert(match terminal.can_draw() {
        _ if !script.command.is_empty() => Output::Quiet,
        true if !script.ends() => Output::Tui,
        _ => Output::Text,
    });
    targets(settings, flags, given, &mut note);
    secrets(settings, flags, given, &mut note);
    switches(settings, flags, given, terminal, &mut problems);
    problems
}

impl Terminal {
    /// Whether an interface can be drawn and used.
    #[must_use]
    pub fn can_draw(self) -> bool {
        self.stdin && self.stdout && !self.dumb
    }
}

fn switches(
    settings: &mut Settings,
    flags: &Flags,
    given: Given<'_>,
    terminal: Terminal,
    problems: &mut Vec<Problem>,
) {
    session(&mut settings.session, flags, given, problems);
    if let Some(on) = given.switch("fetch-keys", flags.fetch_keys, problems) {
        settings.fetch_keys = on;
    }
    if let Some(on) = given.switch("mouse", flags.mouse, problems) {
        settings.interface.mouse = on;
    }
    if let Some(on) = given.switch("hide", flags.hide, problems) {
        settings.interface.hide = on;
    }
    settings.interface.ascii = given.switch("ascii", flags.ascii, problems).or(settings.interface.ascii);
    // https://no-color.org: any value that is not empty.
    let plain = (given.0)("NO_COLOR").is_some_and(|value| !value.is_empty()) || terminal.dumb;
    settings.interface.color =
        given.switch("no-color", flags.no_color, problems).map(|off| !off).or(plain.then_some(false));
}

/// The session file. A file that is typed counts, whatever a variable says of keeping none.
fn session(session: &mut Session, flags: &Flags, given: Given<'_>, problems: &mut Vec<Problem>) {
    if let Some(on) = given.switch("ephemeral", flags.ephemeral, problems) {
        session.ephemeral = on;
    }
    if flags.session.is_some() && flags.ephemeral {
        let why = "a session file is named, but --ephemeral keeps none: leave one of the two out";
        problems.push(Problem::error(Place::outside("--session"), why));
    }
    if let Some(file) = given.text("session", flags.session.as_ref()) {
        session.file = Some(file.value.into());
        session.ephemeral &= flags.session.is_none();
    }
    if let Some(sync) = given.text("sync", flags.sync.as_ref()) {
        match sync_full(&sync.value) {
            Ok(full) => session.sync_full = full,
            Err(why) => problems.push(Problem::error(sync.place, why)),
        }
    }
}

fn targets(settings: &mut Settings, flags: &Flags, given: Given<'_>, note: &mut impl FnMut(Place, String)) {
    let mut found = Vec::new();
    if let Some(text) = &flags.target {
        match target(text) {
            Ok(target) => found.push(target),
            Err(message) => note(Place::outside("TARGET"), message),
        }
    }
    // A variable does not add to a target that was typed.
    let typed = flags.target.is_some() && flags.forward_to.is_empty();
    let more = if typed { Vec::new() } else { given.texts("forward-to", &flags.forward_to) };
    for text in more {
        match Target::parse(&text.value) {
            Ok(target) if found.contains(&target) => {}
            Ok(target) => found.push(target),
            Err(error) => note(text.place, error.to_string()),
        }
    }
    if !found.is_empty() {
        settings.forward_to = found;
    }
}

/// A TARGET: a port or a URL. A lone word is more likely a command than a host.
fn target(text: &str) -> Result<Target, String> {
    let word = !text.contains(['.', ':', '/']) && !text.bytes().all(|b| b.is_ascii_digit());
    if !word || text.eq_ignore_ascii_case("localhost") {
        return Target::parse(text).map_err(|error| error.to_string());
    }
    if let Some(command) = LATER.iter().find(|command| **command == text) {
        return Err(format!("the command `{command}` is not in this version yet"));
    }
    let hint = match nearest(text, COMMANDS) {
        Some(command) => format!("; did you mean the command `{command}`?"),
        None => "; a host alone is written as http://HOST".into(),
    };
    Err(format!("this must be a port or a URL, such as 3000 or http://localhost:3000{hint}"))
}

fn secrets(settings: &mut Settings, flags: &Flags, given: Given<'_>, note: &mut impl FnMut(Place, String)) {
    let mut found: BTreeMap<String, Vec<Located<SecretSource>>> = BTreeMap::new();
    for text in given.texts("secret", &flags.secret) {
        let place = text.place;
        let Some((id, source)) = text.value.split_once('=') else {
            note(place, "write PROVIDER=SOURCE, such as stripe=env:STRIPE_WEBHOOK_SECRET".into());
            continue;
        };
        // The source first: in front of a `=` could also be a secret that ends in one.
        match (SecretSource::parse(source, Path::new("")), provider_id(id)) {
            (Err(error), _) => note(place, error.to_string()),
            (_, Err(message)) => note(place, message),
            (Ok(value), Ok(id)) => {
                settings.mentions.push(Located { value: id.to_owned(), place: place.clone() });
                found.entry(id.to_owned()).or_default().push(Located { value, place });
            }
        }
    }
    // What is given for a provider takes the place of what the file says for it.
    settings.provider_secrets.extend(found);
}
