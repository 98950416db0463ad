//! PayPal names the address of the certificate that it signed with. The certificate itself is given by
//! the user; that its address is PayPal's is required all the same, because a request that names
//! another one was not made by PayPal.

use crate::domain::signature::{canon::https_host, fault::Fault, request::Facts};

/// Nothing, or why the address is not right.
pub(super) fn make(facts: &Facts<'_, '_>) -> Result<Vec<u8>, Fault> {
    const NAME: &str = "PAYPAL-CERT-URL";
    let address = facts.head.get(NAME).ok_or_else(|| Fault::MissingHeader(NAME.into()))?;
    let host = std::str::from_utf8(address).ok().and_then(https_host);
    match host {
        Some(host) if host == "paypal.com" || host.ends_with(".paypal.com") => Ok(Vec::new()),
        _ => Err(Fault::Malformed("the address of its certificate is not PayPal's")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::headers::Head;

    #[test]
    fn only_paypal_has_paypals_certificates() {
        for (address, right) in [
            ("https://api.paypal.com/v1/notifications/certs/CERT-1", true),
            ("https://api.sandbox.paypal.com/x", true),
            ("http://api.paypal.com/x", false),
            ("https://api.paypal.com.example/x", false),
            ("https://evilpaypal.com/x", false),
            ("https://evil.example\\.paypal.com/x", false),
            ("https://a@b.paypal.com/x", false),
        ] {
            let head = format!("POST / HTTP/1.1\r\nPaypal-Cert-Url: {address}\r\n\r\n");
            assert_eq!(make(&Facts::bare(Head::new(head.as_bytes()), b"")).is_ok(), right, "{address}");
        }
    }
}
