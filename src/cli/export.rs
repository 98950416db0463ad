//! `hookglass export`: captures as other programs read them.

use std::io::{self, Write};

use clap::Args;

use crate::{
    cli::{
        Flags, Shared,
        report::{self, fault},
        shared,
    },
    config::nearest,
    domain::{
        export::{FORMATS, Format, Options, Summary},
        redact::Redaction,
        target::Target,
        which::Which,
    },
    engine::{
        ears::now,
        lab::{
            export::{self, Given},
            import, kept,
        },
        outfile::{OutFile, TAKEN, told},
        rules::Rules,
        run::code,
        setup::Inputs,
    },
};

/// The arguments of `export`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Formats: curl, httpie, http (raw), har, jsonl, python, fetch, reqwest.

Secrets (authorization, cookies, tokens, passwords, signatures …) are redacted unless --raw is given.
Commands and snippets send to --to, else to where the file says the request went.

Examples:
  hookglass export marked --format har --out captures.har
  hookglass export 1-5,9 --format curl --to 3000
  hookglass export 'provider:stripe sig:invalid' --format jsonl | jq .signature
  hookglass export --from browser.har --format curl --raw")]
pub struct Export {
    /// Which captures: all, marked, last, last:5, numbers and ranges such as 1-5,9, or a filter such as
    /// "provider:stripe sig:invalid" [default: all]
    #[arg(value_name = "WHICH")]
    pub which: Option<String>,

    /// The form: curl, httpie, http, har, jsonl, python, fetch or reqwest [default: by the name of --out]
    #[arg(long, value_name = "F")]
    pub format: Option<String>,

    /// The file to write; - or nothing for standard output. It must not exist yet
    #[arg(long, value_name = "FILE")]
    pub out: Option<String>,

    /// Write over a file that exists
    #[arg(long)]
    pub force: bool,

    /// Redact nothing: secrets are in the export
    #[arg(long)]
    pub raw: bool,

    /// Where to take the captures from, in place of the session file: JSON lines, HAR, curl, raw HTTP;
    /// - for standard input
    #[arg(long, value_name = "FILE")]
    pub from: Option<String>,

    /// The session file to take the captures from [default: the one in the user's state directory]
    #[arg(long, value_name = "FILE")]
    pub session: Option<String>,

    /// Where commands and snippets send to: a port or a URL
    #[arg(long, value_name = "URL")]
    pub to: Option<String>,

    /// Where secrets are.
    #[command(flatten)]
    pub shared: Shared,
}

impl Export {
    pub(super) fn run(self, before: Flags) -> Result<u8, u8> {
        let text = self.which.as_deref().unwrap_or("all");
        let which = Which::parse(text).map_err(|error| fault(&format!("WHICH: {error}")))?;
        let format = self.format()?;
        let to = self.to.as_deref().map(Target::parse).transpose();
        let to = to.map_err(|error| fault(&format!("--to: {error}")))?;
        let mut flags = self.shared.clone().flags(before, None);
        flags.session = self.session.clone().or(flags.session);
        let (inputs, loaded) = shared::open(&flags)?;
        let setting = Setting { format, to: to.as_ref(), inputs: &inputs, rules: &loaded.rules };
        match &self.from {
            Some(from) => {
                let found = import::read(std::slice::from_ref(from), &inputs.dir, &loaded.rules)
                    .map_err(|why| fault(&format!("--from: {why}")))?;
                found.notes.iter().for_each(|note| report::line(&format!("note: {note}")));
                let count = found.found.len() as u64;
                let now = now();
                let chosen: Vec<_> = found
                    .found
                    .into_iter()
                    .zip((0..count).rev())
                    .filter(|(found, newer)| which.matches(&found.record, *newer, now))
                    .map(|(found, _)| found)
                    .collect();
                let many = chosen.len();
                let given = chosen.into_iter().map(|found| Given {
                    base: if to.is_some() { None } else { found.url.as_deref().and_then(origin) },
                    record: found.record,
                    explanation: found.explanation,
                });
                self.write(&setting, many, given)
            }
            None => {
                let reader = kept::open(&inputs.settings)
                    .map_err(|why| unusable(&format!("{why}; or name captures by --from")))?;
                let ids =
                    kept::chosen(&reader, &which, now()).map_err(|error| unusable(&error.to_string()))?;
                let tell = |why: String| report::line(&format!("note: {why}"));
                let given = kept::records(&reader, &ids, &tell).map(|record| Given {
                    explanation: loaded.rules.explain(&record),
                    record,
                    base: None,
                });
                self.write(&setting, ids.len(), given)
            }
        }
    }

