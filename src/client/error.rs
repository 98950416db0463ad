//! Why a sending failed: one sentence each, saying what happened and what to do.

use std::{net::IpAddr, time::Duration};

/// Why there is no response. Every text is our own except the target's authority, which the person at
/// the keyboard wrote, and numbers: nothing that a target sends can reach the screen through it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The address belongs to our own listener.
    #[error(
        "{0} is where hookglass itself listens: sending there would go round in a ring, choose another target."
    )]
    Own(String),
    /// The address is a cloud's metadata service.
    #[error("{host} is the metadata service of a cloud ({ip}), to which nothing is sent.")]
    Metadata {
        /// The host as the target names it.
        host: String,
        /// The address it stands for.
        ip: IpAddr,
    },
    /// The name has no address.
    #[error("No address was found for {0}: check the name and the network.")]
    Resolve(String),
    /// The port is closed.
    #[error("Nothing listens on {0}: start your app, or choose another target.")]
    Refused(String),
    /// The network has no way there.
    #[error("{authority} cannot be reached ({kind}): check the network, or choose another target.")]
    Unreachable {
        /// Host and port of the target.
        authority: String,
        /// The kind of the system's error.
        kind: std::io::ErrorKind,
    },
    /// No connection, TLS included, in time.
    #[error(
        "{authority} took no connection within {}: check that it runs and that no firewall is between.",
        seconds(.within)
    )]
    ConnectTimeout {
        /// Host and port of the target.
        authority: String,
        /// The limit.
        within: Duration,
    },
    /// The certificate is not accepted.
    #[error(
        "{authority} has a certificate that is not accepted: {why}. \
         Send to http:// on your own machine, or add its authority to those the system trusts."
    )]
    Certificate {
        /// Host and port of the target.
        authority: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// There is no TLS at the other end, or none that both sides speak.
    #[error("{authority} {why}: check that the target's scheme and port are right.")]
    Tls {
        /// Host and port of the target.
        authority: String,
        /// What went wrong.
        why: &'static str,
    },
    /// TLS cannot be used here at all.
    #[error(
        "TLS cannot be used, as no trusted certificates were found: install the system's CA certificates."
    )]
    NoTrust,
    /// A response did not begin in time.
    #[error("{authority} did not answer within {}: the app hangs, or is stopped in a debugger.", seconds(.within))]
    Silent {
        /// Host and port of the target.
        authority: String,
        /// The limit.
        within: Duration,
    },
    /// The connection ended before a response.
    #[error("{0} closed the connection without an answer: look for an error in the app's log.")]
    Closed(String),
    /// What came back is not HTTP/1.
    #[error("{0} answered something that is not HTTP: check the port, and whether it wants https.")]
    NotHttp(String),
    /// The head of the response is beyond what is read.
    #[error("{0} answered with more headers than are read (256 KiB or 1024 lines).")]
    HeadTooLarge(String),
    /// The body of the response did not end in time.
    #[error(
        "{authority} answered {status}, but its response did not end within {} ({got} bytes came).",
        seconds(.within)
    )]
    BodyTimeout {
        /// Host and port of the target.
        authority: String,
        /// The status code that came.
        status: u16,
        /// Bytes of the body that came.
        got: u64,
        /// The limit.
        within: Duration,
    },
    /// The body of the response ended too early or was malformed.
    #[error("{authority} answered {status}, but its response broke off after {got} bytes of the body.")]
    BodyBroken {
        /// Host and port of the target.
        authority: String,
        /// The status code that came.
        status: u16,
        /// Bytes of the body that came.
        got: u64,
    },
}

/// A limit as people write it: `5 s`, `250 ms`.
fn seconds(limit: &Duration) -> String {
    if limit.subsec_millis() == 0 {
        format!("{} s", limit.as_secs())
    } else {
        format!("{} ms", limit.as_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sentence_says_what_to_do() {
        assert_eq!(
            SendError::Refused("localhost:3000".into()).to_string(),
            "Nothing listens on localhost:3000: start your app, or choose another target."
        );
        let limit = Duration::from_secs(5);
        let text = SendError::ConnectTimeout { authority: "h:1".into(), within: limit }.to_string();
        assert!(text.starts_with("h:1 took no connection within 5 s: "), "{text}");
        assert_eq!(seconds(&Duration::from_millis(250)), "250 ms");
    }
}
