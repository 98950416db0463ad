//! `hookglass sign`: what would a right sender send?

use std::{net::SocketAddr, sync::Arc};

use clap::Args;

use crate::{
    cli::{
        Flags, Shared,
        report::{self, fault},
        shared,
    },
    domain::{
        capture::{Capture, HttpVersion, Incoming},
        export::curl,
        samples::Unique,
        signature::Draft,
        summary::Origin,
        target::Target,
        time::Timestamp,
    },
    engine::{
        ears,
        lab::{
            input, provider,
            sign::{Order, told},
        },
        run::code,
    },
};

/// The arguments of `sign`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  hookglass sign github '{\"zen\":\"Less is more.\"}'
  hookglass sign stripe event.json --at 2026-11-21T22:26:09Z
  hookglass sign twilio body.txt --url https://hooks.example.com/sms --curl http://localhost:3000/sms

Where the signature stands in the body, the signed body follows the headers after an empty line.
For providers that are checked with a public key, the secret is the private key: PEM (PKCS #8, RSA or EC),
or whsk_ and Base64. HTTP signatures (rfc9421, activitypub) take such a key or the secret of an HMAC.")]
pub struct Sign {
    /// Who would send it
    #[arg(value_name = "PROVIDER")]
    pub provider: String,

    /// The body: a file, - for standard input, or the text itself [default: none]
    #[arg(value_name = "BODY")]
    pub body: Option<String>,

    /// The whole URL that the provider has configured, for providers that sign it
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,

    /// The time of sending: RFC 3339, or seconds since 1970 [default: now]
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,

    /// The event, for providers that name it in a header
    #[arg(long, value_name = "EVENT")]
    pub event: Option<String>,

    /// The scheme of a provider that has several, such as github_sha1 [default: the strongest]
    #[arg(long, value_name = "SCHEME")]
    pub scheme: Option<String>,

    /// Print a curl command that sends it to this URL
    #[arg(long, value_name = "URL")]
    pub curl: Option<String>,

    /// Where secrets are.
    #[command(flatten)]
    pub shared: Shared,
}

impl Sign {
    pub(super) fn run(self, before: Flags) -> Result<u8, u8> {
        let flags = self.shared.flags(before, Some(&self.provider));
        let target = self.curl.as_deref().map(Target::parse).transpose();
        let target = target.map_err(|error| fault(&format!("--curl: {error}")))?;
        if self.event.as_ref().is_some_and(|event| event.chars().any(char::is_control)) {
            return Err(fault("--event: there is a control character in it"));
        }
        let (inputs, loaded) = shared::open(&flags)?;
        let provider = provider(&loaded.rules.catalog, &self.provider);
        let provider = provider.map_err(|why| fault(&format!("PROVIDER: {why}")))?;
        let body = self.body.as_deref().map(|body| input::text_or_file(body, &inputs.dir)).transpose();
        let body = body.map_err(|why| fault(&format!("BODY: {why}")))?.unwrap_or_default();
        let at = self.at.as_deref().map_or_else(|| Ok(ears::now()), input::moment);
        let at = at.map_err(|why| fault(&format!("--at: {why}")))?;
        let url = signed_url(self.url, target.as_ref()).map_err(fault_of_url)?;
        let unique = Unique::of(input::random().map_err(|why| fault(&why))?, at);
        let order = Order {
            url: url.clone().unwrap_or_else(|| "http://localhost/".to_owned()),
            body,
            content_type: None,
            headers: Vec::new(),
            event: self.event,
            at,
            scheme: self.scheme,
            edit_body: false,
        };
        let draft = order.draft(provider, &unique);
        let signed = order
            .sign(&loaded.rules, provider, &draft, &unique.uuid(), None)
            .map_err(|error| fault(&told(&error, provider)))?;
        let signs_url =
            provider.schemes().iter().any(|scheme| *scheme.id() == *signed.scheme && scheme.covers_url());
        if url.is_none() && signs_url {
            return Err(fault("--url: this provider signs its URL, so it must be known"));
        }

        let out = match &target {
            Some(target) => command_line(&signed.request, target)?,
            None => headers(&signed.request, signed.request.body != order.body),
        };
        report::data(&out)?;
        Ok(code::DONE)
    }
}

fn fault_of_url(why: &'static str) -> u8 {
    fault(&format!("--url: {why}"))
}

/// The URL that is signed: the one that is given, else that of the target.
pub(super) fn signed_url(
    given: Option<String>,
    target: Option<&Target>,
) -> Result<Option<String>, &'static str> {
    let Some(url) = given else {
        return Ok(target
            .map(|target| if target.path.is_empty() { format!("{target}/") } else { target.to_string() }));
    };
    let whole =
        ["http://", "https://"].iter().any(|scheme| url.len() > scheme.len() && url.starts_with(scheme));
    if !whole || url.bytes().any(|b| b <= b' ' || b == 0x7f) {
        return Err("this must be a whole URL that begins with http:// or https://");
    }
    Ok(Some(url))
}

fn headers(request: &Draft, with_body: bool) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, value) in &request.headers {
        out.extend_from_slice(format!("{name}: {value}\n").as_bytes());
    }
    if with_body {
        out.push(b'\n');
        out.extend_from_slice(&request.body);
    }
    out
}

fn command_line(request: &Draft, target: &Target) -> Result<Vec<u8>, u8> {
    let query = request.url.split_once('?').map(|(_, query)| format!("?{query}")).unwrap_or_default();
    let path = if target.path.is_empty() { "/" } else { &target.path };
    let url = format!("{}{path}{query}", target.origin());
    let incoming = Incoming {
        received_at: Timestamp::default(),
        remote: SocketAddr::from(([127, 0, 0, 1], 0)),
        version: HttpVersion::Http11,
        head: Draft { url, ..request.clone() }.head(),
        body: request.body.clone(),
        trailers: Vec::new(),
        cut: None,
        announced: None,
        refusal: None,
    };
    let capture = Arc::new(Capture::new(incoming, None, Origin::default()));
    let made = curl::command(&capture, target).map_err(|error| fault(&error.to_string()))?;
    made.notes.iter().for_each(|note| report::line(&format!("note: {note}")));
    Ok(format!("{}\n", made.text).into_bytes())
}
