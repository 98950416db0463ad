//! `hookglass import`: captures out of files, checked, into the session file. Nothing is sent.

use clap::Args;

use crate::{
    cli::{
        Flags, Shared,
        report::{self, fault},
        shared,
    },
    engine::{
        lab::{
            import::{self, Findings},
            store,
        },
        output::json,
        run::code,
    },
};

/// The arguments of `import`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Reads HAR (browsers, mitmproxy, Charles, Insomnia …), the JSON lines of --output json, scripts of curl
commands, and raw HTTP. Each capture is checked for the time at which it arrived, gets the next number of
the session file, and can then be looked at and sent as any other. Nothing is sent by itself, and no file that
one of them names is read.

Examples:
  hookglass import browser.har
  hookglass import --print captures.jsonl requests.sh | jq .signature.verdict")]
pub struct Import {
    /// The files; - or nothing for standard input
    #[arg(value_name = "FILE")]
    pub files: Vec<String>,

    /// The session file to put them into [default: the one in the user's state directory]
    #[arg(long, value_name = "FILE")]
    pub session: Option<String>,

    /// Print them as JSON lines, as --output json does, and put them nowhere
    #[arg(long)]
    pub print: bool,

    /// Where secrets are.
    #[command(flatten)]
    pub shared: Shared,
}

impl Import {
    pub(super) fn run(self, before: Flags) -> Result<u8, u8> {
        let mut flags = self.shared.flags(before, None);
        flags.session = self.session.or(flags.session);
        let (inputs, loaded) = shared::open(&flags)?;
        let findings = import::read(&self.files, &inputs.dir, &loaded.rules)
            .map_err(|why| fault(&format!("FILE: {why}")))?;
        findings.notes.iter().for_each(|note| report::line(&format!("note: {note}")));
        let count = findings.found.len();
        if self.print || count == 0 {
            print(&findings)?;
            report::line(&format!("{count} {} read", if count == 1 { "capture" } else { "captures" }));
            return Ok(code::DONE);
        }
        let stored = store::store(findings.found, &inputs).map_err(|why| {
            fault(&why);
            code::UNUSABLE
        })?;
        stored.notices.iter().for_each(|notice| report::line(&format!("note: {notice}")));
        let (first, last) = stored.numbers;
        let numbers = if first == last { first.to_string() } else { format!("{first}-{last}") };
        let word = if count == 1 { "capture" } else { "captures" };
        report::line(&format!("{count} {word} put into {} as {numbers}", stored.path.display()));
        Ok(code::DONE)
    }
}

fn print(findings: &Findings) -> Result<(), u8> {
    let mut out = Vec::new();
    for found in &findings.found {
        json::capture_line(&found.record, &found.explanation, &mut out);
        for delivery in found.record.deliveries.iter() {
            json::delivery_line(delivery, &mut out);
        }
        if out.len() > 1 << 20 {
            report::data(&out)?;
            out.clear();
        }
    }
    report::data(&out)
}
