//! The subscription that Amazon SNS asks somebody to confirm, by opening a URL.

use super::knock::reflected;
use crate::domain::{headers::Head, signature::sns_address, target::Target};

/// What is to be confirmed. Its texts are the sender's: hostile until made visible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// What sends the notifications.
    pub topic: String,
    /// What has to be opened.
    pub url: String,
}

impl Subscription {
    /// Whether the URL leads to Amazon SNS and nowhere else: https, the usual port, a host of SNS, no user
    /// name. No other one is ever opened.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.parts().is_some()
    }

    /// The origin and the request target of the URL, if it is sound.
    #[must_use]
    pub fn parts(&self) -> Option<(Target, String)> {
        sns_address(&self.url)?.parts()
    }
}

/// The subscription that a request asks to be confirmed; `None` for every other request.
#[must_use]
pub fn subscription(head: Head<'_>, body: &[u8]) -> Option<Subscription> {
    const KIND: &str = "SubscriptionConfirmation";
    if head.get("x-amz-sns-message-type").is_some_and(|kind| kind != KIND.as_bytes()) {
        return None;
    }
    memchr::memmem::find(body, KIND.as_bytes())?;
    let message: serde_json::Value = serde_json::from_slice(body).ok()?;
    let text = |name: &str| message.get(name)?.as_str().filter(|text| reflected(text)).map(str::to_owned);
    if text("Type")? != KIND {
        return None;
    }
    Some(Subscription { topic: text("TopicArn").unwrap_or_default(), url: text("SubscribeURL")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(url: &str) -> Option<Subscription> {
        let body =
            serde_json::json!({ "Type": "SubscriptionConfirmation", "TopicArn": "t", "SubscribeURL": url });
        subscription(Head::new(b"POST / HTTP/1.1\r\n\r\n"), body.to_string().as_bytes())
    }

    #[test]
    fn only_sns_is_opened() {
        for (url, sound) in [
            ("https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=23", true),
            ("https://sns.cn-north-1.amazonaws.com.cn/?Action=ConfirmSubscription", true),
            ("http://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription", false),
            ("https://sns.eu-west-1.amazonaws.com:8443/", false),
            ("https://sns.eu-west-1.amazonaws.com@evil.example/", false),
            ("https://me@sns.eu-west-1.amazonaws.com/", false),
            ("https://sns.eu-west-1.amazonaws.com.evil.example/", false),
            ("https://evil.example/?x=https://sns.eu-west-1.amazonaws.com/", false),
            ("https://evil.example\\.sns.eu-west-1.amazonaws.com/", false),
            ("https://169.254.169.254/", false),
            ("https://sns.eu-west-1.amazonaws.com/ HTTP/1.1", false),
            ("https://sns..amazonaws.com/", false),
            ("https://s3.eu-west-1.amazonaws.com/", false),
        ] {
            assert_eq!(asked(url).unwrap().parts().is_some(), sound, "{url}");
        }
        let (target, path) = asked("https://sns.eu-west-1.amazonaws.com/?A=B").unwrap().parts().unwrap();
        assert_eq!((target.authority().as_str(), path.as_str()), ("sns.eu-west-1.amazonaws.com", "/?A=B"));
        assert_eq!(target.port, 443);
        assert_eq!(asked("https://sns.eu-west-1.amazonaws.com/\r\nX: y"), None);
    }

    #[test]
    fn other_requests_ask_for_nothing() {
        let head = Head::new(b"POST / HTTP/1.1\r\nx-amz-sns-message-type: Notification\r\n\r\n");
        let body = br#"{"Type":"SubscriptionConfirmation","SubscribeURL":"https://x/"}"#;
        assert_eq!(subscription(head, body), None);
        let head = Head::new(b"POST / HTTP/1.1\r\n\r\n");
        for body in ["", "{}", "SubscriptionConfirmation", r#"{"Type":"SubscriptionConfirmation"}"#] {
            assert_eq!(subscription(head, body.as_bytes()), None, "{body}");
        }
    }
}
