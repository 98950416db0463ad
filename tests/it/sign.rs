//! Signing is the check read backwards: what is signed with a scheme is valid by that scheme, and with
//! any change it no longer is.

use std::collections::BTreeMap;

use hookglass::domain::{
    headers::Head,
    samples::{SAMPLES, Unique},
    signature::{
        Catalog, Check, Draft, KeyForm, Keys, Provider, Request, Scheme, Secret, SignError, Signing, Verdict,
        announce, sign, strip,
    },
    time::Timestamp,
};
use proptest::{
    prelude::{Strategy, any, prop},
    test_runner::{Config, TestRunner},
};

/// A secret in the form that a scheme's keys have.
fn secret(form: KeyForm, bytes: &[u8]) -> Secret {
    let base64 = data_encoding::BASE64.encode(bytes);
    let text = match form {
        KeyForm::Whsec => format!("whsec_{base64}"),
        KeyForm::Hex => data_encoding::HEXLOWER.encode(bytes),
        _ => base64,
    };
    Secret::new("S", text.into_bytes())
}

fn params() -> BTreeMap<String, String> {
    BTreeMap::from([("public_key_id".into(), "k1".into()), ("webhook_id".into(), "W1".into())])
}

fn check(provider: &Provider, request: &Draft, keys: &Keys<'_>, at: Timestamp) -> Check {
    let head = request.head();
    let urls = [request.url.clone()];
    let request = Request {
        head: Head::new(&head),
        body: &request.body,
        provider: Some(provider.id()),
        urls: &urls,
        arrived: at,
        complete: true,
    };
    Catalog::builtin().check(&request, keys)
}

/// A request that has every field of the body that a scheme of the catalogue speaks of.
fn draft(form: bool, text: &str) -> Draft {
    let (kind, body) = if form {
        let text = form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let body = format!(
            "b=2&a={text}&a=1&bt_signature=&bt_payload=cGF5bG9hZA%3D%3D&json=%7B%22event%22%3A%7B%22event_hash%22%3A%22%22%7D%7D"
        );
        ("application/x-www-form-urlencoded", body)
    } else {
        let text = serde_json::to_string(text).unwrap();
        let body = format!(
            r#"{{"text":{text}, "webhookTimestamp": 1, "signature":{{"timestamp":"1","token":"t","signature":""}},"passcode":""}}"#
        );
        ("application/json", body)
    };
    Draft {
        method: "POST".into(),
        url: "https://hooks.example.test/in?x=1&data.id=7".into(),
        headers: vec![("Content-Type".into(), kind.into())],
        body: body.into_bytes(),
    }
}

fn is_form(provider: &Provider, scheme: &Scheme) -> bool {
    matches!(provider.id(), "braintree" | "mandrill" | "acuity" | "dropbox-sign")
        || scheme.id() == "twilio_form"
}

#[test]
fn everything_that_is_signed_is_valid() {
    let strategy =
        (any::<String>(), prop::collection::vec(any::<u8>(), 16..64), 1_000_000_000_i64..4_000_000_000)
            .prop_filter("a key is not empty", |(_, key, _)| !key.is_empty());
    let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
    runner
        .run(&strategy, |(text, key, secs)| {
            let at = Timestamp::from_micros(secs * 1_000_000 + 123_456);
            let (mut count, mut faults) = (0, Vec::new());
            for provider in Catalog::builtin().providers() {
                for scheme in provider.schemes().iter().filter(|scheme| scheme.is_signable()) {
                    let secrets = [secret(scheme.key(), &key)];
                    let params = params();
                    let keys = Keys { params: &params, ..Keys::of(&secrets) };
                    let how = Signing { scheme: Some(scheme.id()), at, id: "msg_1", edit_body: true };
                    let draft = draft(is_form(provider, scheme), &text);
                    let name = format!("{} {}", provider.id(), scheme.id());
                    let signed = match sign(provider, &keys, &draft, &how) {
                        Ok(signed) => signed,
                        Err(error) => {
                            faults.push(format!("{name}: {error}"));
                            continue;
                        }
                    };
                    let found = check(provider, &signed.request, &keys, at);
                    if found.verdict != Verdict::Valid || found.scheme.as_deref() != Some(scheme.id()) {
                        faults.push(format!("{name}: {found:?} {:?}", signed.request.headers));
                    }
                    let mut bare = signed.request.clone();
                    strip(provider, &mut bare);
                    if check(provider, &bare, &keys, at).verdict == Verdict::Valid {
                        faults.push(format!("{name}: valid without its signature"));
                    }
                    count += 1;
                }
            }
            assert_eq!(faults, Vec::<String>::new());
            assert!(count > 100, "{count}");
            Ok(())
        })
        .unwrap();
}

