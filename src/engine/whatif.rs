//! A secret that is tried: checks all captures of a provider again, and writes it to `.env`. And before
//! that: which secret signed what.

use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Read, Write},
    ops::ControlFlow,
    path::Path,
    sync::Arc,
};

use zeroize::Zeroizing;

use crate::{
    app::{effect::Saved, whatif::Tally},
    config::dotenv,
    domain::{
        capture::Cut,
        record::Row,
        rotation::{Rotation, Used},
        signature::{Secret, Verdict, oddities},
    },
    engine::{library::Library, rules::Rules},
};

/// The longest `.env` that is added to, in bytes.
const LONGEST: u64 = 1 << 20;

/// How many captures of other providers are tried, and up to which size.
const ELSEWHERE: usize = 2_000;
const SMALL: u64 = 64 << 10;

/// Checks all captures of a provider again, with the secrets as they stand now. Those whose result changes
/// change in the store. A refused request is not checked, and one whose check is under way is left to it.
#[must_use]
pub fn check_again(library: &Library, rules: &Rules, provider: &str) -> Tally {
    let mut tally = Tally { provider: provider.into(), ..Tally::default() };
    if let Some(provider) = rules.catalog.provider(provider) {
        tally.names = provider.env().map(str::to_owned).collect();
    }
    let mut rotation = known(rules, provider);
    let ours = library.ids(|row| of(row, provider));
    library.each(&ours, |record| {
        let capture = &record.capture;
        let check = rules.check(capture, rules.endpoint_of(capture));
        let valid = check.verdict == Verdict::Valid;
        *(if valid { &mut tally.valid } else { &mut tally.invalid }) += 1;
        tally.signed += usize::from(check.signed_ok && !valid);
        rotation.add(capture.id(), capture.summary.received_at, &check);
        // What failed and still fails in the same way keeps the cause that was found for it.
        let known = record.check.as_deref().is_some_and(|before| {
            before == &check
                || (before.verdict.code().is_some()
                    && check.verdict.code().is_some()
                    && before.signed_ok == check.signed_ok
                    && before.scheme == check.scheme)
        });
        if !known {
            library.store().checked(capture.id(), check);
        }
        ControlFlow::Continue(())
    });
    tally.rotation = rotation.sorted();
    if let (Some(provider), Some(trial)) = (rules.catalog.provider(provider), rules.extra.trial()) {
        tally.odd = oddities(provider, trial.expose()).into_iter().map(|odd| odd.text).collect();
        let unused = |used: &Used| used.name == trial.label && used.count == 0;
        if tally.rotation.secrets.iter().any(unused) {
            tally.elsewhere = elsewhere(library, rules, provider.id(), trial);
        }
    }
    tally
}

/// Another provider whose captures a secret signed: it was copied from the wrong place.
fn elsewhere(library: &Library, rules: &Rules, provider: &str, secret: Secret) -> Option<Arc<str>> {
    let secrets = [secret];
    let mut others = library.ids(|row| {
        row.summary.provider.as_deref().is_some_and(|other| other != provider)
            && row.summary.cut != Some(Cut::Refused)
            && row.summary.size <= SMALL
    });
    others.truncate(ELSEWHERE);
    let mut found = None;
    library.each(&others, |record| {
        let capture = &record.capture;
        if !rules.check_with(capture, rules.endpoint_of(capture), &secrets).signed_ok {
            return ControlFlow::Continue(());
        }
        found = capture.summary.provider.clone();
        ControlFlow::Break(())
    });
    found
}

/// Which secret of a provider signed which of the captures that are still kept, as they were checked.
#[must_use]
pub fn rotation(library: &Library, rules: &Rules, provider: &str) -> Rotation {
    let mut rotation = known(rules, provider);
    for id in library.ids(|row| of(row, provider)) {
        let Some(row) = library.store().row(id) else { continue };
        if let Some(check) = &row.check {
            rotation.add(id, row.summary.received_at, check);
        }
    }
    rotation.sorted()
}

/// The secrets that count for some requests of a provider.
fn known(rules: &Rules, provider: &str) -> Rotation {
    Rotation::new(provider, rules.names_of(provider))
}

/// Whether a line is that of a checked capture of a provider. A refused request is not checked, and one
/// whose check is under way is left to it.
fn of(row: &Row, provider: &str) -> bool {
    row.summary.provider.as_deref() == Some(provider)
        && row.summary.cut != Some(Cut::Refused)
        && row.check.is_some()
}

/// Adds a secret to a `.env` file, which is made if there is none, for its owner alone. What stands in
/// the file stays. A variable that is there already is overridden by a later line, if `replace` says so.
#[must_use]
pub fn save(file: &Path, name: &str, secret: &Secret, replace: bool) -> Saved {
    let before = match read(file) {
        Ok(before) => before,
        Err(why) => return Saved::Failed(why),
    };
    let line = match dotenv::line(name, secret.expose()) {
        Ok(line) => line,
        Err(why) => return Saved::Failed(why.to_owned()),
    };
    let nothing = |_: &str| None;
    let (known, _) = dotenv::parse("", &before, &nothing);
    if let Some(value) = known.get(name) {
        if value.as_bytes() == secret.expose() {
            return Saved::Done(format!("{name} is in .env already, with this very secret."));
        }
        if !replace {
            let why = format!(
                "{name} is in .env already, with another value. Once more adds a line that overrides it."
            );
            return Saved::Taken { name: name.to_owned(), why };
        }
    }
    let mut added = Zeroizing::new(Vec::new());
    if before.last().is_some_and(|&last| last != b'\n') {
        added.push(b'\n');
    }
    added.extend_from_slice(line.as_bytes());
    // An open quote before it would swallow the line.
    let whole = Zeroizing::new([&before[..], &added].concat());
    let (after, _) = dotenv::parse("", &whole, &nothing);
    if after.get(name).map(str::as_bytes) != Some(secret.expose()) {
        return Saved::Failed("The end of .env cannot be added to: is a quote left open there?".to_owned());
    }
    match append(file, &added) {
        Ok(()) if std::env::var_os(name).is_some() => {
            Saved::Done(format!("Written to .env; but the environment has {name} too, and it comes first."))
        }
        Ok(()) => Saved::Done(format!("Written to .env as {name}.")),
        Err(error) => Saved::Failed(format!("The file .env cannot be written: {error}.")),
    }
}

fn read(file: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    let mut bytes = Zeroizing::new(Vec::new());
    // Asked first: opening a pipe would wait for its writer.
    let opened = match fs::metadata(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(bytes),
        Ok(facts) if !facts.is_file() => return Err("There is a .env that is not a file.".to_owned()),
        Ok(_) => File::open(file).and_then(|opened| opened.take(LONGEST + 1).read_to_end(&mut bytes)),
        Err(error) => Err(error),
    };
    match opened {
        Err(error) => Err(format!("The file .env cannot be read: {error}.")),
        Ok(_) if bytes.len() as u64 > LONGEST => Err("The file .env is longer than 1 MiB.".to_owned()),
        Ok(_) if std::str::from_utf8(&bytes).is_err() => Err("The file .env is not UTF-8.".to_owned()),
        Ok(_) => Ok(bytes),
    }
}

/// One write, so that who reads meanwhile sees all of it or nothing.
fn append(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut opened = options.open(file)?;
    opened.write_all(bytes)?;
    opened.sync_all()
}
