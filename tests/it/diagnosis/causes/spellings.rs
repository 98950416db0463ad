//! Signatures that are written or made in another way.

use hookglass::domain::signature::Code::{MalformedHeader, UnsupportedScheme, WrongAlgorithm, WrongEncoding};
use sha2::{Digest, Sha256};

use super::{KEY, Row};
use crate::diagnosis::request::{AT, base64, github, hex, sha1, sha256, sha512, shopify, stripe, twilio};

pub(super) fn spellings() -> Vec<Row> {
    let body = "{\"a\":1}";
    let mac = sha256(KEY, body);
    let gh = |text: String| github(KEY, body, body).with("X-Hub-Signature-256", text).secret(KEY);
    let sh = |text: String| shopify(KEY, body, body).with("X-Shopify-Hmac-Sha256", text).secret(KEY);
    let mixed = {
        let text = hex(&mac);
        text[..20].to_uppercase() + &text[20..]
    };
    let joined = |parts: [&str; 2]| Sha256::digest(parts.concat()).to_vec();
    let blank = stripe("whsec_x", "", body)
        .with("Stripe-Signature", format!("t={AT}, v1={}", hex(sha256("whsec_x", format!("{AT}.{body}")))))
        .secret("whsec_x");
    let mut twice = gh(format!("sha256={}", hex(&mac)));
    twice.headers.push(twice.headers.last().unwrap().clone());
    let url = "https://example.test/in";
    let longer = twilio(KEY, url, url)
        .with("X-Twilio-Signature", base64(sha256(KEY, format!("{url}A1Btwo"))))
        .secret(KEY);
    let url_safe = "/+".contains(|c| base64(sha256(b"7", body)).contains(c));
    assert!(url_safe, "the key was chosen so that both alphabets differ");
    vec![
        ("Base64, not hex", gh(format!("sha256={}", base64(&mac))), WrongEncoding, "written in Base64"),
        ("hex, not Base64", sh(hex(&mac)), WrongEncoding, "written in hex"),
        (
            "URL-safe Base64",
            shopify("7", body, body)
                .with("X-Shopify-Hmac-Sha256", base64(sha256(b"7", body)).replace('+', "-").replace('/', "_"))
                .secret("7"),
            WrongEncoding,
            "URL-safe",
        ),
        (
            "hex in upper case",
            gh(format!("sha256={}", hex(&mac).to_uppercase())),
            WrongEncoding,
            "upper case",
        ),
        ("no padding", sh(base64(&mac).replace('=', "")), WrongEncoding, "padding"),
        ("a blank before the label", blank, WrongEncoding, "a blank stands before"),
        ("the header twice", twice, MalformedHeader, "several times"),
        ("SHA-256 where SHA-1 belongs", longer, WrongAlgorithm, "HMAC with SHA-256"),
        ("hex of mixed case", gh(format!("sha256={mixed}")), WrongEncoding, "mixed case"),
        ("hex in Base64", sh(base64(hex(&mac))), WrongEncoding, "hex text encoded in Base64"),
        ("no prefix", gh(hex(&mac)), WrongEncoding, "prefix) is missing"),
        ("another prefix", gh(format!("sha512={}", hex(&mac))), UnsupportedScheme, "another label"),
        ("quotes", sh(format!("\"{}\"", base64(&mac))), WrongEncoding, "in quotes"),
        ("0x", gh(format!("sha256=0x{}", hex(&mac))), WrongEncoding, "`0x`"),
        ("escapes of URLs", sh(base64(&mac).replace('=', "%3D")), WrongEncoding, "escapes of URLs"),
        ("cut off", gh(format!("sha256={}", &hex(&mac)[..40])), WrongEncoding, "Only the beginning"),
        ("SHA-1", gh(format!("sha256={}", hex(sha1(KEY, body)))), WrongAlgorithm, "HMAC with SHA-1"),
        ("SHA-512", sh(base64(sha512(KEY, body))), WrongAlgorithm, "HMAC with SHA-512"),
        ("SHA-1 under its own label", gh(format!("sha1={}", hex(sha1(KEY, body)))), WrongAlgorithm, "SHA-1"),
        (
            "hash of secret and body",
            gh(format!("sha256={}", hex(joined([KEY, body])))),
            WrongAlgorithm,
            "secret followed by the content",
        ),
        (
            "hash of body and secret",
            sh(base64(joined([body, KEY]))),
            WrongAlgorithm,
            "content followed by the secret",
        ),
        (
            "hash without the secret",
            gh(format!("sha256={}", hex(joined([body, ""])))),
            WrongAlgorithm,
            "without the secret",
        ),
    ]
}
