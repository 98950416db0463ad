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
    },
    engine::{
        lab::{
            export::{self, Given, Which},
            import,
        },
        outfile::{OutFile, TAKEN, told},
        run::code,
    },
};

/// The arguments of `export`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Formats: curl, httpie, http (raw), har, jsonl, python, fetch, reqwest.

Secrets (authorization, cookies, tokens, passwords, signatures …) are redacted unless --raw is given.
Commands and snippets send to --to, else to where the file says the request went.

Examples:
  hookglass export all --from captures.jsonl --format har --out captures.har
  hookglass export 1-5,9 --from captures.jsonl --format curl --to 3000
  hookglass export --from browser.har --format curl --raw")]
pub struct Export {
    /// Which captures: all, marked, or numbers and ranges such as 1-5,9 [default: all]
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

    /// Where to take the captures from, in place of the session: JSON lines, HAR, curl, raw HTTP;
    /// - for standard input
    #[arg(long, value_name = "FILE")]
    pub from: Option<String>,

    /// The session file to take the captures from
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
        let which = self.which.as_deref().map_or(Ok(Which::All), Which::parse);
        let which = which.map_err(|why| fault(&format!("WHICH: {why}")))?;
        let format = self.format()?;
        let to = self.to.as_deref().map(Target::parse).transpose();
        let to = to.map_err(|error| fault(&format!("--to: {error}")))?;
        let (inputs, loaded) = shared::open(&self.shared.flags(before, None))?;
        if self.session.is_some() {
            return Err(fault("--session is not in this version yet: name a file with captures by --from"));
        }
        let Some(from) = self.from else {
            return Err(fault("--from is missing: name a file with captures, or - for standard input"));
        };
        let found = import::read(&[from], &inputs.dir, &loaded.rules)
            .map_err(|why| fault(&format!("--from: {why}")))?;
        found.notes.iter().for_each(|note| report::line(&format!("note: {note}")));
        let chosen: Vec<_> = found.found.into_iter().filter(|found| which.has(&found.record)).collect();
        if chosen.is_empty() {
            report::line("error: there is no such capture");
            return Ok(code::FAILED);
        }
        let redaction = match self.raw {
            true => Redaction::none(),
            false => export::redaction(&inputs.settings, &loaded.rules.catalog),
        };
        let own = Target { tls: false, host: "127.0.0.1".into(), port: 7878, path: String::new() };
        let options = Options {
            base: to.clone().unwrap_or(own),
            redaction,
            many: chosen.len() > 1,
            bare: false,
            version: env!("CARGO_PKG_VERSION"),
        };
        let given = chosen.into_iter().map(|found| Given {
            base: if to.is_some() { None } else { found.url.as_deref().and_then(origin) },
            record: found.record,
            explanation: found.explanation,
        });
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