#[test]
fn samples_are_recognised_and_valid_and_never_the_same_twice() {
    let at = Timestamp::from_micros(1_795_300_000_000_000);
    for sample in SAMPLES {
        let name = format!("{} {}", sample.provider, sample.event);
        let provider = Catalog::builtin().provider(sample.provider).unwrap();
        let Some(scheme) = provider.schemes().iter().find(|scheme| scheme.is_signable()) else { continue };
        let secrets = [secret(scheme.key(), &[7; 24])];
        let keys = Keys::of(&secrets);
        let make = |bytes: [u8; 16]| {
            let unique = Unique::of(bytes, at);
            let mut draft = Draft {
                method: "POST".into(),
                url: "https://hooks.example.test/in".into(),
                headers: vec![("Content-Type".into(), sample.content_type.into())],
                body: sample.body(&unique).into_bytes(),
            };
            let id = unique.uuid();
            announce(provider, &mut draft, Some(sample.header.unwrap_or(sample.event)), &id);
            let how = Signing { scheme: None, at, id: &id, edit_body: true };
            sign(provider, &keys, &draft, &how).unwrap_or_else(|error| panic!("{name}: {error}")).request
        };
        let request = make([1; 16]);
        let found = check(provider, &request, &keys, at);
        assert_eq!(found.verdict, Verdict::Valid, "{name}");
        let origin = Catalog::builtin().recognise(Head::new(&request.head()), &request.body, None);
        assert_eq!(origin.provider.as_deref(), Some(sample.provider), "{name}");
        let other = make([2; 16]);
        assert!(
            request.body != other.body || request.headers != other.headers || sample.event == "ping",
            "{name}"
        );
    }
}

#[test]
fn what_cannot_be_signed_says_why() {
    let catalog = Catalog::builtin();
    let how = Signing { scheme: None, at: Timestamp::default(), id: "1", edit_body: true };
    let try_sign = |id: &str, secrets: &[Secret], body: &str, how: &Signing<'_>| {
        let draft = Draft { body: body.into(), ..draft(false, "") };
        sign(catalog.provider(id).unwrap(), &Keys::of(secrets), &draft, how).unwrap_err()
    };
    let plain = [Secret::new("S", *b"not base64!")];
    assert!(matches!(try_sign("discord", &plain, "{}", &how), SignError::PrivateKey(_)));
    assert!(matches!(try_sign("plaid", &plain, "{}", &how), SignError::PrivateKey(_)));
    assert!(matches!(try_sign("rfc9421", &plain, "{}", &how), SignError::Form(_)));
    assert!(matches!(try_sign("docker-hub", &plain, "{}", &how), SignError::Form(_)));
    assert!(matches!(try_sign("github", &[], "{}", &how), SignError::NoSecret(_)));
    assert!(matches!(try_sign("msteams", &plain, "{}", &how), SignError::Key(..)));
    assert!(matches!(try_sign("mailgun", &plain, "{}", &how), SignError::Place(_)));
    assert!(matches!(try_sign("braintree", &plain, "bt_signature=", &how), SignError::Param(_)));
    let other = Signing { scheme: Some("none"), ..how };
    assert!(matches!(try_sign("github", &plain, "{}", &other), SignError::Scheme(..)));
    let folded = [Secret::new("S", *b"two\r\nlines")];
    let how = Signing { scheme: None, at: Timestamp::default(), id: "1", edit_body: true };
    assert!(matches!(try_sign("telegram", &folded, "{}", &how), SignError::Key(..)));
}
