//! Every handshake with its exact answer, and what must not be answered.

use std::collections::BTreeMap;

use super::*;
use crate::domain::{
    headers::Head,
    signature::{Code, Secret, Verdict},
};

/// One request with all that is known about it.
struct Case {
    line: &'static str,
    headers: String,
    body: String,
    provider: Option<&'static str>,
    configured: Option<&'static str>,
    verdict: Verdict,
    params: BTreeMap<String, String>,
    secrets: Vec<(&'static str, Secret)>,
}

const BAD: Verdict = Verdict::Invalid(Code::Mismatch);

fn case(line: &'static str, headers: &str, body: &str) -> Case {
    Case {
        line,
        headers: headers.to_owned(),
        body: body.to_owned(),
        provider: None,
        configured: None,
        verdict: Verdict::Unknown,
        params: BTreeMap::new(),
        secrets: Vec::new(),
    }
}

impl Case {
    fn by(self, provider: &'static str, verdict: Verdict) -> Self {
        Self { provider: Some(provider), verdict, ..self }
    }

    fn at(self, configured: &'static str) -> Self {
        Self { configured: Some(configured), ..self }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.params.insert(name.to_owned(), value.to_owned());
        self
    }

    fn holding(mut self, provider: &'static str, secret: &str) -> Self {
        self.secrets.push((provider, Secret::new("S", secret)));
        self
    }

