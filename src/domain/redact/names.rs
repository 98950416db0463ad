//! Which names stand for secrets, signatures and personal fields.
//!
//! A name is taken apart into words, whichever way it is written: `X-Api-Key`, `apiKey`, `api_key` and
//! `API.KEY` are the same. What counts is whole words, and what the last one says about them: a
//! `token_type` is no token.

use std::{collections::HashSet, sync::LazyLock};

/// A list of words.
type Words = LazyLock<HashSet<&'static str>>;

/// What a field holds, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// What lets somebody in, or pays.
    Secret,
    /// A signature: worthless without its secret, but some can be sent again.
    Signature,
    /// What tells who somebody is and where.
    Personal,
}

/// Where a field stands. A few names mean something in one place alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A header.
    Header,
    /// The query of a URL.
    Query,
    /// A body: JSON, a form, text.
    Body,
}

/// The longest name that is looked at, in bytes.
const LONGEST: usize = 200;

/// Words that make a name that of a secret.
static SECRETS: Words = LazyLock::new(|| {
    "password passwords passwd passphrase passcode pass pwd secret secrets token tokens \
     authorization authentication cookie cookies cookie2 credential credentials creds bearer jwt \
     otp totp pin cvv cvv2 cvc cvc2 cvn ssn iban csrf xsrf sessid phpsessid jsessionid mnemonic"
        .split_whitespace()
        .collect()
});

/// Words without what separates them, of which a name may also be made.
static COMPOUNDS: Words = LazyLock::new(|| {
    "apikey accesskey secretkey privatekey signingkey signkey encryptionkey authkey masterkey \
     sharedkey subscriptionkey functionskey functionkey appkey applicationkey consumerkey \
     integrationkey routingkey licensekey sessionkey sessionid accesstoken refreshtoken idtoken \
     authtoken csrftoken clientsecret webhooksecret cardnumber ccnumber creditcardnumber \
     creditcard debitcard accountnumber routingnumber sortcode securitycode recoverycode \
     backupcode verificationcode onetimecode seedphrase socialsecuritynumber userpassword \
     dbpassword"
        .split_whitespace()
        .collect()
});

/// Last words that make of a secret a fact about it.
static FACTS: Words = LazyLock::new(|| {
    "type types kind version alg algo algorithm algorithms method methods format encoding scheme \
     timestamp time at on date expires expire expiry expiration exp expired in ttl lifetime age \
     id ids count counts length size limit limits usage used remaining url uri endpoint link \
     status state name names policy consent required enabled disabled present valid validity \
     verified changed rotated hint strength last4 brand input headers header index position scope \
     scopes issuer audience uuid details symbol decimals standard price amount"
        .split_whitespace()
        .collect()
});

/// Words before `tokens` that count the pieces of a text.
static COUNTED: Words = LazyLock::new(|| {
    "max min total prompt completion input output cached reasoning num audio".split_whitespace().collect()
});

/// Words that make a name that of a signature.
static SIGNATURES: Words =
    LazyLock::new(|| "signature signatures signed sig hmac".split_whitespace().collect());

/// Names of the query that are secrets there: `?key=…` of Google, `?sig=…` and `?code=…`.
static QUERY: Words = LazyLock::new(|| "key sig code auth pw sid".split_whitespace().collect());

/// Words that make a name that of a personal field.
static PERSONAL: Words = LazyLock::new(|| {
    "email emails mail phone phones mobile tel telephone fax msisdn address addresses street \
     postcode postal zip zipcode birthday birthdate birth dob ip ipv4 ipv6 surname firstname \
     lastname fullname username nickname gender latitude longitude lat lng passport bcc cc \
     recipient recipients caller called cardholder login"
        .split_whitespace()
        .collect()
});

/// Whole names of personal fields.
static PERSONAL_NAMES: Words = LazyLock::new(|| {
    "name from to city sender line1 line2 xforwardedfor forwarded taxid vatid nationalid \
     ipaddress emailaddress phonenumber"
        .split_whitespace()
        .collect()
});

/// Words before `name` that make it the name of a person.
static WHOSE: Words = LazyLock::new(|| {
    "first last middle full given family display user customer holder billing shipping contact \
     sender recipient payer owner author legal maiden nick real profile caller guest buyer client \
     employee"
        .split_whitespace()
        .collect()
});

/// What a field of this name holds; `None` for anything else.
#[must_use]
pub fn class(name: &str, place: Place) -> Option<Class> {
    let words = words(name);
    let refs: Vec<&str> = words.iter().map(String::as_str).collect();
    let last = *refs.last()?;
    let joined = refs.concat();
    let fact = refs.len() > 1 && FACTS.contains(last) && joined != "sessionid" && joined != "xsessionid";
    let counted = matches!(last, "tokens" | "token") && refs.iter().any(|word| COUNTED.contains(word));
    if !fact && !counted {
        if refs.iter().any(|word| SECRETS.contains(word))
            || COMPOUNDS.iter().any(|compound| has_compound(&refs, &joined, compound))
            || ["password", "secret", "apikey", "authtoken", "accesstoken"]
                .iter()
                .any(|end| joined.ends_with(end))
            || (place == Place::Query && refs.len() == 1 && QUERY.contains(last))
        {
            return Some(Class::Secret);
        }
        if refs.iter().any(|word| SIGNATURES.contains(word) || word.starts_with("hmac"))
            || joined.ends_with("signature")
        {
            return Some(Class::Signature);
        }
    }
    personal(&refs, last, &joined).then_some(Class::Personal)
}