    /// Writes captures to where they are wanted.
    fn write(
        &self,
        setting: &Setting<'_>,
        count: usize,
        given: impl Iterator<Item = Given>,
    ) -> Result<u8, u8> {
        if count == 0 {
            report::line("error: there is no such capture");
            return Ok(code::FAILED);
        }
        let Setting { format, to, inputs, rules } = *setting;
        let redaction = match self.raw {
            true => Redaction::none(),
            false => export::redaction(&inputs.settings, &rules.catalog),
        };
        let own = Target { tls: false, host: "127.0.0.1".into(), port: 7878, path: String::new() };
        let options = Options {
            base: to.cloned().unwrap_or(own),
            redaction,
            many: count > 1,
            bare: false,
            version: env!("CARGO_PKG_VERSION"),
        };
        let summary = match self.out.as_deref().filter(|out| *out != "-") {
            Some(out) => {
                let mut file = OutFile::create(&inputs.dir.join(out), self.force).map_err(|why| {
                    let hint = if why == TAKEN { "; --force writes over it" } else { "" };
                    unusable(&format!("--out: {why}{hint}"))
                })?;
                let summary = export::write(given, format, options, &mut file)
                    .map_err(|error| unusable(&format!("--out: {}", told(&error))))?;
                file.finish().map_err(|why| unusable(&format!("--out: {why}")))?;
                summary
            }
            None => {
                let mut stdout = io::stdout().lock();
                match export::write(given, format, options, &mut stdout)
                    .and_then(|s| stdout.flush().map(|()| s))
                {
                    Ok(summary) => summary,
                    // A reader that has gone away has what it wanted.
                    Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(code::DONE),
                    Err(_) => return Err(unusable("standard output cannot be written")),
                }
            }
        };
        Ok(tell(&summary, self.raw, self.out.is_some()))
    }

    /// The format that is named, or that the ending of the file stands for.
    fn format(&self) -> Result<&'static Format, u8> {
        let known = || FORMATS.iter().map(|format| format.name).collect::<Vec<_>>().join(", ");
        match (&self.format, &self.out) {
            (Some(name), _) => Format::find(&name.to_ascii_lowercase()).ok_or_else(|| {
                let names = FORMATS.iter().map(|format| format.name);
                match nearest(name, names) {
                    Some(meant) => fault(&format!("--format: there is no such form; did you mean {meant}?")),
                    None => fault(&format!("--format: there is no such form; there are {}", known())),
                }
            }),
            (None, Some(out)) => {
                let ending = out.rsplit('.').next().unwrap_or_default();
                FORMATS.iter().find(|format| format.ending == ending).ok_or_else(|| {
                    fault(&format!(
                        "--format is missing, and the name of the file stands for none: {}",
                        known()
                    ))
                })
            }
            (None, None) => Err(fault(&format!("--format is missing: {}", known()))),
        }
    }
}

/// What an export is made with.
struct Setting<'a> {
    format: &'static Format,
    to: Option<&'a Target>,
    inputs: &'a Inputs,
    rules: &'a Rules,
}

/// Scheme and authority of a URL that stands in a file.
fn origin(url: &str) -> Option<Target> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let authority = authority.rsplit('@').next()?;
    Target::parse(&format!("{scheme}://{authority}")).ok()
}

fn unusable(sentence: &str) -> u8 {
    fault(sentence);
    code::UNUSABLE
}

/// What became of it, on standard error. Nothing but warnings where the data goes to a pipe.
fn tell(summary: &Summary, raw: bool, file: bool) -> u8 {
    for why in summary.skipped.iter().take(20) {
        report::line(&format!("left out: {why}"));
    }
    if summary.skipped.len() > 20 {
        report::line(&format!("left out: {} more", summary.skipped.len() - 20));
    }
    summary.notes.iter().for_each(|note| report::line(&format!("note: {note}")));
    let secrets = if raw { "secrets included" } else { "secrets redacted, --raw keeps them" };
    if file || !raw {
        let word = if summary.count == 1 { "capture" } else { "captures" };
        report::line(&format!("{} {word} written, {secrets}", summary.count));
    }
    if summary.skipped.is_empty() { code::DONE } else { code::FAILED }
}
