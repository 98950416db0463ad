//! AWS SNS signs chosen members of its JSON message, each with its name, in alphabetical order, and
//! names the address of the certificate. The certificate is given by the user; the address must be one
//! of SNS all the same.

use crate::domain::signature::{
    canon::https_host,
    fault::Fault,
    pointer::{self, Pointer},
    request::Facts,
};

const NOTIFICATION: [&str; 7] =
    ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "TopicArn", "Type"];
const CONFIRMATION: [&str; 8] =
    ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];

/// The members, or why they cannot be right.
pub(super) fn make(facts: &Facts<'_, '_>) -> Result<Vec<u8>, Fault> {
    let member = |name: &str| {
        let raw = Pointer::parse(&format!("/{name}"))?.find(facts.body)?;
        pointer::text(raw)
    };
    if !member("SigningCertURL").is_some_and(|address| is_sns(&address)) {
        return Err(Fault::Malformed("the address of its certificate is not one of Amazon SNS"));
    }
    let kind = member("Type").unwrap_or_default();
    let confirmation = matches!(&*kind, "SubscriptionConfirmation" | "UnsubscribeConfirmation");
    let (names, required) = if confirmation {
        (
            &CONFIRMATION[..],
            &["Message", "MessageId", "Timestamp", "TopicArn", "Type", "SubscribeURL", "Token"][..],
        )
    } else {
        (&NOTIFICATION[..], &["Message", "MessageId", "Timestamp", "TopicArn", "Type"][..])
    };
    if required.iter().any(|name| member(name).is_none()) {
        return Err(Fault::Malformed("a member that SNS always signs is missing"));
    }
    let mut content = Vec::new();
    for name in names {
        if let Some(value) = member(name) {
            for part in [name.as_bytes(), b"\n", value.as_bytes(), b"\n"] {
                content.extend_from_slice(part);
            }
        }
    }
    Ok(content)
}

/// `https://sns.REGION.amazonaws.com/….pem`, also of China.
fn is_sns(address: &str) -> bool {
    let Some(host) = https_host(address) else { return false };
    let name = host.strip_suffix(".cn").unwrap_or(&host);
    let region = name.strip_prefix("sns.").and_then(|rest| rest.strip_suffix(".amazonaws.com"));
    let region = region.is_some_and(|region| region.len() >= 3 && !region.contains('.'));
    region && address.ends_with(".pem")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sns_has_certificates_of_sns() {
        for (address, right) in [
            ("https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem", true),
            ("https://sns.cn-north-1.amazonaws.com.cn/x.pem", true),
            ("http://sns.us-east-1.amazonaws.com/x.pem", false),
            ("https://sns.us-east-1.amazonaws.com/x", false),
            ("https://sns.us-east-1.amazonaws.com.example/x.pem", false),
            ("https://sns.us.east.amazonaws.com/x.pem", false),
            ("https://sns.us-east-1.amazonaws.com@example/x.pem", false),
            ("https://example/sns.us-east-1.amazonaws.com/x.pem", false),
        ] {
            assert_eq!(is_sns(address), right, "{address}");
        }
    }
}
