//! `hookglass verify`: is this request rightly signed?

use clap::Args;

use crate::{
    cli::{
        Flags, Shared,
        report::{self, fault},
        shared,
    },
    config::quantity,
    domain::{import::import, signature::Verdict},
    engine::{
        ears,
        lab::{
            input, provider,
            verify::{Question, verify},
        },
        output::json,
        run::code,
    },
};

/// The arguments of `verify`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Exit code: 0 when the signature is valid, 1 when it is not, 2 when the request cannot be read.

Examples:
  hookglass verify request.http
  pbpaste | hookglass verify --provider stripe -s env:STRIPE_WEBHOOK_SECRET
  hookglass verify capture.jsonl --entry 3 --at arrival --json")]
pub struct Verify {
    /// The file with the request; - or nothing for standard input
    #[arg(value_name = "FILE")]
    pub file: Option<String>,

    /// Who sent it [default: recognised from the request]
    #[arg(long, value_name = "PROVIDER")]
    pub provider: Option<String>,

    /// The time to check it for: RFC 3339, seconds since 1970, or arrival for the time in the file
    /// [default: now]
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,

    /// The whole URL that the provider has configured, for providers that sign it
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,

    /// How old the request may be, such as 5m, or off [default: what the provider documents]
    #[arg(long, value_name = "DURATION")]
    pub tolerance: Option<String>,

    /// Which request of a file with several, counted from 1
    #[arg(long, value_name = "N")]
    pub entry: Option<String>,

    /// Print the result as one JSON object
    #[arg(long)]
    pub json: bool,

    /// Where secrets are.
    #[command(flatten)]
    pub shared: Shared,
}

impl Verify {
    pub(super) fn run(self, before: Flags) -> Result<u8, u8> {
        let flags = self.shared.flags(before, self.provider.as_deref());
        let (inputs, loaded) = shared::open(&flags)?;
        let tolerance = self.tolerance.as_deref().map(quantity::tolerance).transpose();
        let tolerance = tolerance.map_err(|why| fault(&format!("--tolerance: {why}")))?;
        let entry =
            self.entry.as_deref().map(|text| text.parse().ok().filter(|&number| number > 0).ok_or(()));
        let entry = entry
            .transpose()
            .map_err(|()| fault("--entry: this must be the number of a request, counted from 1"))?;
        let known = |id: &String| provider(&loaded.rules.catalog, id).map(|known| known.id().to_owned());
        let provider = self.provider.as_ref().map(known).transpose();
        let provider = provider.map_err(|why| fault(&format!("--provider: {why}")))?;

        // `None` for the arrival, which only the request tells.
        let at = match self.at.as_deref() {
            None => Some(ears::now()),
            Some("arrival") => None,
            Some(text) => Some(input::moment(text).map_err(|why| fault(&format!("--at: {why}")))?),
        };

        let text =
            input::read(self.file.as_deref(), &inputs.dir).map_err(|why| fault(&format!("FILE: {why}")))?;
        let request = import(&text, entry).map_err(|error| fault(&error.to_string()))?;
        let at = at
            .or(request.received_at)
            .ok_or_else(|| fault("--at: the request does not say when it arrived"))?;
        let question = Question { provider, url: self.url, tolerance };
        let found = verify(&loaded.rules, &request, &question, at);

        let mut out = Vec::new();
        if self.json {
            json::signature_line(&found.report.check, &found.report.explanation, &mut out);
        } else {
            out.extend_from_slice(found.text().as_bytes());
            out.push(b'\n');
        }
        report::data(&out)?;
        found.notes.iter().for_each(|note| report::line(&format!("note: {note}")));
        Ok(if found.report.check.verdict == Verdict::Valid { code::DONE } else { code::FAILED })
    }
}
