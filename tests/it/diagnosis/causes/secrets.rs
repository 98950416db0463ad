//! Wrong secrets, and right ones in the wrong form.

use hookglass::domain::signature::Code::{KeyUnavailable, Mismatch, WrongSecret, WrongSecretForm};

use super::{KEY, RAW, Row, WHSEC};
use crate::diagnosis::request::{AT, base64, github, hex, shopify, slack, standard, stripe};

pub(super) fn secrets() -> Vec<Row> {
    let body = "{}";
    let signed = format!("{AT}.{body}");
    let id = format!("msg_1.{AT}.{body}");
    let gh = |key: &str, configured: &str| github(key, body, body).secret(configured);
    let decoded = b"\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef";
    vec![
        (
            "another secret of the provider",
            stripe("whsec_live", &signed, body).secret("whsec_test").knowing("stripe", "whsec_live"),
            WrongSecret,
            "another secret of Stripe",
        ),
        (
            "another provider's secret",
            gh("theirs", "ours").knowing("slack", "theirs"),
            WrongSecret,
            "the secret of slack",
        ),
        (
            "another secret in another form",
            standard(RAW, &id, body).secret("whsec_AAAA").knowing("svix", hex(RAW)),
            WrongSecret,
            "decodes it from hex",
        ),
        (
            "an API key in the place of the webhook's secret",
            stripe("whsec_live", &signed, body).secret("sk_live_4eC39HqLyjWDarjtT1zdp7dc"),
            Mismatch,
            "a secret API key of Stripe",
        ),
        (
            "a token in the place of the signing secret",
            slack("theirs", format!("v0:{AT}:{body}"), body).secret("xoxb-123456"),
            Mismatch,
            "a bot token of Slack",
        ),
        (
            "a secret that cannot be decoded",
            standard(RAW, &id, body).secret("whsec_not base64!"),
            KeyUnavailable,
            "cannot be read",
        ),
        (
            "a blank before a whsec_ secret",
            standard(RAW, &id, body).secret(format!(" {WHSEC}")),
            WrongSecretForm,
            "white space",
        ),
        ("a line end after the secret", gh("abc", "abc\n"), WrongSecretForm, "without the line end"),
        ("CRLF after the secret", gh("abc", "abc\r\n"), WrongSecretForm, "without the line end"),
        ("blanks around the secret", gh("abc", " abc "), WrongSecretForm, "without the white space"),
        ("the sender's has a line feed", gh("abc\n", "abc"), WrongSecretForm, "leaves a line feed"),
        ("the sender's has CRLF", gh("abc\r\n", "abc"), WrongSecretForm, "carriage return"),
        ("quotes around the secret", gh("abc", "\"abc\""), WrongSecretForm, "without the quotes"),
        ("the sender keeps quotes", gh("\"abc\"", "abc"), WrongSecretForm, "keeps the quotes"),
        ("a line of .env as the secret", gh("abc", "GITHUB_SECRET=abc"), WrongSecretForm, "variable's name"),
        ("a byte order mark before the secret", gh("abc", "\u{feff}abc"), WrongSecretForm, "byte order mark"),
        ("sha256= before the secret", gh("abc", "sha256=abc"), WrongSecretForm, "`sha256=`"),
        (
            "v1,whsec_ before the secret",
            standard(RAW, &id, body).secret(format!("v1,{WHSEC}")),
            WrongSecretForm,
            "`v1,whsec_`",
        ),
        (
            "whsec_ text used whole",
            standard(WHSEC, &id, body).secret(WHSEC),
            WrongSecretForm,
            "as it is, without decoding",
        ),
        (
            "whsec_ taken off and not decoded",
            standard(&WHSEC[6..], &id, body).secret(WHSEC),
            WrongSecretForm,
            "leaves the `whsec_`",
        ),
        (
            "Stripe's secret decoded",
            stripe(RAW, &signed, body).secret(WHSEC),
            WrongSecretForm,
            "follows `whsec_` from Base64",
        ),
        (
            "Stripe's secret without whsec_",
            stripe("whsec_abc", &signed, body).secret("abc"),
            WrongSecretForm,
            "puts `whsec_`",
        ),
        (
            "the secret decoded from hex",
            slack(decoded, format!("v0:{AT}:{body}"), body).secret(KEY),
            WrongSecretForm,
            "from hex",
        ),
        (
            "the secret decoded from Base64",
            shopify(RAW, body, body).secret(base64(RAW)),
            WrongSecretForm,
            "from Base64",
        ),
        ("the secret encoded in Base64", gh("YWJj", "abc"), WrongSecretForm, "encodes it in Base64"),
        ("the secret encoded in hex", gh("616263", "abc"), WrongSecretForm, "encodes it in hex"),
        ("the secret with escapes of URLs", gh("a+c/", "a%2Bc%2F"), WrongSecretForm, "escapes of URLs"),
        ("the secret escaped by the sender", gh("a%2Bc", "a+c"), WrongSecretForm, "escapes it as in a URL"),
        ("the secret in capitals", gh("ABC", "abc"), WrongSecretForm, "upper case"),
    ]
}
