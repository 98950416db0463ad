//! `hookglass send`: what does a handler say to a sample event?

use clap::Args;

use crate::{
    cli::{
        Flags, Shared,
        report::{self, fault},
        shared,
        sign::signed_url,
    },
    client::{Client, Options},
    config::nearest,
    domain::{
        delivery::Delivery,
        samples::{self, SAMPLES, Sample, Unique},
        signature::{Catalog, Provider},
        target::Target,
        text::visible,
    },
    engine::{
        ears,
        lab::{
            input, provider,
            send::{Broken, Prepared, prepare, send},
            sign::Order,
        },
        output::json,
        run::code,
    },
};

/// The arguments of `send`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Exit code: 0 when the handler answers 2xx, 1 when it answers something else, 3 when it cannot be reached.
Without --to, the sample events are listed.

Examples:
  hookglass send stripe invoice.paid --to http://localhost:3000/webhooks
  hookglass send github --to 3000 --break body      a good handler answers 401 or 403
  hookglass send slack --body my-event.json --to http://localhost:3000/slack")]
pub struct Send {
    /// Who would send it
    #[arg(value_name = "PROVIDER")]
    pub provider: Option<String>,

    /// Which event [default: the provider's usual one]
    #[arg(value_name = "EVENT")]
    pub event: Option<String>,

    /// Where to send it: a port or a URL
    #[arg(long, value_name = "URL")]
    pub to: Option<String>,

    /// What to do wrong on purpose: stale, secret, body, missing or replayed
    #[arg(long = "break", value_name = "HOW")]
    pub broken: Option<String>,

    /// A body of your own: a file, or - for standard input
    #[arg(long, value_name = "FILE")]
    pub body: Option<String>,

    /// The whole URL that is signed, where the handler knows itself by another one
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,

    /// Print each delivery as one JSON object
    #[arg(long)]
    pub json: bool,

    /// Where secrets are.
    #[command(flatten)]
    pub shared: Shared,
}

impl Send {
    pub(super) fn run(self, before: Flags) -> Result<u8, u8> {
        let flags = self.shared.flags(before, self.provider.as_deref());
        let target = self.to.as_deref().map(Target::parse).transpose();
        let target = target.map_err(|error| fault(&format!("--to: {error}")))?;
        let broken = self.broken.as_deref().map(|word| {
            let words = Broken::WORDS.map(|(name, _)| name);
            Broken::parse(word)
                .ok_or_else(|| fault(&format!("--break: this must be one of {}", words.join(", "))))
        });
        let broken = broken.transpose()?;
        let (Some(target), Some(id)) = (target, self.provider.as_deref()) else {
            if self.to.is_some() {
                return Err(fault("PROVIDER is missing"));
            }
            return list(self.provider.as_deref());
        };
        let (inputs, loaded) = shared::open(&flags)?;
        let provider =
            provider(&loaded.rules.catalog, id).map_err(|why| fault(&format!("PROVIDER: {why}")))?;
        let sample = sample(provider, self.event.as_deref(), self.body.is_some())?;
        let own = self.body.as_deref().map(|file| input::read(Some(file), &inputs.dir)).transpose();
        let own = own.map_err(|why| fault(&format!("--body: {why}")))?;
        let url = signed_url(self.url, Some(&target)).map_err(|why| fault(&format!("--url: {why}")))?;

        let at = ears::now();
        let unique = Unique::of(input::random().map_err(|why| fault(&why))?, at);
        let event = sample.map(|sample| sample.header.unwrap_or(sample.event)).map(str::to_owned);
        let order = Order {
            url: url.unwrap_or_default(),
            content_type: sample.filter(|_| own.is_none()).map(|sample| sample.content_type.to_owned()),
            headers: sample.map_or(&[][..], |sample| sample.headers).iter().map(owned).collect(),
            event: event.or(self.event.filter(|event| !event.chars().any(char::is_control))),
            at,
            scheme: None,
            edit_body: own.is_none(),
            body: own.or_else(|| sample.map(|sample| sample.body(&unique).into_bytes())).unwrap_or_default(),
        };
        let prepared =
            prepare(&loaded.rules, provider, &order, &unique, broken).map_err(|why| fault(&why))?;
        deliver(&prepared, &target, self.json)
    }
}