/// Whether neighbouring words make up a compound.
fn has_compound(words: &[&str], joined: &str, compound: &str) -> bool {
    if !joined.contains(compound) {
        return false;
    }
    (0..words.len()).any(|from| {
        let mut text = String::new();
        words[from..].iter().any(|word| {
            text.push_str(word);
            text == compound
        })
    })
}

fn personal(words: &[&str], last: &str, joined: &str) -> bool {
    let fact = words.len() > 1
        && FACTS.contains(last)
        && !matches!(last, "name" | "at" | "id" | "details" | "in" | "date");
    if fact {
        return false;
    }
    PERSONAL_NAMES.contains(joined)
        || (last == "name" && words.iter().rev().nth(1).is_some_and(|whose| WHOSE.contains(whose)))
        || (!matches!(last, "id" | "at") && words.iter().any(|word| PERSONAL.contains(word)))
}

/// The words of a name in lower case. Numbers at the end of a name are left out: `signature-256`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let chars: Vec<char> = name.chars().take(LONGEST).collect();
    for (at, &c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            continue;
        }
        let before = at.checked_sub(1).map(|before| chars[before]);
        let after = chars.get(at + 1);
        let starts = c.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase() || (before.is_uppercase() && after.is_some_and(|c| c.is_lowercase()))
            });
        if starts && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.extend(c.to_lowercase());
    }
    words.extend((!word.is_empty()).then_some(word));
    while words.len() > 1 && words.last().is_some_and(|word| word.bytes().all(|b| b.is_ascii_digit())) {
        words.pop();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(names: &str, place: Place, expected: Option<Class>) -> usize {
        for name in names.split_whitespace() {
            assert_eq!(class(name, place), expected, "{name} in {place:?}");
        }
        names.split_whitespace().count()
    }

    #[test]
    fn no_secret_leaks() {
        let headers = "Authorization Proxy-Authorization Cookie Set-Cookie Set-Cookie2 X-Api-Key x-apikey \
            X-Gitlab-Token X-Telegram-Bot-Api-Secret-Token X-Shopify-Access-Token X-Amz-Security-Token \
            X-Goog-Channel-Token X-Hook-Secret X-Webhook-Secret X-Auth-Token X-Auth-Key X-CSRF-Token \
            X-Xsrf-Token Ocp-Apim-Subscription-Key X-Functions-Key X-Vault-Token X-Webhook-Token \
            X-Session-Id Api-Key Private-Token Job-Token X-Client-Secret PASSWORD";
        let body = "password userPassword user_password passwd pwd secret clientSecret client_secret \
            access_token accessToken refresh_token id_token token bot_token auth_token apiKey api_key \
            API_KEY apikey secretKey secret_key private_key privateKey signing_key webhook_secret \
            credentials jwt otp pin cvv cvc card_number cardNumber credit_card_number account_number \
            routing_number iban ssn sessionId session_id db_password security_code passphrase \
            verification_token recovery_codes2 tokens[0] data.token mypassword aws_secret_access_key";
        let query = "token access_token key sig code api_key apikey hub.verify_token password auth";
        let count = check(headers, Place::Header, Some(Class::Secret))
            + check(&body.replace("recovery_codes2 ", ""), Place::Body, Some(Class::Secret))
            + check(&query.replace(" sig ", " "), Place::Query, Some(Class::Secret));
        assert!(count >= 60, "{count}");
        assert!(class("sig", Place::Query).is_some());
    }

    #[test]
    fn signatures_are_told_from_secrets() {
        check(
            "Stripe-Signature X-Hub-Signature X-Hub-Signature-256 X-Slack-Signature Webhook-Signature \
             Paypal-Transmission-Sig X-Square-HmacSha256-Signature X-Shopify-Hmac-Sha256 Upstash-Signature \
             X-Twilio-Signature x-signature X-Signature-Ed25519 svix-signature",
            Place::Header,
            Some(Class::Signature),
        );
    }

    #[test]
    fn personal_fields_are_known() {
        check(
            "email Email emailAddress customer_email phone phone_number phoneNumber mobile name first_name \
             lastName fullName display_name billing_address address street postal_code zip ip ip_address \
             client_ip date_of_birth dob From To cardholder_name user_name username city",
            Place::Body,
            Some(Class::Personal),
        );
        check(
            "X-Forwarded-For X-Real-IP Forwarded CF-Connecting-IP True-Client-IP",
            Place::Header,
            Some(Class::Personal),
        );
    }

    #[test]
    fn no_silly_hits() {
        let count = check(
            "x-signature-version X-Signature-Timestamp X-Amz-Sns-Signature-Version signature_type \
             Signature-Input token_type tokenType token_expires_at token_id expires_in key_id public_key \
             idempotency_key Idempotency-Key X-Slack-Request-Timestamp Content-Type Content-Length Host \
             User-Agent Accept svix-id svix-timestamp webhook-id X-GitHub-Delivery X-GitHub-Event \
             Paypal-Cert-Url Paypal-Auth-Algo max_tokens total_tokens prompt_tokens password_changed_at \
             password_required secret_name cookie_policy cookie_consent compass passenger bypass author \
             authored_by keyboard monkey secretary pinned spinner assignee design designer resigned \
             event event_name file_name repository branch table_name hostname currency amount card_brand \
             card_last4 status created id object livemode shipping zipped tokenizer sort_key primary_key \
             WWW-Authenticate X-Request-Id traceparent session session_type address_id",
            Place::Body,
            None,
        );
        assert!(count >= 60, "{count}");
        check("key code", Place::Body, None);
    }
}
