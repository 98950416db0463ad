//! Nothing is claimed without proof, secrets stay secret, and the work is bounded.

use hookglass::domain::signature::{Budget, Catalog, Code, Verdict};

use super::request::{
    AT, Made, base64, github, hex, sha256, shopify, slack, square, standard, stripe, twilio,
};

const BODY: &str = r#"{"id": "evt_1", "type": "invoice.paid", "amount": 12.50, "note": "caf\u00e9 / <b>"}"#;

/// A small generator: the same requests on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % end as u64).unwrap()
    }
}

/// Rightly signed requests of several providers.
fn right() -> Vec<Made> {
    let key = b"0123456789abcdef0123456789abcdef";
    let whsec = format!("whsec_{}", base64(key));
    let url = "https://example.test/in?a=1";
    vec![
        github(key, BODY, BODY).secret(key),
        shopify(key, BODY, BODY).secret(key),
        stripe(&whsec, format!("{AT}.{BODY}"), BODY).secret(&whsec),
        slack(key, format!("v0:{AT}:{BODY}"), BODY).secret(key),
        standard(key, format!("msg_1.{AT}.{BODY}"), BODY).secret(&whsec),
        twilio("0123456789abcdef", url, url),
        square("0123456789abcdef", url, url, BODY),
    ]
    .into_iter()
    .map(|made| made.knowing("stripe", "whsec_another").knowing("github", "something else"))
    .collect()
}

#[test]
fn what_is_right_has_no_diagnosis() {
    for made in right() {
        let check = made.run(|request, keys, _| Catalog::builtin().check(request, keys));
        assert_eq!(check.verdict, Verdict::Valid, "{}", made.provider);
        assert_eq!(made.diagnose(), None, "{}", made.provider);
    }
}

/// Letters and digits of bodies, secrets and signatures are exchanged for others. None of the changes that
/// the diagnosis knows does that, so whatever it claims would be wrong.
#[test]
fn ten_thousand_tamperings_claim_nothing() {
    let mut dice = Dice(0x5eed_cafe_f00d);
    let right = right();
    let (mut tampered, mut kinds) = (0, [0; 3]);
    while tampered < 10_000 {
        let mut made = right[dice.below(right.len())].clone();
        let kind = dice.below(3);
        let other = |dice: &mut Dice, old: u8| loop {
            let new = b"abcdefghijklmnopqrstuvwxyz0123456789"[dice.below(36)];
            if !new.eq_ignore_ascii_case(&old) {
                return new;
            }
        };
        match kind {
            0 => {
                // The value of `id`, or of the form's first field.
                let mark: &[u8] = if made.provider == "twilio" { b"A=" } else { b"evt_" };
                let at = memchr::memmem::find(&made.body, mark).unwrap() + mark.len();
                made.body[at] = other(&mut dice, made.body[at]);
                if dice.below(2) == 0 {
                    let at = memchr::memmem::find(&made.body, b"o").unwrap();
                    made.body[at] = b'q';
                }
            }
            1 => {
                // The last bits of Base64 do not count.
                let at = 8 + dice.below(made.secret.len() - 10);
                made.secret[at] = other(&mut dice, made.secret[at]);
            }
            _ => {
                let (_, value) = made.headers.last_mut().unwrap();
                let mut bytes = std::mem::take(value).into_bytes();
                // Behind any label, and before the padding.
                let at = bytes.len() - 3 - dice.below(16);
                let digits = if bytes[at].is_ascii_digit() { b"abcdef" } else { b"012345" };
                bytes[at] = digits[dice.below(6)];
                *value = String::from_utf8(bytes).unwrap();
            }
        }
        // Without optimisation the whole search takes 50 ms: most are searched for single changes.
        let budget = if tampered % 100 == 0 { Budget::default() } else { Budget::of(60_000) };
        let found = made.diagnose_within(budget).unwrap_or_else(|| panic!("{kind}: not noticed: {made:?}"));
        assert_eq!(found.cause, None, "{kind}: {found:?}: {made:?}");
        assert!(
            matches!(found.code, Code::Mismatch | Code::KeyUnavailable | Code::MalformedHeader),
            "{found:?}"
        );
        tampered += 1;
        kinds[kind] += 1;
    }
    assert!(kinds.iter().all(|&count| count > 3_000), "{kinds:?}");
}

#[test]
fn a_miss_says_what_was_tried_and_what_a_secret_looks_like() {
    let found = stripe("whsec_x", format!("{AT}.{BODY}"), BODY).secret("sk_test_abc").diagnose().unwrap();
    assert_eq!((found.cause, found.code), (None, Code::Mismatch));
    for part in ["API key of Stripe", "Tried without success", "other forms of the secret", "pairs"] {
        assert!(found.explanation.contains(part), "{part}: {}", found.explanation);
    }
    assert!(found.complete);
}

#[test]
fn a_small_budget_is_kept_and_told() {
    let made = github("k", "{\"a\":1}", "{\"b\":1}".repeat(10_000)).secret("key");
    let found = made.diagnose_within(Budget::of(200_000)).unwrap();
    assert!(!found.complete && found.explanation.contains("large"), "{}", found.explanation);
}

#[test]
fn explanations_hold_no_secret_and_no_signature() {
    let secret = "a-secret-that-is-not-shown";
    let signed = "{\"a\":1}";
    let right = hex(sha256(secret, signed));
    for made in [
        github(secret, signed, "{\"a\": 1}").secret(secret),
        github(secret, signed, signed).secret(format!("{secret}\n")),
        github(secret, signed, signed).secret("x").knowing("github", secret),
        github(secret, signed, "{\"a\":2}").secret(secret),
        github(secret, signed, signed).with("X-Hub-Signature-256", right.clone()).secret(secret),
    ] {
        let found = format!("{:?}", made.diagnose().unwrap());
        assert!(!found.contains(secret) && !found.contains(&right), "{found}");
    }
}

/// Compressed bodies that expand without end, deep JSON and odd bytes are survived.
#[test]
fn hostile_bodies_are_survived() {
    use std::io::Write;
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    bomb.write_all(&vec![0; 64 << 20]).unwrap();
    let bomb = bomb.finish().unwrap();
    let deep = "[".repeat(100_000);
    let fields = "a=%7B&".repeat(20_000);
    let bodies: [&[u8]; 6] =
        [&bomb, deep.as_bytes(), fields.as_bytes(), b"\xff\xfe\x00", b"{\"\\ud800\":1}", b"{\"a\":1e999}"];
    for body in bodies {
        for kind in ["application/json", "application/x-www-form-urlencoded"] {
            let made = github("k", "{}", body).with("Content-Type", kind).secret("key");
            assert_eq!(made.diagnose().unwrap().cause, None);
        }
    }
}