fn owned(header: &(&str, &str)) -> (String, String) {
    (header.0.to_owned(), header.1.to_owned())
}

/// The sample that is meant. Who brings a body of their own needs none.
fn sample(provider: &Provider, event: Option<&str>, own_body: bool) -> Result<Option<&'static Sample>, u8> {
    let id = provider.id();
    let found = match event {
        Some(event) => samples::of(id).find(|sample| sample.event.eq_ignore_ascii_case(event)),
        None => samples::of(id).next(),
    };
    if found.is_some() || own_body {
        return Ok(found.filter(|_| event.is_some() || !own_body));
    }
    let known: Vec<&str> = samples::of(id).map(|sample| sample.event).collect();
    let meant = nearest(event.unwrap_or_default(), known.iter().copied());
    Err(fault(&match (known.is_empty(), meant) {
        (true, _) => format!("there is no sample event of {}; give one with --body FILE", provider.name()),
        (false, Some(meant)) => format!("EVENT: there is no such sample; did you mean {meant}?"),
        (false, None) => format!("EVENT: there is no such sample; there are {}", known.join(", ")),
    }))
}

/// Lists the samples of a provider, or all.
fn list(id: Option<&str>) -> Result<u8, u8> {
    if let Some(id) = id {
        provider(Catalog::builtin(), id).map_err(|why| fault(&format!("PROVIDER: {why}")))?;
    }
    let mut out = String::new();
    for sample in SAMPLES.iter().filter(|sample| id.is_none_or(|id| sample.provider.eq_ignore_ascii_case(id)))
    {
        out.push_str(&format!("{:<18} {}\n", sample.provider, sample.event));
    }
    if out.is_empty() {
        return Err(fault("there is no sample event of this provider; give one with --body FILE"));
    }
    report::data(out.as_bytes())?;
    report::line("note: --to URL sends one");
    Ok(code::DONE)
}

fn deliver(prepared: &Prepared, target: &Target, as_json: bool) -> Result<u8, u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|_| {
        report::line("error: the system gives no threads");
        code::UNUSABLE
    })?;
    let client = Client::new(Options::default());
    prepared.notes.iter().for_each(|note| report::line(&format!("note: {note}")));
    let sent = runtime.block_on(send(&client, prepared, target, ears::now)).map_err(|why| fault(&why))?;
    let mut out = Vec::new();
    let mut worst = code::DONE;
    for delivery in &sent {
        worst = worst.max(outcome(delivery));
        if as_json {
            json::delivery_line(delivery, &mut out);
        } else {
            out.extend_from_slice(text(delivery).as_bytes());
        }
    }
    report::data(&out)?;
    Ok(worst)
}

fn outcome(delivery: &Delivery) -> u8 {
    match delivery.outcome.as_ref().map(|outcome| &outcome.result) {
        Some(Ok(reply)) if (200..300).contains(&reply.status) => code::DONE,
        Some(Ok(_)) => code::FAILED,
        _ => code::UNUSABLE,
    }
}

/// One delivery on a line; below it the beginning of an answer that is no success.
fn text(delivery: &Delivery) -> String {
    const MOST: usize = 500;
    let Some(outcome) = &delivery.outcome else { return String::new() };
    let url = visible(delivery.url.as_bytes());
    match &outcome.result {
        Ok(reply) => {
            let reason = visible(reply.reason.as_bytes());
            let mut line = format!("{url}: {} {reason} in {} ms\n", reply.status, outcome.took.as_millis());
            if !(200..300).contains(&reply.status) && !reply.body.is_empty() {
                line.push_str(&format!("  {}\n", visible(&reply.body[..reply.body.len().min(MOST)])));
            }
            line
        }
        Err(why) => format!("{url}: {}\n", visible(why.as_bytes())),
    }
}
