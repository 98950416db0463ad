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
        form if form.is_whsec() => format!("whsec_{base64}"),
        KeyForm::Utf8Of64 => data_encoding::HEXLOWER.encode(bytes).chars().cycle().take(64).collect(),
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
            r#"{{"text":{text},"webhookTimestamp":1,"signature":{{"timestamp":"1","token":"t","signature":""}},"passcode":"","value":[{{"clientState":""}},{{"id":1}}],"notificationItems":[{{"NotificationRequestItem":{{"pspReference":"p:1","amount":{{"value":10,"currency":"EUR"}}}}}},{{"NotificationRequestItem":{{"additionalData":{{}},"success":"true"}}}}]}}"#
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
        (any::<String>(), prop::collection::vec(any::<u8>(), 16..64), 1_609_459_200_i64..4_000_000_000)
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
    let adyen = Signing { scheme: Some("adyen_standard"), ..how.clone() };
    assert!(matches!(try_sign("discord", &plain, "{}", &how), SignError::PrivateKey(_)));
    assert!(matches!(try_sign("plaid", &plain, "{}", &how), SignError::PrivateKey(_)));
    assert!(matches!(try_sign("mailchannels", &plain, "{}", &how), SignError::PrivateKey(_)));
    assert!(matches!(try_sign("adyen", &[Secret::new("S", *b"00")], "[]", &adyen), SignError::Place(_)));
    assert!(matches!(try_sign("docker-hub", &plain, "{}", &how), SignError::Checked(_)));
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

/// A new private key as PEM, and its public half.
fn pair(kind: &str) -> [Secret; 2] {
    use aws_lc_rs::{
        encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
        rand::SystemRandom,
        rsa::KeySize,
        signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair},
    };
    let random = SystemRandom::new();
    let (private, public) = match kind {
        "ed25519" => {
            let private = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
            let pair = Ed25519KeyPair::from_pkcs8(private.as_ref()).unwrap();
            let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
            (private.as_ref().to_vec(), public.as_ref().to_vec())
        }
        "p256" => {
            let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
            let private = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
            let pair = EcdsaKeyPair::from_pkcs8(algorithm, private.as_ref()).unwrap();
            let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
            (private.as_ref().to_vec(), public.as_ref().to_vec())
        }
        _ => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
            let private: Pkcs8V1Der<'_> = pair.as_der().unwrap();
            let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
            (private.as_ref().to_vec(), public.as_ref().to_vec())
        }
    };
    let pem = |label: &str, der: &[u8]| {
        let text = data_encoding::BASE64.encode(der);
        Secret::new("S", format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n").into_bytes())
    };
    [pem("PRIVATE KEY", &private), pem("PUBLIC KEY", &public)]
}

/// What is signed with a private key is valid by its public half, for every scheme that has one; and no
/// public key signs.
#[test]
fn private_keys_sign_what_public_keys_check() {
    let at = Timestamp::from_micros(1_795_300_000_000_000);
    let pairs = ["ed25519", "p256", "rsa"].map(|kind| (kind, pair(kind)));
    let mut signed_by: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for provider in Catalog::builtin().providers() {
        for scheme in provider.schemes() {
            for (kind, [private, public]) in &pairs {
                let params = BTreeMap::from([
                    ("webhook_id".to_owned(), "W1".to_owned()),
                    ("audience".to_owned(), "a".to_owned()),
                    ("issuer".to_owned(), "i".to_owned()),
                ]);
                let keys = |secret: &Secret| vec![secret.clone()];
                let (private, public) = (keys(private), keys(public));
                let how = Signing { scheme: Some(scheme.id()), at, id: "msg_1", edit_body: true };
                let mut draft = draft(false, "x");
                draft.headers.push(("PAYPAL-CERT-URL".into(), "https://api.paypal.com/c".into()));
                let keys = Keys { params: &params, ..Keys::of(&private) };
                let Ok(signed) = sign(provider, &keys, &draft, &how) else { continue };
                // As text it is the key of an HMAC, which is not meant here; and some keys have one form.
                if (scheme.is_signable() && scheme.key() != KeyForm::Either) || scheme.key() == KeyForm::Whpk
                {
                    continue;
                }
                let keys = Keys { params: &params, ..Keys::of(&public) };
                let found = check(provider, &signed.request, &keys, at);
                assert_eq!(found.verdict, Verdict::Valid, "{} {kind}: {found:?}", scheme.id());
                assert!(sign(provider, &keys, &draft, &how).is_err(), "{} {kind}", scheme.id());
                signed_by.entry(kind).or_default().push(scheme.id());
            }
        }
    }
    for (kind, scheme) in [
        ("ed25519", "discord"),
        ("ed25519", "rfc9421"),
        ("ed25519", "mailchannels"),
        ("ed25519", "telnyx"),
        ("p256", "sendgrid"),
        ("p256", "plaid"),
        ("p256", "rfc9421"),
        ("rsa", "rfc9421"),
        ("rsa", "activitypub"),
        ("rsa", "kick"),
        ("rsa", "wise"),
        ("rsa", "google-pubsub"),
    ] {
        assert!(signed_by[kind].contains(&scheme), "{kind} {scheme}: {signed_by:?}");
    }
}
