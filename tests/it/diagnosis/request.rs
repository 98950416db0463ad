//! Requests that are signed here, by other code than the library's, and then broken in one way.

use data_encoding::{BASE64, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use hookglass::domain::{
    headers::Head,
    signature::{Budget, Catalog, Diagnosis, Keys, Known, Request, Secret, Surroundings},
    time::Timestamp,
};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

/// The second at which all requests are signed.
pub(super) const AT: i64 = 1_700_000_000;

/// A signed request as it arrives.
#[derive(Clone, Debug, Default)]
pub(super) struct Made {
    pub(super) provider: &'static str,
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) secret: Vec<u8>,
    pub(super) known: Vec<(&'static str, Vec<u8>)>,
    pub(super) url: Option<String>,
    /// Seconds between signing and arrival.
    pub(super) late: i64,
    pub(super) attempt: Option<u32>,
}

pub(super) fn sha256(key: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_ref()).unwrap();
    mac.update(content.as_ref());
    mac.finalize().into_bytes().to_vec()
}

pub(super) fn sha1(key: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(key.as_ref()).unwrap();
    mac.update(content.as_ref());
    mac.finalize().into_bytes().to_vec()
}

pub(super) fn sha512(key: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Vec<u8> {
    let mut mac = Hmac::<Sha512>::new_from_slice(key.as_ref()).unwrap();
    mac.update(content.as_ref());
    mac.finalize().into_bytes().to_vec()
}

pub(super) fn hex(bytes: impl AsRef<[u8]>) -> String {
    HEXLOWER.encode(bytes.as_ref())
}

pub(super) fn base64(bytes: impl AsRef<[u8]>) -> String {
    BASE64.encode(bytes.as_ref())
}

/// GitHub, whose signature covers the body alone: what was signed with which key, and what arrives.
pub(super) fn github(key: impl AsRef<[u8]>, signed: impl AsRef<[u8]>, arrives: impl AsRef<[u8]>) -> Made {
    made("github", arrives)
        .with("X-GitHub-Event", "push")
        .with("X-Hub-Signature-256", format!("sha256={}", hex(sha256(key, signed))))
}

/// Shopify: Base64.
pub(super) fn shopify(key: impl AsRef<[u8]>, signed: impl AsRef<[u8]>, arrives: impl AsRef<[u8]>) -> Made {
    made("shopify", arrives)
        .with("X-Shopify-Topic", "orders/create")
        .with("X-Shopify-Hmac-Sha256", base64(sha256(key, signed)))
}

/// Stripe, with the content that was signed in full.
pub(super) fn stripe(key: impl AsRef<[u8]>, content: impl AsRef<[u8]>, arrives: impl AsRef<[u8]>) -> Made {
    made("stripe", arrives).with("Stripe-Signature", format!("t={AT},v1={}", hex(sha256(key, content))))
}

/// Slack, with the content that was signed in full.
pub(super) fn slack(key: impl AsRef<[u8]>, content: impl AsRef<[u8]>, arrives: impl AsRef<[u8]>) -> Made {
    made("slack", arrives)
        .with("X-Slack-Request-Timestamp", AT.to_string())
        .with("X-Slack-Signature", format!("v0={}", hex(sha256(key, content))))
}

/// Standard Webhooks, with the content that was signed in full.
pub(super) fn standard(key: impl AsRef<[u8]>, content: impl AsRef<[u8]>, arrives: impl AsRef<[u8]>) -> Made {
    made("standard-webhooks", arrives)
        .with("webhook-id", "msg_1")
        .with("webhook-timestamp", AT.to_string())
        .with("webhook-signature", format!("v1,{}", base64(sha256(key, content))))
}

/// Twilio, with the URL that was signed and the one that is known here; its form is `A=1&B=two`.
pub(super) fn twilio(key: &str, signed: &str, known: &str) -> Made {
    let mut made = made("twilio", "A=1&B=two")
        .with("Content-Type", "application/x-www-form-urlencoded")
        .with("X-Twilio-Signature", base64(sha1(key, format!("{signed}A1Btwo"))))
        .secret(key);
    made.at(known);
    made
}

/// Square, with the URL that was signed and the one that is known here.
pub(super) fn square(key: &str, signed: &str, known: &str, body: &str) -> Made {
    let mut made = made("square", body)
        .with("x-square-hmacsha256-signature", base64(sha256(key, format!("{signed}{body}"))))
        .secret(key);
    made.at(known);
    made
}

fn made(provider: &'static str, body: impl AsRef<[u8]>) -> Made {
    Made { provider, target: "/in".to_owned(), body: body.as_ref().to_vec(), ..Made::default() }
}

impl Made {
    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub(super) fn lacking(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    pub(super) fn arriving(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        self
    }

    pub(super) fn secret(mut self, secret: impl AsRef<[u8]>) -> Self {
        self.secret = secret.as_ref().to_vec();
        self
    }

    pub(super) fn knowing(mut self, provider: &'static str, secret: impl AsRef<[u8]>) -> Self {
        self.known.push((provider, secret.as_ref().to_vec()));
        self
    }

    pub(super) fn late(mut self, seconds: i64) -> Self {
        self.late = seconds;
        self
    }

    fn at(&mut self, url: &str) {
        let host = url.find("://").unwrap() + 3;
        self.target = url[host..].find('/').map_or("/", |path| &url[host + path..]).to_owned();
        self.url = Some(url.to_owned());
    }

    pub(super) fn head(&self) -> Vec<u8> {
        let mut head = format!("POST {} HTTP/1.1\r\n", self.target).into_bytes();
        for (name, value) in &self.headers {
            head.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        head.extend_from_slice(b"\r\n");
        head
    }

    /// Runs something on the request in the library's form.
    pub(super) fn run<T>(&self, work: impl FnOnce(&Request<'_>, &Keys<'_>, &Surroundings<'_>) -> T) -> T {
        let head = self.head();
        let urls: Vec<String> = self.url.iter().cloned().collect();
        let request = Request {
            head: Head::new(&head),
            body: &self.body,
            provider: Some(self.provider),
            urls: &urls,
            arrived: Timestamp::from_micros((AT + self.late) * 1_000_000),
            complete: true,
        };
        let secrets = [Secret::new("CONFIGURED", self.secret.clone())];
        let known: Vec<Known> = self
            .known
            .iter()
            .map(|(provider, secret)| Known {
                provider: Some((*provider).into()),
                endpoint: None,
                secret: Secret::new("OTHER_SECRET", secret.clone()),
            })
            .collect();
        work(&request, &Keys::of(&secrets), &Surroundings { known: &known, attempt: self.attempt })
    }

    pub(super) fn diagnose(&self) -> Option<Diagnosis> {
        self.diagnose_within(Budget::default())
    }

    pub(super) fn diagnose_within(&self, budget: Budget) -> Option<Diagnosis> {
        self.run(|request, keys, around| Catalog::builtin().diagnose(request, keys, around, budget))
    }
}
