//! `hookglass import`: captures out of files, checked. Nothing is sent.

use clap::Args;

use crate::{
    cli::{
        Flags, Shared,
        report::{self, fault},
        shared,
    },
    engine::{
        lab::import::{self, Findings},
        output::json,
        run::code,
    },
};

/// The arguments of `import`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Reads HAR (browsers, mitmproxy, Charles, Insomnia …), the JSON lines of --output json, scripts of curl
commands, and raw HTTP. Each capture is checked for the time at which it arrived. Nothing is sent, and no
file that one of them names is read. What was read is printed as JSON lines.

Examples:
  hookglass import browser.har
  hookglass import captures.jsonl requests.sh | jq .signature.verdict")]
pub struct Import {
    /// The files; - or nothing for standard input
    #[arg(value_name = "FILE")]
    pub files: Vec<String>,

    /// The session file to put them into
    #[arg(long, value_name = "FILE")]
    pub session: Option<String>,

    /// Where secrets are.
    #[command(flatten)]
    pub shared: Shared,
}

impl Import {
    pub(super) fn run(self, before: Flags) -> Result<u8, u8> {
        let (inputs, loaded) = shared::open(&self.shared.flags(before, None))?;
        if self.session.is_some() {
            return Err(fault("--session is not in this version yet: what is read goes to standard output"));
        }
        let findings = import::read(&self.files, &inputs.dir, &loaded.rules)
            .map_err(|why| fault(&format!("FILE: {why}")))?;
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
        report::data(&out)?;
        Ok(tell(&findings))
    }
}

fn tell(findings: &Findings) -> u8 {
    findings.notes.iter().for_each(|note| report::line(&format!("note: {note}")));
    let count = findings.found.len();
    report::line(&format!("{count} {} read", if count == 1 { "capture" } else { "captures" }));
    code::DONE
}