    fn met(&self) -> Option<Handshake> {
        let head = format!("{} HTTP/1.1\r\nHost: h\r\n{}\r\n", self.line, self.headers);
        let secrets = |id: &str| {
            self.secrets.iter().filter(|(owner, _)| *owner == id).map(|(_, secret)| secret.clone()).collect()
        };
        answer(&Knock {
            head: Head::new(head.as_bytes()),
            body: self.body.as_bytes(),
            provider: self.provider,
            configured: self.configured,
            verdict: self.verdict,
            matched: None,
            params: &self.params,
            secrets: &secrets,
        })
    }
}

/// Name, status, headers beside those about the content, and body, in one line; `-` for no handshake.
fn shown(case: &Case) -> String {
    let Some(Handshake { name, reply, .. }) = case.met() else { return "-".to_owned() };
    let name = name.as_str();
    let kind = reply.headers.iter().find(|(name, _)| name == "content-type").map(|(_, kind)| kind.as_str());
    assert_eq!(reply.body.is_empty(), kind.is_none(), "{name}");
    assert!(
        matches!(kind, None | Some("text/plain; charset=utf-8" | "application/json")),
        "{name}: {kind:?}"
    );
    let nosniff = ("x-content-type-options".to_owned(), "nosniff".to_owned());
    assert!(kind.is_none() || reply.headers.contains(&nosniff), "{name}");
    let other = |(name, _): &&(String, String)| name != "content-type" && name != "x-content-type-options";
    let headers: String =
        reply.headers.iter().filter(other).map(|(name, value)| format!("{name}={value} ")).collect();
    let kind = kind.map_or("", |kind| if kind == "application/json" { "json " } else { "text " });
    format!("{name}: {} {headers}{kind}{}", reply.status, reply.body).trim_end().to_owned()
}

#[test]
fn each_handshake_gets_its_exact_answer() {
    use Verdict::{Unchecked, Unsigned, Valid};
    let slack = r#"{"token":"t","challenge":"3eZbrw","type":"url_verification"}"#;
    let zoom = r#"{"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1,"event":"endpoint.url_validation"}"#;
    let hub = "GET /?hub.mode=subscribe&hub.verify_token=to%20ken&hub.challenge=1158201444";
    let topic = "GET /?hub.mode=subscribe&hub.topic=http%3A%2F%2Fa&hub.challenge=abc";
    let crc = "GET /?crc_token=MjFhZGI5MDItNzE0ZS00Y2Vl";
    let braintree = "GET /?bt_challenge=20f9f8ed05f77439fe955c977e4c8a53";
    let twitch = "Twitch-Eventsub-Message-Type: webhook_callback_verification\r\n";
    let intent = r#"{"events":[],"firstEventSequence":0,"lastEventSequence":0,"entropy":"S0m3r4Nd0mt3xt"}"#;
    let grid = r#"[{"id":"1","data":{"validationCode":"512d38b6-c7b8","validationUrl":"https://a"}}]"#;
    let origin = "WebHook-Request-Origin: eventemitter.example.com\r\n";
    let post = |headers: &str, body: &str| case("POST /", headers, body);
    let get = |line| case(line, "", "");
    for (case, expected) in [
        (post("", slack), r#"slack url_verification: 200 json {"challenge":"3eZbrw"}"#),
        (
            post("", slack).by("slack", Valid).holding("slack", "s"),
            r#"slack url_verification: 200 json {"challenge":"3eZbrw"}"#,
        ),
        (
            post("", slack).by("slack", Unchecked),
            r#"slack url_verification: 200 json {"challenge":"3eZbrw"}"#,
        ),
        (
            post("", slack).at("feishu-lark"),
            r#"feishu-lark url_verification: 200 json {"challenge":"3eZbrw"}"#,
        ),
        (post("", slack).at("github"), "-"),
        (
            post("", zoom).by("zoom", Valid).holding("zoom", "12345"),
            r#"zoom url_validation: 200 json {"plainToken":"qgg8vlvZRS6UYooatFL8Aw","encryptedToken":"59966ca68fe767726d527862ce067e28d5522dc63bd59141da5f9a21e2033104"}"#,
        ),
        (get(hub), "meta hub.challenge: 200 text 1158201444"),
        (get(hub).at("meta").with("verify_token", "to ken"), "meta hub.challenge: 200 text 1158201444"),
        (
            get(hub).at("strava").with("verify_token", "to ken"),
            r#"strava hub.challenge: 200 json {"hub.challenge":"1158201444"}"#,
        ),
        (get(hub).at("strava").with("verify_token", "other"), "strava hub.challenge: 403"),
        (get(hub).at("meta").with("verify_token", "other"), "meta hub.challenge: 403"),
        (get(hub).at("meta").with("verify_token", "to ke"), "meta hub.challenge: 403"),
        (get(topic), "websub intent: 200 text abc"),
        (get("GET /?hub.mode=denied&hub.challenge=a"), "-"),
        (post("", r#"{"type":1}"#).by("discord", Valid), r#"discord ping: 200 json {"type":1}"#),
        (post("", r#"{"type":2}"#).by("discord", Valid), "-"),
        (post("", r#"{"type":1}"#).by("discord", Unchecked), "-"),
        (
            get(braintree)
                .with("public_key_id", "integration_public_key")
                .holding("braintree", "integration_private_key"),
            "braintree challenge: 200 text integration_public_key|d9b899556c966b3f06945ec21311865d35df3ce4",
        ),
        (
            get(crc).holding("twitter", "cs"),
            r#"x crc: 200 json {"response_token":"sha256=J79U3AdG5J+rRwdODel+Qo+ceLRY9hbXf/ec33MmKpI="}"#,
        ),
        (
            post(twitch, r#"{"challenge":"pogchamp-kappa"}"#).by("twitch", Valid),
            "twitch callback verification: 200 text pogchamp-kappa",
        ),
        (
            post(twitch, r#"{"challenge":"pogchamp-kappa"}"#).by("twitch", Unchecked),
            "twitch callback verification: 200 text pogchamp-kappa",
        ),
        (get("GET /?challenge=a%2Bb").holding("dropbox", "s"), "dropbox challenge: 200 text a+b"),
        (
            case("GET /?challenge=a", "User-Agent: DropboxWebhooks/1.0\r\n", ""),
            "dropbox challenge: 200 text a",
        ),
        (get("GET /?challenge=a").at("nylas"), "nylas challenge: 200 text a"),
        (get("GET /?challenge=a"), "-"),
        (
            post("X-Hook-Secret: b537207f20cbfa02357cf448134da559\r\n", "{}"),
            "asana X-Hook-Secret: 200 x-hook-secret=b537207f20cbfa02357cf448134da559",
        ),
        (
            post("aeg-event-type: SubscriptionValidation\r\n", grid),
            r#"azure-event-grid validation: 200 json {"validationResponse":"512d38b6-c7b8"}"#,
        ),
        (post("aeg-event-type: Notification\r\n", grid), "-"),
        (
            case("OPTIONS /", origin, ""),
            "cloudevents WebHook-Request-Origin: 200 allow=POST webhook-allowed-origin=eventemitter.example.com webhook-allowed-rate=*",
        ),
        (
            case("OPTIONS /", &format!("{origin}WebHook-Request-Rate: 120\r\n"), ""),
            "cloudevents WebHook-Request-Origin: 200 allow=POST webhook-allowed-origin=eventemitter.example.com webhook-allowed-rate=120",
        ),
        (
            case("GET /", "X-Okta-Verification-Challenge: my verification challenge\r\n", ""),
            r#"okta verification: 200 json {"verification":"my verification challenge"}"#,
        ),
        (
            post("", r#"{"challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}"#),
            r#"monday challenge: 200 json {"challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}"#,
        ),
        (post("", r#"{"challenge": "a", "b": 1}"#), "-"),
        (
            case("POST /?validationToken=Validation%3a+Testing", "", ""),
            "microsoft-graph validationToken: 200 text Validation: Testing",
        ),
        (case("POST /?validationToken=a", "", "{}"), "-"),
        (post("", intent).by("xero", Valid), "xero intent to receive: 200"),
        (post("", r#"{"events":[{}]}"#).by("xero", Valid), "-"),
        (
            post("Smartsheet-Hook-Challenge: d78c\r\n", "{}"),
            r#"smartsheet challenge: 200 smartsheet-hook-response=d78c json {"smartsheetHookResponse":"d78c"}"#,
        ),
        (case("HEAD /", "", "").holding("trello", "s"), "URL check by HEAD: 200"),
        (case("HEAD /", "", "").at("surveymonkey"), "URL check by HEAD: 200"),
        (case("HEAD /", "", ""), "-"),
        (case("GET /", "User-Agent: MailChimp.com WebHook Validator\r\n", ""), "mailchimp URL check: 200"),
        (post("", r#"{"verification_token":"secret_abc"}"#), "notion verification_token: 200"),
        (post("", "x").by("dropbox-sign", Valid), "dropbox-sign receipt: 200 text Hello API Event Received"),
        (post("", "x").at("adyen"), "adyen receipt: 200 text [accepted]"),
        (
            post("x-amz-sns-message-type: SubscriptionConfirmation\r\n", r#"{"SubscribeURL":"https://a"}"#),
            "aws-sns subscription: 200",
        ),
        (post("x-amz-sns-message-type: Notification\r\n", "{}"), "-"),
        (
            post("X-Hook-Secret: abc\r\n", r#"{"requestType":"WebHook secret verification"}"#)
                .holding("wrike", "s"),
            "wrike secret verification: 200 x-hook-secret=47d920ed90784dc5eae635bfd0824f612d05f09f9a47f60390de873ad37e546b",
        ),
        (post("", r#"{"id":1,"challenge":"x"}"#).by("stripe", Unsigned), "-"),
        (get("GET /"), "-"),
    ] {
        assert_eq!(shown(&case), expected, "{} {}{}", case.line, case.headers, case.body);
    }
}

#[test]
fn badly_signed_ones_are_refused_and_get_no_signature() {
    let refused = "401 text The signature does not hold, so the challenge is not answered.";
    let slack = r#"{"token":"t","challenge":"3eZbrw","type":"url_verification"}"#;
    let zoom = r#"{"payload":{"plainToken":"abc"},"event":"endpoint.url_validation"}"#;
    let twitch = "Twitch-Eventsub-Message-Type: webhook_callback_verification\r\n";
    let post = |headers: &str, body: &str| case("POST /", headers, body);
    for verdict in [BAD, Verdict::Invalid(Code::TimestampTooOld), Verdict::Unsigned] {
        for (name, case, answer) in [
            ("slack url_verification", post("", slack).by("slack", verdict).holding("slack", "s"), refused),
            ("zoom url_validation", post("", zoom).by("zoom", verdict).holding("zoom", "s"), refused),
            (
                "twitch callback verification",
                post(twitch, r#"{"challenge":"a"}"#).by("twitch", verdict).holding("twitch", "s"),
                refused,
            ),
            (
                "discord ping",
                post("", r#"{"type":1}"#).by("discord", verdict).holding("discord", "k"),
                refused,
            ),
            (
                "xero intent to receive",
                post("", r#"{"events":[]}"#).by("xero", verdict).holding("xero", "k"),
                "401",
            ),
        ] {
            assert_eq!(shown(&case), format!("{name}: {answer}"), "{verdict:?}");
        }
    }
    // Recognised by nothing, but the secret is there: Slack would have signed.
    assert_eq!(shown(&post("", slack).holding("slack", "s")), format!("slack url_verification: {refused}"));
    assert_eq!(shown(&post("", zoom).holding("zoom", "s")), format!("zoom url_validation: {refused}"));
    // Valid as somebody else's is not valid as Zoom's.
    assert_eq!(
        shown(&post("", zoom).by("github", Verdict::Valid).holding("zoom", "s")),
        format!("zoom url_validation: {refused}")
    );
}

#[test]
fn secrets_sign_nonces_of_their_own_provider_alone() {
    let forged = r#"GET /?crc_token={"for_user_id":"1"}"#;
    for case in [
        case("GET /?crc_token=abc", "", ""),
        case("GET /?crc_token=abc", "", "").holding("github", "s"),
        case("GET /?crc_token=abc", "", "").holding("twitter", "s").at("github"),
        case("GET /?crc_token=%7B%22a%22%3A1%7D", "", "").holding("twitter", "s"),
        case(forged, "", "").holding("twitter", "s"),
        case("GET /?bt_challenge=PHhtbD4", "", "").holding("braintree", "s").with("public_key_id", "p"),
        case("GET /?bt_challenge=20f9f8ed05f77439fe955c977e4c8a53", "", "").holding("braintree", "s"),
        case("POST /", "X-Hook-Secret: {\"a\":1}\r\n", r#"{"requestType":"a"}"#).holding("wrike", "s"),
        case("POST /", "X-Hook-Secret: abc\r\n", r#"{"requestType":"a"}"#),
        case("POST /", "", r#"{"payload":{"plainToken":"v0:1:{}"},"event":"endpoint.url_validation"}"#)
            .by("zoom", Verdict::Valid)
            .holding("zoom", "s"),
    ] {
        assert_eq!(shown(&case), "-", "{} {}{}", case.line, case.headers, case.body);
    }
}

#[test]
fn what_is_reflected_is_bounded_text() {
    let fits = "a".repeat(LONGEST);
    let long = "a".repeat(LONGEST + 1);
    for (challenge, answered) in
        [(&*fits, true), (&*long, false), ("a%0d%0aSet-Cookie:b", false), ("%1b[31m", false)]
    {
        for line in [
            format!("GET /?hub.mode=subscribe&hub.topic=t&hub.challenge={challenge}"),
            format!("GET /?challenge={challenge}"),
            format!("POST /?validationToken={challenge}"),
        ] {
            let case = Case { line: line.leak(), ..case("", "", "").holding("dropbox", "s") };
            assert_eq!(case.met().is_some(), answered, "{}", case.line);
        }
        let body = format!(
            r#"{{"challenge":"{}"}}"#,
            challenge.replace("%0d%0a", "\\r\\n").replace("%1b", "\\u001b")
        );
        assert_eq!(case("POST /", "", &body).met().is_some(), answered, "{body}");
    }
    for header in [
        "X-Okta-Verification-Challenge",
        "Smartsheet-Hook-Challenge",
        "X-Hook-Secret",
        "WebHook-Request-Origin",
    ] {
        let line = match header {
            "X-Okta-Verification-Challenge" => "GET /",
            "WebHook-Request-Origin" => "OPTIONS /",
            _ => "POST /",
        };
        for (value, answered) in [("abc", true), (&*long, false), ("a\u{1b}b", false), ("\u{e9}", false)] {
            assert_eq!(
                case(line, &format!("{header}: {value}\r\n"), "").met().is_some(),
                answered,
                "{header}: {value}"
            );
        }
    }
    // Markup stays text.
    let html = case("GET /?hub.mode=subscribe&hub.topic=t&hub.challenge=%3Cscript%3E", "", "");
    assert_eq!(shown(&html), "websub intent: 200 text <script>");
}

#[test]
fn hostile_bodies_are_no_handshakes() {
    for body in [
        format!("{}\"challenge\"", "[".repeat(16_000)),
        format!("{{\"challenge\":\"a\",\"x\":\"{}\"}}", "b".repeat(20_000)),
        r#"{"challenge":"#.to_owned(),
        r#"{"type":"url_verification","challenge":["a"],"token":"t"}"#.to_owned(),
        r#"["challenge"]"#.to_owned(),
    ] {
        assert_eq!(shown(&case("POST /", "", &body)), "-", "{}", &body[..body.len().min(60)]);
    }
}

#[test]
fn asanas_secret_is_learned_unless_one_is_configured() {
    let asked = || case("POST /", "X-Hook-Secret: b537\r\n", "");
    let learned = |case: Case| case.met().unwrap().learned;
    assert_eq!(learned(asked()), Some(Learned { provider: "asana".into(), secret: b"b537".to_vec() }));
    assert_eq!(learned(asked().holding("asana", "mine")), None);
    let mut again = asked();
    again.secrets.push(("asana", Secret::new(format!("{LEARNED}#1"), "old")));
    assert!(learned(again).is_some());
    assert_eq!(shown(&case("POST /", "X-Hook-Secret: b\r\nX-Hook-Signature: 00\r\n", "{}")), "-");
    assert!(!format!("{:?}", asked().met().unwrap().learned).contains("b537"));
}

#[test]
fn without_a_token_meta_gets_nothing_but_a_nonce() {
    for (challenge, answered) in
        [("1158201444", true), ("a%20secret%20word", false), ("%7B%22a%22:1%7D", false)]
    {
        let line = format!("GET /?hub.mode=subscribe&hub.verify_token=x&hub.challenge={challenge}");
        let case = Case { line: line.leak(), ..case("", "", "") };
        assert_eq!(case.met().is_some(), answered, "{challenge}");
    }
}

#[test]
fn notes_say_what_a_person_has_to_do() {
    let url = note("aws-sns subscription", br#"{"SubscribeURL":"https://sns.example/?a=b"}"#, false).unwrap();
    assert!(url.ends_with("nothing is opened by itself: https://sns.example/?a=b"));
    assert!(
        note("notion verification_token", br#"{"verification_token":"secret_a"}"#, false)
            .unwrap()
            .ends_with(": secret_a")
    );
    assert!(note("meta hub.challenge", b"", false).unwrap().contains("No token was checked"));
    assert_eq!(note("meta hub.challenge", b"", true), None);
    assert_eq!(note("x crc", b"{}", false), None);
    assert_eq!(note("aws-sns subscription", b"{}", false), None);
}

#[test]
fn each_name_is_there_once() {
    for (at, row) in TABLE.iter().enumerate() {
        assert_eq!(Name::find(row.name).map(|name| usize::from(name.0)), Some(at), "{}", row.name);
        assert_eq!(Name::find(row.name).unwrap().as_str(), row.name);
        assert!(!row.providers.is_empty());
    }
}
