//! Checking 10,000 captures again with one more secret, as the what-if dialog does.
//! `cargo bench -- whatif`

use std::{sync::Arc, time::Instant};

use hmac::{Hmac, KeyInit, Mac};
use hookglass::{
    domain::{
        capture::{Capture, HttpVersion, Incoming},
        endpoint::Endpoints,
        signature::{Catalog, Secret},
        store::{Limits, Store},
        summary::Origin,
        time::Timestamp,
    },
    engine::{extra::Extra, library::Library, rules::Rules, secrets::Keyring, whatif::check_again},
};
use sha2::Sha256;

const CAPTURES: usize = 10_000;
const BODY: usize = 1_500;

fn capture(secret: &[u8]) -> Capture {
    let body = [&b"{\"a\":\""[..], &vec![b'x'; BODY - 8], b"\"}"].concat();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(&body);
    let signature = data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes());
    let head = format!(
        "POST /hook HTTP/1.1\r\nHost: h\r\nX-GitHub-Event: push\r\nX-Hub-Signature-256: sha256={signature}\r\n\r\n"
    );
    let incoming = Incoming {
        received_at: Timestamp::from_micros(0),
        remote: ([127, 0, 0, 1], 1).into(),
        version: HttpVersion::Http11,
        head: head.into_bytes(),
        body,
        trailers: Vec::new(),
        cut: None,
        announced: None,
        refusal: None,
    };
    Capture::new(incoming, None, Origin { provider: Some("github".into()), ..Origin::default() })
}

/// All captures valid with the secret that is tried, then none of them: a failed check looks for its
/// cause.
pub(crate) fn run() {
    for (name, tried) in [("all become valid", &b"right"[..]), ("none becomes valid", b"wrong")] {
        let store = Arc::new(Store::new(Limits { bytes: 1 << 30, count: 1 << 20 }, || ()));
        let library = Library::new(Arc::clone(&store), None);
        let rules = Rules {
            endpoints: Arc::new(Endpoints::default()),
            keyring: Keyring::of_provider("github", vec![Secret::new("OLD", *b"old")]),
            catalog: Arc::new(Catalog::builtin().clone()),
            public_url: None,
            trusted: Vec::new(),
            forward_to: Vec::new(),
            fetch_keys: false,
            extra: Extra::default(),
        };
        for _ in 0..CAPTURES {
            let capture = capture(b"right");
            let check = rules.check(&capture, None);
            store.push(capture, Some(check));
        }
        rules.extra.try_out(&"github".into(), Secret::new("typed", tried));
        let begun = Instant::now();
        let tally = check_again(&library, &rules, "github");
        println!("{name}: {CAPTURES} of {BODY} bytes in {:?} ({} valid)", begun.elapsed(), tally.valid);
    }
}
